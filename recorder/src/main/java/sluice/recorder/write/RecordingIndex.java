package sluice.recorder.write;

import java.util.List;

/** Where the writer notes what is where: {@link IndexWriter}, or {@link NoIndex} in raw mode. */
sealed interface RecordingIndex extends AutoCloseable permits IndexWriter, NoIndex {
  /** Whether what is noted here is on the drive afterwards. */
  boolean isKept();

  /** Whether so many entries can be appended now. */
  boolean hasRoom(int entries);

  /** The pieces that are left out of what is written; another list when there is one more. */
  List<Integer> leftOut();

  /** How many entries there is room for when some pieces are left out. */
  long capacity(List<Integer> without);

  /** How many more entries the recording has room for on the drive. */
  long remaining();

  /** Entries in all, written or not. */
  long appended();

  /** Entries whose write has completed. */
  long written();

  /** The checksum of the chain of all entries. */
  int chain();

  void chunk(long driveAddress, long length, long timeNanos, int dataCrc);

  void gap(long lostBytes, long timeNanos, boolean isEstimate);

  void mark(long durableOffset, long highWaterBytes, long timeNanos, int kelvin);

  /**
   * Writes what is there, if it is much or if it is wanted.
   *
   * @param wanted entries that shall be written, however few
   */
  int doWork(long wanted);

  /**
   * The write in flight has failed for good: its piece is left out, and all of it written to the
   * next.
   *
   * @param needed entries that there must be room for besides
   * @return false if that cannot be, and nothing has changed
   */
  boolean leaveOut(long needed);

  /** Its write has completed. */
  void completed();

  /** Its write has failed, and is to be tried again. */
  void again();

  @Override
  void close();
}
