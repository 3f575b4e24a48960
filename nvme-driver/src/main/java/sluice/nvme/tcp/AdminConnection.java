package sluice.nvme.tcp;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.FabricsCommand;
import sluice.nvme.spec.Registers;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/**
 * The admin queue's connection, which several threads use: those that have the controller's lock,
 * the one that keeps the controller alive, and who gives the transport its turn. Each does so under
 * the lock of this.
 */
final class AdminConnection {
  /** What a property reads as that cannot be read. */
  static final long GONE = -1;

  private final ReentrantLock lock = new ReentrantLock();
  private final LongSupplier clock;
  private final long timeoutNanos;
  private final long keepAliveNanos;
  private final LongConsumer whenAlive;

  /** Null before the first. */
  private Connection connection;

  private boolean isEnabled;
  private boolean hasAsked;
  private long askedAt;

  /**
   * @param whenAlive told when a Keep Alive was sent that has been answered
   */
  AdminConnection(
      LongSupplier clock, Duration timeout, Duration keepAlive, LongConsumer whenAlive) {
    this.clock = clock;
    this.whenAlive = whenAlive;
    this.timeoutNanos = timeout.toNanos();
    this.keepAliveNanos = keepAlive.toNanos();
  }

  /** From now on it is another one. */
  Connection replace(Connection next) {
    lock.lock();
    try {
      Connection before = connection;
      connection = next;
      isEnabled = false;
      hasAsked = false;
      return before;
    } finally {
      lock.unlock();
    }
  }

  /** Reads a property; {@link #GONE} if the connection has ended. */
  long property(int property, boolean isLong) {
    lock.lock();
    try {
      if (connection.failure() != null) {
        return GONE;
      }
      long entry = connection.claim();
      FabricsCommand.propertyGet(entry, connection.callIdentifier(), property, isLong);
      if (!call(entry) || connection.status() != 0) {
        return GONE;
      }
      return isLong ? connection.result() : Integer.toUnsignedLong((int) connection.result());
    } finally {
      lock.unlock();
    }
  }

  /** Writes a property of four bytes; a connection that has ended shows in the next read. */
  void property(int property, int value) {
    lock.lock();
    try {
      if (connection.failure() != null) {
        return;
      }
      long entry = connection.claim();
      FabricsCommand.propertySet(entry, connection.callIdentifier(), property, value);
      if (call(entry) && connection.status() != 0) {
        connection.fail("refuses to have a property set");
      }
      if (property == Registers.CC) {
        isEnabled = Cc.en(value);
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean call(long entry) {
    return connection.call(entry, null, 0, false, clock, clock.getAsLong() + timeoutNanos);
  }

  /** Posts a command, and sends it. */
  void post(int slot, long entry, DmaMemory memory, long offset, int bytes) {
    lock.lock();
    try {
      if (connection.failure() != null) {
        // It is told when its completion is asked for.
        return;
      }
      long place = connection.claim();
      OffHeap.copy(entry, place, SubmissionEntry.BYTES);
      if (memory != null) {
        connection.describe(place, memory, offset, bytes);
      }
      connection.post(slot, place);
      connection.ring();
    } finally {
      lock.unlock();
    }
  }

  /** Receives what is there, unless another thread is at it. */
  int poll() {
    if (!lock.tryLock()) {
      return 0;
    }
    try {
      return connection == null ? 0 : Math.max(0, connection.poll());
    } finally {
      lock.unlock();
    }
  }

  /** The first completion's address; 0 if there is none. */
  long peek() {
    lock.lock();
    try {
      return connection.peek();
    } finally {
      lock.unlock();
    }
  }

  void pop() {
    lock.lock();
    try {
      connection.pop();
    } finally {
      lock.unlock();
    }
  }

  /** Why it has ended; null while it has not, and before the first. */
  String failure() {
    lock.lock();
    try {
      return connection == null ? null : connection.failure();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until something can be received. */
  boolean await(long timeoutNanos) {
    Connection current;
    lock.lock();
    try {
      current = connection;
    } finally {
      lock.unlock();
    }
    return current.await(timeoutNanos);
  }

  /**
   * Sends a Keep Alive, or ends the connection if the last one has not been answered in time. A
   * controller that is not enabled takes none.
   */
  void keepAlive() {
    lock.lock();
    try {
      if (!isEnabled || connection.poll() == Connection.ENDED) {
        return;
      }
      long now = clock.getAsLong();
      if (!connection.isKeepAliveOut()) {
        if (hasAsked) {
          whenAlive.accept(askedAt);
        }
        hasAsked = true;
        long entry = connection.claim();
        SubmissionEntry.begin(entry, AdminOpcode.KEEP_ALIVE, connection.keepAliveIdentifier(), 0);
        connection.postKeepAlive(entry);
        connection.ring();
        askedAt = now;
      } else if (now - askedAt > keepAliveNanos) {
        connection.fail("does not answer to Keep Alive");
      }
    } finally {
      lock.unlock();
    }
  }

  /** Nothing is sent or received on it any more. */
  void end() {
    lock.lock();
    try {
      if (connection != null) {
        connection.retire();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return String.valueOf(connection);
  }
}
