package sluice.nvme.drive;

import sluice.vfio.DmaSpace;

/** A range of bytes that keeps what is written to it. */
public interface Drive extends AutoCloseable {
  /** How a person would name it. */
  String name();

  /** Its size in bytes. */
  long bytes();

  /** Bytes in a logical block: a power of two, 4096 at the most. */
  int blockSize();

  /** Whether it refuses to be written; it can be read all the same. */
  default boolean isWriteProtected() {
    return false;
  }

  /** Where the memory of transfers is taken from. */
  DmaSpace dma();

  /** The deepest queue that {@link #openQueue} opens. */
  int maxQueueDepth();

  /**
   * Opens a queue, which one thread uses.
   *
   * @param depth transfers that can be outstanding
   */
  DriveQueue openQueue(int depth);

  /**
   * How long the drive wants to be left alone before a request is tried again.
   *
   * @param delay the status's Command Retry Delay, 1 to 3
   * @return nanoseconds; 0 if it does not say
   */
  default long retryDelayNanos(int delay) {
    return 0;
  }

  /** Gives the drive back. Its queues must no longer be in use. */
  @Override
  void close();
}
