package sluice.recorder.write;

import java.util.List;

/** Raw mode's index: takes any number of entries, and keeps none. It never writes. */
final class NoIndex implements RecordingIndex {
  @Override
  public boolean isKept() {
    return false;
  }

  @Override
  public boolean hasRoom(int entries) {
    return true;
  }

  @Override
  public List<Integer> leftOut() {
    return List.of();
  }

  @Override
  public long capacity(List<Integer> without) {
    return Long.MAX_VALUE;
  }

  @Override
  public long remaining() {
    return Long.MAX_VALUE;
  }

  @Override
  public long appended() {
    return 0;
  }

  @Override
  public long written() {
    return 0;
  }

  @Override
  public int chain() {
    return 0;
  }

  @Override
  public void chunk(long driveAddress, long length, long timeNanos, int dataCrc) {}

  @Override
  public void gap(long lostBytes, long timeNanos, boolean isEstimate) {}

  @Override
  public void mark(long durableOffset, long highWaterBytes, long timeNanos, int kelvin) {}

  @Override
  public int doWork(long wanted) {
    return 0;
  }

  @Override
  public boolean leaveOut(long needed) {
    throw neverWrites();
  }

  @Override
  public void completed() {
    throw neverWrites();
  }

  @Override
  public void again() {
    throw neverWrites();
  }

  private static IllegalStateException neverWrites() {
    return new IllegalStateException("there is no index, and so no write of it");
  }

  @Override
  public void close() {}
}
