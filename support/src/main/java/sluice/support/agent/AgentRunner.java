package sluice.support.agent;

import java.time.Duration;
import java.util.OptionalInt;
import sluice.support.linux.Linux;

/**
 * Gives an agent a thread, until it is closed or the agent fails. A failure ends the agent, is kept
 * for {@link #failure}, and is thrown by {@link #close}.
 */
public final class AgentRunner implements AutoCloseable {
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  private final Agent agent;
  private final IdleStrategy idle;
  private final OptionalInt processor;
  private final Thread thread;
  private volatile boolean stopping;
  private volatile Throwable failure;

  private AgentRunner(Agent agent, IdleStrategy idle, OptionalInt processor) {
    this.agent = agent;
    this.idle = idle;
    this.processor = processor;
    this.thread = Thread.ofPlatform().name(agent.name()).daemon().unstarted(this::run);
  }

  /** Starts an agent on a thread of its own. */
  public static AgentRunner start(Agent agent, IdleStrategy idle) {
    return start(agent, idle, OptionalInt.empty());
  }

  /**
   * Starts an agent on a thread of its own.
   *
   * @param idle for this agent alone
   * @param processor the one to bind the thread to; empty for any
   */
  public static AgentRunner start(Agent agent, IdleStrategy idle, OptionalInt processor) {
    AgentRunner runner = new AgentRunner(agent, idle, processor);
    runner.thread.start();
    return runner;
  }

  private void run() {
    try (agent) {
      if (processor.isPresent()) {
        Linux.pinThread(processor.getAsInt());
      }
      while (!stopping) {
        runUntilFault();
      }
    } catch (Throwable t) {
      failure = t;
    }
  }

  private void runUntilFault() {
    try {
      while (!stopping) {
        idle.idle(agent.doWork());
      }
    } catch (InternalError e) {
      if (!agent.outlives(e)) {
        throw e;
      }
    }
  }

  /** What ended the agent; null while it runs, or when it was closed in good order. */
  public Throwable failure() {
    return failure;
  }

  /** Whether its thread still runs. */
  public boolean isRunning() {
    return thread.isAlive();
  }

  /**
   * Stops the agent after its turn, closes it on its thread, and waits for that.
   *
   * @throws IllegalStateException if the agent had failed, or does not stop within 10 s
   */
  @Override
  public void close() {
    if (!tryClose(STOP_TIMEOUT)) {
      throw new IllegalStateException(
          agent.name() + " did not stop within " + STOP_TIMEOUT.toSeconds() + " s");
    }
  }

  /**
   * As {@link #close}, for as long as the caller wants to wait.
   *
   * @return whether its thread has ended; if not, the agent goes on with its turn, and is closed
   *     when that is over
   * @throws IllegalStateException if the agent had failed
   */
  public boolean tryClose(Duration timeout) {
    stopping = true;
    agent.giveUpWaiting();
    boolean interrupted = false;
    long deadline = System.nanoTime() + timeout.toNanos();
    while (thread.isAlive() && deadline - System.nanoTime() > 0) {
      try {
        if (thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())))) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      return false;
    }
    if (failure != null) {
      String why = failure.getMessage() == null ? failure.toString() : failure.getMessage();
      throw new IllegalStateException(agent.name() + " failed: " + why, failure);
    }
    return true;
  }
}
