package sluice.nvme;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import sluice.support.events.Incidents;
import sluice.support.events.StateLog;

/**
 * A controller's way through resets: from disabled to set up, or to failed for good. A controller
 * that does not come up is tried again a few times: it may be in the middle of what made the reset
 * necessary.
 *
 * <p>Each reset begins a generation. What was told to the controller in an earlier one it has
 * forgotten, and the memory that it was told of may be freed; after a reset that failed only if it
 * cannot reach memory any more.
 *
 * <p>The controller's lock guards whatever changes; questions may be asked from any thread.
 */
final class Recovery {
  private static final int REFUSED = Integer.MIN_VALUE;
  private static final Duration PAUSE = Duration.ofMillis(250);

  private enum State {
    /** For the first time. */
    COMING_UP,
    RUNNING,
    RESETTING,
    /** For good. */
    FAILED,
    SHUTTING_DOWN
  }

  private final ControllerTransport transport;
  private final ControllerProperties properties;
  private final Waiting waiting;
  private final Notices notices;
  private final BringUpSteps steps;
  private final AtomicInteger generation = new AtomicInteger();
  private volatile int usable;
  private volatile boolean refusesQueues;
  private volatile NvmeException failure;

  /** Whether a controller that has failed may still reach memory. */
  private volatile boolean reachesMemory;

  private State state = State.COMING_UP;

  /** Null until it is known: before that, nothing is late. */
  private Runnable bringUp;

  Recovery(
      ControllerTransport transport,
      ControllerProperties properties,
      Waiting waiting,
      Notices notices,
      BringUpSteps steps) {
    this.transport = transport;
    this.properties = properties;
    this.waiting = waiting;
    this.notices = notices;
    this.steps = steps;
  }

  /** As {@link #generation}, until queues are refused: then one that no queue has seen. */
  int usableGeneration() {
    return usable;
  }

  /** From now on no queue is used any more. */
  void refuseQueues() {
    refusesQueues = true;
    usable = REFUSED;
  }

  /** Counts resets. Queues compare it with what they saw when they were created. */
  int generation() {
    return generation.get();
  }

  /** What the controller has failed of; null if it runs. */
  NvmeException failure() {
    return failure;
  }

  /** Whether the controller reaches no memory any more that it was told of in a generation. */
  boolean hasForgotten(int seenGeneration) {
    return !transport.isPresent() || (generation.get() != seenGeneration && !reachesMemory);
  }

  /**
   * To be called when the controller has been brought up for the first time.
   *
   * @param howToBringUp enables the disabled controller and sets it up, from now on
   */
  void begin(Runnable howToBringUp) {
    bringUp = howToBringUp;
    become(State.RUNNING, "");
  }

  /** The one place where the state changes. */
  private void become(State next, String reason) {
    State before = state;
    state = next;
    StateLog.changed("controller", transport.address(), before, next, reason);
  }

  /** How it stands, for people; takes no lock. */
  @Override
  public String toString() {
    return state + ", generation " + generation;
  }

  /** Whether the controller is up; if not, a late command is for who brings it up to deal with. */
  boolean isUp() {
    return state == State.RUNNING;
  }

  /** The controller is about to be shut down: no late command is worth a reset any more. */
  void end() {
    become(State.SHUTTING_DOWN, "it is closed");
  }

  /**
   * Resets the controller and brings it up again.
   *
   * @param reason for people
   * @throws NvmeException if that does not work: the controller has failed then
   */
  void restart(String reason) {
    long start = System.nanoTime();
    become(State.RESETTING, reason);
    try {
      for (int attempt = 1; !tryRestart(attempt); attempt++) {
        // A controller that is gone ends the wait, and the attempts, with an exception.
        boolean _ = waiting.until(() -> false, PAUSE);
      }
      become(State.RUNNING, "");
    } catch (RuntimeException e) {
      // Whatever it was told to do it may still be doing: what it cannot reach it cannot harm.
      NvmeException cause =
          e instanceof NvmeException known ? known : new NvmeException(e.getMessage(), e);
      reachesMemory = !detach(cause);
      failure = cause;
      become(State.FAILED, failure.getMessage());
      throw failure;
    } finally {
      Incidents.reset(
          transport.address(), reason, System.nanoTime() - start, state == State.RUNNING);
      int now = generation.incrementAndGet();
      usable = refusesQueues ? REFUSED : now;
      if (refusesQueues) {
        usable = REFUSED;
      }
    }
  }

  /** Whether the controller is cut off for certain. */
  private boolean detach(NvmeException cause) {
    try {
      return transport.detach();
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
      return false;
    }
  }

  /** Returns false if it has failed and is worth another attempt. */
  private boolean tryRestart(int attempt) {
    steps.begin();
    try {
      transport.attach();
      disable();
      steps.taken("disable");
      bringUp.run();
      return true;
    } catch (NvmeException e) {
      if (!transport.isPresent() || !transport.isWorthAnother(attempt)) {
        throw e;
      }
      if (Integer.bitCount(attempt) == 1) {
        notices.add("does not come back from its reset, which is tried again: " + e.getMessage());
      }
      return false;
    }
  }

  /** A command that is late may still write to memory: only a reset ends it for sure. */
  void restartAfter(NvmeException cause) {
    if (!isUp()) {
      return;
    }
    notices.add("is reset: " + cause.getMessage());
    try {
      restart(cause.getMessage());
    } catch (NvmeException e) {
      cause.addSuppressed(e);
    }
  }

  /** Disables the controller; one that does not stop is reset from outside, if that is possible. */
  void disable() {
    try {
      properties.disable();
    } catch (NvmeException e) {
      resetFromOutside(e);
    }
  }

  private void resetFromOutside(NvmeException cause) {
    if (!transport.isPresent()) {
      throw cause;
    }
    try {
      transport.reset();
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
      throw cause;
    }
    transport.attach();
    properties.disable();
  }
}
