package sluice.bench.result;

import java.util.Arrays;
import java.util.Objects;

/**
 * The samples of one of a job's log files ({@code write_bw_log} and its kin): a time after the
 * job's start, a value, a direction, a block size, an offset.
 *
 * <p>With a window ({@code log_avg_msec}) the samples of each direction are averaged, or with
 * {@code log_max_value} the largest is taken, and one is kept per window: nothing is allocated per
 * sample then. Without a window each sample is kept. One thread adds; after {@link #finish} the log
 * may be read by all.
 */
public final class SampleLog {
  private static final int DIRECTIONS = Direction.values().length;

  private final LogKind kind;
  private final String name;
  private final int jobNumber;
  private final long windowMillis;
  private final boolean maximum;
  private final boolean offsets;

  private long[] times = new long[64];
  private long[] values = new long[64];
  private long[] positions = new long[64];
  private int[] sizes = new int[64];
  private byte[] directions = new byte[64];
  private int size;

  private long windowEnd;
  private final long[] windowCounts = new long[DIRECTIONS];
  private final double[] windowMeans = new double[DIRECTIONS];
  private final long[] windowMaxima = new long[DIRECTIONS];

  /**
   * Makes an empty log.
   *
   * @param kind what its values are
   * @param name what its file's name begins with: the option's value, or the job's name without one
   * @param jobNumber the number in the file's name: 1 for the first job or clone of the run; 0 for
   *     {@code per_job_logs=0}, whose names have no number
   * @param windowMillis {@code log_avg_msec}; 0 to keep each sample
   * @param maximum {@code log_max_value}: whether a window's largest value is kept, not its mean
   * @param offsets {@code log_offset}: whether the file has a column of offsets
   */
  public SampleLog(
      LogKind kind,
      String name,
      int jobNumber,
      long windowMillis,
      boolean maximum,
      boolean offsets) {
    this.kind = Objects.requireNonNull(kind, "kind");
    this.name = Objects.requireNonNull(name, "name");
    if (jobNumber < 0 || windowMillis < 0) {
      throw new IllegalArgumentException(
          "job number " + jobNumber + " and window " + windowMillis + " must be 0 or more");
    }
    this.jobNumber = jobNumber;
    this.windowMillis = windowMillis;
    this.maximum = maximum;
    this.offsets = offsets;
    this.windowEnd = windowMillis;
  }

  /**
   * Takes a sample.
   *
   * @param timeMillis after the job's start; not before that of the sample before
   * @param value in the unit of the log's kind
   * @param blockBytes of the command; 0 where samples are of no single command
   * @param offsetBytes of the command on the drive
   */
  public void add(
      long timeMillis, long value, Direction direction, int blockBytes, long offsetBytes) {
    if (windowMillis == 0) {
      append(timeMillis, value, direction.number(), blockBytes, offsetBytes);
      return;
    }
    if (timeMillis >= windowEnd) {
      closeWindow();
      windowEnd = (timeMillis / windowMillis + 1) * windowMillis;
    }
    int d = direction.number();
    long count = ++windowCounts[d];
    windowMeans[d] += (value - windowMeans[d]) / count;
    windowMaxima[d] = Math.max(windowMaxima[d], value);
  }

  /** Keeps what is in the last window: the job has ended. */
  public void finish() {
    closeWindow();
  }

  private void closeWindow() {
    for (int d = 0; d < DIRECTIONS; d++) {
      if (windowCounts[d] > 0) {
        append(windowEnd, maximum ? windowMaxima[d] : Math.round(windowMeans[d]), d, 0, 0);
        windowCounts[d] = 0;
        windowMeans[d] = 0;
        windowMaxima[d] = 0;
      }
    }
  }

  private void append(long time, long value, int direction, int blockBytes, long offset) {
    if (size == times.length) {
      int capacity = Math.multiplyExact(size, 2);
      times = Arrays.copyOf(times, capacity);
      values = Arrays.copyOf(values, capacity);
      positions = Arrays.copyOf(positions, capacity);
      sizes = Arrays.copyOf(sizes, capacity);
      directions = Arrays.copyOf(directions, capacity);
    }
    times[size] = time;
    values[size] = value;
    positions[size] = offset;
    sizes[size] = blockBytes;
    directions[size] = (byte) direction;
    size++;
  }

  public LogKind kind() {
    return kind;
  }

  /** The file's name, without a folder: {@code NAME_bw.1.log}. */
  public String fileName() {
    String number = jobNumber == 0 ? "" : "." + jobNumber;
    return name + "_" + kind.suffix() + number + ".log";
  }

  public boolean hasOffsets() {
    return offsets;
  }

  public int size() {
    return size;
  }

  /** When a sample was taken, in milliseconds after the job's start; of a window: its end. */
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
    return positions[Objects.checkIndex(index, size)];
  }
}
