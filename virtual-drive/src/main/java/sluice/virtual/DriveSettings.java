package sluice.virtual;

/**
 * What a virtual drive is like, but for its speed and its faults, which are its {@link
 * Personality}. Set before the drive is made.
 */
public final class DriveSettings {
  private String serial = "SLUICE0";
  private int blockBytes = 512;
  private int namespaces = 1;
  private int queueEntries = 1024;
  private int ioQueues = 64;
  private int mdts = 5;
  private int dstrd;
  private boolean shadowDoorbells;

  /** Serial number, at most 20 characters of ASCII. */
  public DriveSettings serial(String value) {
    require(!value.isEmpty() && value.length() <= 20, "serial", value, "1 to 20 characters");
    serial = value;
    return this;
  }

  public String serial() {
    return serial;
  }

  /** Bytes in a logical block: 512 or 4096. */
  public DriveSettings blockBytes(int value) {
    require(value == 512 || value == 4096, "lba", value, "512 or 4096");
    blockBytes = value;
    return this;
  }

  public int blockBytes() {
    return blockBytes;
  }

  /** Into how many namespaces of equal size the drive is split, 1 to 16. */
  public DriveSettings namespaces(int value) {
    require(value >= 1 && value <= 16, "ns", value, "1 to 16");
    namespaces = value;
    return this;
  }

  public int namespaces() {
    return namespaces;
  }

  /** The most entries of a queue, 2 to 32768: CAP.MQES. */
  public DriveSettings queueEntries(int value) {
    require(value >= 2 && value <= 32768, "mqes", value, "2 to 32768");
    queueEntries = value;
    return this;
  }

  public int queueEntries() {
    return queueEntries;
  }

  /** The most pairs of I/O queues, 1 to 255. */
  public DriveSettings ioQueues(int value) {
    require(value >= 1 && value <= 255, "queues", value, "1 to 255");
    ioQueues = value;
    return this;
  }

  public int ioQueues() {
    return ioQueues;
  }

  /**
   * The largest transfer: 2 to this power pages of 4 KiB, 0 to 12; 0 tells no limit, and has none.
   */
  public DriveSettings mdts(int value) {
    require(
        value >= 0 && value <= 12, "mdts", value, "0 to 12, the power of two of pages of 4 KiB");
    mdts = value;
    return this;
  }

  public int mdts() {
    return mdts;
  }

  /** Bytes of the largest transfer that the drive takes. */
  long maxTransfer() {
    return mdts == 0 ? (1L << 16) * blockBytes : 4096L << mdts;
  }

  /** Doorbell stride, 0 to 8: doorbells are 4 bytes shifted left by this apart. */
  public DriveSettings dstrd(int value) {
    require(value >= 0 && value <= 8, "dstrd", value, "0 to 8");
    dstrd = value;
    return this;
  }

  public int dstrd() {
    return dstrd;
  }

  /** Whether Doorbell Buffer Config is offered. */
  public DriveSettings shadowDoorbells(boolean value) {
    shadowDoorbells = value;
    return this;
  }

  public boolean shadowDoorbells() {
    return shadowDoorbells;
  }

  private static void require(boolean condition, String what, Object value, String allowed) {
    if (!condition) {
      throw new IllegalArgumentException(what + "=" + value + ": it must be " + allowed);
    }
  }
}
