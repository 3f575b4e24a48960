package sluice.cli;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import sluice.support.agent.Agent;
import sluice.support.agent.AgentRunner;
import sluice.support.agent.IdleStrategy;

/** Lets something serve until somebody ends it. */
final class Serving {
  private static final long POLL_MILLIS = 100;

  /** After this time it is told that the end takes longer. */
  private static final Duration SOON = Duration.ofSeconds(5);

  private static final Duration LATEST = Duration.ofMinutes(15);

  private Serving() {}

  /**
   * Runs an agent until a signal comes, or it fails, and closes it.
   *
   * @param processor null for any
   * @param started called when it runs
   */
  static void untilSignal(Agent agent, IdleStrategy idle, Integer processor, Runnable started) {
    CountDownLatch stopping = new CountDownLatch(1);
    Signals.onFirst(stopping::countDown);
    OptionalInt on = processor == null ? OptionalInt.empty() : OptionalInt.of(processor);
    AgentRunner runner = AgentRunner.start(agent, idle, on);
    try {
      started.run();
      while (runner.isRunning() && !await(stopping)) {
        // Until somebody ends it, or it fails, which ending it tells.
      }
    } finally {
      end(runner, System.err::println);
    }
  }

  /** Waits for the end, which may have much to make durable. */
  static void end(AgentRunner runner, Consumer<String> log) {
    if (runner.tryClose(SOON)) {
      return;
    }
    log.accept(
        "what was written is still being made durable, for up to %d minutes; another Ctrl-C ends at once"
            .formatted(LATEST.toMinutes()));
    if (!runner.tryClose(LATEST)) {
      throw new IllegalStateException(
          "what was written last may not be durable: that was not done within %d minutes"
              .formatted(LATEST.toMinutes()));
    }
  }

  private static boolean await(CountDownLatch stopping) {
    try {
      return stopping.await(POLL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
