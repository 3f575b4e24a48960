package sluice.virtual.command;

import java.util.Arrays;
import java.util.List;
import sluice.nvme.spec.Cap;
import sluice.virtual.media.DriveIdentity;
import sluice.virtual.personality.Personality;

/**
 * What a virtual drive is like, but for its speed and its faults, which are its {@link
 * Personality}. Set before the drive is made.
 */
public final class DriveSettings {
  /** Of the PCI function, and told by Identify Controller. */
  public static final int PCI_VENDOR = 0x1234;

  private static final int MAX_NAMESPACES = 16;

  /** CAP.TO: until the drive is ready, in 500 ms. */
  private static final int TIMEOUT_UNITS = 15;

  private DriveIdentity identity = DriveIdentity.random();
  private boolean readOnly;
  private int blockBytes = 512;
  private int namespaces = 1;
  private List<Long> namespaceBytes = List.of();
  private int queueEntries = 1024;
  private int ioQueues = 64;
  private int mdts = 5;
  private int dstrd;
  private boolean shadowDoorbells;
  private boolean shared;

  /** What a host knows the drive by; one that no other has if it is not set. */
  public DriveSettings identity(DriveIdentity value) {
    identity = value;
    return this;
  }

  public DriveIdentity identity() {
    return identity;
  }

  /** Whether the drive cannot be written: its namespaces are write protected. */
  public DriveSettings readOnly(boolean value) {
    readOnly = value;
    return this;
  }

  public boolean readOnly() {
    return readOnly;
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
    require(value >= 1 && value <= MAX_NAMESPACES, "ns", value, "1 to " + MAX_NAMESPACES);
    namespaces = value;
    namespaceBytes = List.of();
    return this;
  }

  /** The size of each namespace in bytes, from namespace 1; whole logical blocks. */
  public DriveSettings namespaceBytes(List<Long> sizes) {
    namespaces(sizes.size());
    namespaceBytes = List.copyOf(sizes);
    return this;
  }

  public int namespaces() {
    return namespaces;
  }

  /**
   * How a drive is split.
   *
   * @param size of the drive in bytes
   * @return blocks of each namespace
   * @throws IllegalArgumentException if the drive is too small
   */
  public long[] namespaceBlocks(long size) {
    long[] blocks = new long[namespaces];
    if (namespaceBytes.isEmpty()) {
      Arrays.fill(blocks, size / blockBytes / namespaces);
    } else {
      Arrays.setAll(blocks, i -> namespaceBytes.get(i) / blockBytes);
    }
    long needed = Arrays.stream(blocks).sum() * blockBytes;
    require(
        Arrays.stream(blocks).min().getAsLong() > 0,
        "ns",
        namespaces,
        "fewer: a namespace has a block at least, and the drive has " + size + " bytes");
    require(needed <= size, "ns", namespaceBytes, "smaller: the drive has " + size + " bytes");
    return blocks;
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

  /** Interrupt vectors: one for each completion queue. */
  public int vectors() {
    return ioQueues + 1;
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
  public long maxTransfer() {
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

  /** Whether it may have many controllers, whose hosts share its namespaces and keep alive. */
  public DriveSettings shared(boolean value) {
    shared = value;
    return this;
  }

  public boolean shared() {
    return shared;
  }

  /** The register CAP of such a drive. */
  public long capabilities() {
    long cap = Cap.mqes(0, queueEntries - 1);
    cap = Cap.cqr(cap, true);
    cap = Cap.to(cap, TIMEOUT_UNITS);
    cap = Cap.dstrd(cap, dstrd);
    cap = Cap.css(cap, Cap.CSS_NVM);
    return Cap.mpsmax(cap, 4);
  }

  private static void require(boolean condition, String what, Object value, String allowed) {
    if (!condition) {
      throw new IllegalArgumentException(what + "=" + value + ": must be " + allowed);
    }
  }
}
