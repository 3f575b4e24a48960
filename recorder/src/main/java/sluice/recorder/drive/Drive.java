package sluice.recorder.drive;

import sluice.vfio.DmaSpace;

/** A range of bytes that keeps what is written to it. */
public interface Drive extends AutoCloseable {
  /** How a person would name it. */
  String name();

  /** Its size in bytes. */
  long bytes();

  /** Bytes in a logical block: a power of two, 4096 at the most. */
  int blockSize();

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

  /** Gives the drive back. Its queues must no longer be in use. */
  @Override
  void close();
}
