package sluice.nvme.tcp;

import java.util.function.LongSupplier;
import sluice.nvme.CompletionMode;
import sluice.nvme.TransportHost;
import sluice.vfio.DmaMemory;

/** An I/O queue as a connection of its own, which is made each time the queue is created. */
final class TcpQueue extends ConnectionQueue {
  /** For how long a hybrid wait looks before it sleeps: about what a fast network takes. */
  private static final long SPIN_NANOS = 50_000;

  private final Association association;
  private final int id;
  private final int depth;
  private final LongSupplier clock;

  /** Null before the queue is created. */
  private Connection connection;

  /** Of the command that is claimed. */
  private long entry;

  TcpQueue(Association association, int id, int depth, CompletionMode mode, LongSupplier clock) {
    super(mode);
    this.association = association;
    this.id = id;
    this.depth = depth;
    this.clock = clock;
  }

  @Override
  public void create(TransportHost host) {
    close();
    connection = association.connectQueue(id, depth);
  }

  @Override
  public void delete(TransportHost host) {
    association.endQueue(connection);
  }

  @Override
  public long claim() {
    entry = connection.claim();
    return entry;
  }

  @Override
  public void describe(long itsEntry, int slot, DmaMemory memory, long offset, long bytes) {
    connection.describe(itsEntry, memory, offset, (int) bytes);
  }

  @Override
  public void post(int slot) {
    connection.post(slot, entry);
  }

  @Override
  public void ring() {
    connection.ring();
  }

  /** When another queue's connection has ended, this one's is about to be ended too. */
  @Override
  public int poll() {
    return association.isLost() ? Connection.ENDED : connection.poll();
  }

  @Override
  public long peek() {
    return connection.peek();
  }

  @Override
  public void pop() {
    connection.pop();
  }

  @Override
  public boolean await(long timeoutNanos) {
    if (mode == CompletionMode.POLLED || connection.peek() != 0) {
      return true;
    }
    if (mode == CompletionMode.HYBRID && spin(Math.min(SPIN_NANOS, timeoutNanos))) {
      return true;
    }
    return connection.await(timeoutNanos);
  }

  private boolean spin(long nanos) {
    long start = clock.getAsLong();
    do {
      if (connection.poll() == Connection.ENDED || connection.peek() != 0) {
        return true;
      }
      Thread.onSpinWait();
    } while (clock.getAsLong() - start < nanos);
    return false;
  }

  @Override
  public void close() {
    if (connection != null) {
      association.drop(connection);
    }
  }

  @Override
  public String toString() {
    return connection == null ? "no connection yet" : connection.toString();
  }
}
