package sluice.bench.result;

import java.util.Objects;

/**
 * Some samples of a {@link SampleLog}, one after the other: a time after the job's start, a value,
 * a direction, a block size, an offset. One thread fills it and hands it on; allocates nothing
 * after construction.
 */
public final class Samples {
  private final long[] times;
  private final long[] values;
  private final long[] offsets;
  private final int[] sizes;
  private final byte[] directions;
  private int size;

  /**
   * @param capacity how many there are room for, 1 or more
   */
  public Samples(int capacity) {
    times = new long[capacity];
    values = new long[capacity];
    offsets = new long[capacity];
    sizes = new int[capacity];
    directions = new byte[capacity];
  }

  /**
   * Takes a sample, for which there has to be room.
   *
   * @param timeMillis after the job's start; of a window its end
   * @param value in the unit of the log's kind
   * @param blockBytes of the command; 0 where samples are of no single command
   * @param offsetBytes of the command on the drive
   */
  public void add(
      long timeMillis, long value, Direction direction, int blockBytes, long offsetBytes) {
    times[size] = timeMillis;
    values[size] = value;
    offsets[size] = offsetBytes;
    sizes[size] = blockBytes;
    directions[size] = (byte) direction.number();
    size++;
  }

  public boolean isFull() {
    return size == times.length;
  }

  public int size() {
    return size;
  }

  /** Has room for as many again. */
  public void clear() {
    size = 0;
  }

  public long timeMillis(int index) {
    return times[Objects.checkIndex(index, size)];
  }

  public long value(int index) {
    return values[Objects.checkIndex(index, size)];
  }

  public Direction direction(int index) {
    return Direction.ofNumber(directions[Objects.checkIndex(index, size)]);
  }

  public int blockBytes(int index) {
    return sizes[Objects.checkIndex(index, size)];
  }

  public long offsetBytes(int index) {
    return offsets[Objects.checkIndex(index, size)];
  }
}
