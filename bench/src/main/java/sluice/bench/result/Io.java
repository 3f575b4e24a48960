package sluice.bench.result;

/**
 * An I/O that is told by itself.
 *
 * @param job its name
 * @param drive the number of its drive in the run, from 0
 * @param queue the identifier of the drive's queue that it went to
 * @param command {@code read}, {@code write}, {@code trim} or {@code flush}
 * @param offset its first byte on the drive; 0 of a flush
 * @param lba its first block on the drive; 0 of a flush
 * @param length in bytes; 0 of a flush
 * @param startNanos when it went out, after the job began to be measured; less than 0 in its ramp
 */
public record Io(
    String job,
    int drive,
    int queue,
    String command,
    long offset,
    long lba,
    int length,
    long startNanos) {

  /**
   * Where it went, for people: {@code drive 1, queue 2}.
   *
   * @param tellsDrive whether the run has several drives
   */
  public String way(boolean tellsDrive) {
    return (tellsDrive ? "drive " + drive + ", " : "") + "queue " + queue;
  }

  /** What it is and where, for people. */
  public String what() {
    return length == 0
        ? command
        : "%s of %d bytes at byte %d (LBA %d)".formatted(command, length, offset, lba);
  }
}
