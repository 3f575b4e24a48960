package sluice.cli;

import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import sluice.support.agent.Agent;
import sluice.support.agent.AgentRunner;
import sluice.support.agent.IdleStrategy;

/** Lets something serve until somebody ends it. */
final class Serving {
  private static final long POLL_MILLIS = 100;

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
    try (AgentRunner runner = AgentRunner.start(agent, idle, on)) {
      started.run();
      while (runner.isRunning() && !await(stopping)) {
        // Until somebody ends it, or it fails, which closing it tells.
      }
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
