package sluice.nvme.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.nvme.CompletionMode;
import sluice.nvme.ConnectionLostException;
import sluice.nvme.TransportHost;
import sluice.queues.SubmissionEntry;
import sluice.vfio.DmaMemory;

/**
 * The admin queue, whose connection is there before it and is used by others too: an entry is
 * written here, and copied into the connection when it is posted.
 */
final class TcpAdminQueue extends ConnectionQueue {
  private final String address;
  private final AdminConnection connection;
  private final MemorySegment memory = Arena.ofAuto().allocate(SubmissionEntry.BYTES, Long.BYTES);

  private DmaMemory data;
  private long dataOffset;
  private int dataBytes;

  TcpAdminQueue(String address, AdminConnection connection, CompletionMode mode) {
    super(mode);
    this.address = address;
    this.connection = connection;
  }

  /** The association that was made before the controller was disabled has it, and it is empty. */
  @Override
  public void create(TransportHost host) {}

  @Override
  public void delete(TransportHost host) {
    throw new UnsupportedOperationException("the admin queue lives as long as its association");
  }

  @Override
  public long claim() {
    return memory.address();
  }

  @Override
  public void describe(long entry, int slot, DmaMemory itsMemory, long offset, long bytes) {
    data = itsMemory;
    dataOffset = offset;
    dataBytes = (int) bytes;
  }

  @Override
  public void post(int slot) {
    connection.post(slot, memory.address(), data, dataOffset, dataBytes);
    data = null;
    dataBytes = 0;
  }

  /** What is posted has been sent. */
  @Override
  public void ring() {}

  @Override
  public int poll() {
    return connection.poll();
  }

  /**
   * {@inheritDoc}
   *
   * @throws ConnectionLostException if there is none, and there will be none any more
   */
  @Override
  public long peek() {
    long entry = connection.peek();
    if (entry == 0) {
      String failure = connection.failure();
      if (failure != null) {
        throw new ConnectionLostException(address + " " + failure);
      }
    }
    return entry;
  }

  @Override
  public void pop() {
    connection.pop();
  }

  @Override
  public boolean await(long timeoutNanos) {
    return connection.await(timeoutNanos);
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return connection.toString();
  }
}
