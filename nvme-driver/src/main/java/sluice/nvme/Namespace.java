package sluice.nvme;

import sluice.nvme.spec.IdentifyNamespace;

/** A namespace: a range of logical blocks that commands can be sent to. Immutable. */
public final class Namespace {
  private static final int MIN_BLOCK_SHIFT = 9;
  private static final int MAX_BLOCK_SHIFT = 16;

  /** Identifiers of I/O command sets (CSI). */
  static final int NVM = 0;

  static final int ZONED = 2;

  private final int id;
  private final int blockSize;
  private final int blockShift;
  private final long blocks;

  /** All blocks, or none. */
  private final long usableBlocks;

  private final long maxTransferBytes;
  private final IdentifyNamespace identify;
  private final String refusal;

  /**
   * @param commandSet the identifier of the I/O command set that it takes (CSI)
   */
  Namespace(int id, IdentifyNamespace identify, int commandSet, long maxTransferBytes) {
    this.id = id;
    this.identify = identify;
    this.blockShift = Math.min(identify.lbafLbads(identify.format()), MAX_BLOCK_SHIFT + 1);
    this.blockSize = 1 << blockShift;
    this.blocks = identify.nsze();
    this.maxTransferBytes = maxTransferBytes & -blockSize;
    this.refusal = refusalOf(commandSet, maxTransferBytes);
    this.usableBlocks = refusal.isEmpty() ? blocks : 0;
  }

  private String refusalOf(int commandSet, long limit) {
    if (commandSet == ZONED) {
      return "it is zoned, and this driver writes wherever it likes";
    }
    if (commandSet != NVM) {
      return "it takes another command set than blocks' (%02xh)".formatted(commandSet);
    }
    String format = refusalOfFormat();
    if (!format.isEmpty()) {
      return format + "; format it with plain blocks";
    }
    if (maxTransferBytes == 0) {
      return "its blocks have %d bytes, and one command moves %d at the most; format it with smaller ones"
          .formatted(blockSize, limit);
    }
    return "";
  }

  private String refusalOfFormat() {
    if (blockShift < MIN_BLOCK_SHIFT || blockShift > MAX_BLOCK_SHIFT) {
      return "its blocks have 2^" + identify.lbafLbads(identify.format()) + " bytes";
    }
    if (identify.metadataBytes() != 0) {
      return "it is formatted with " + identify.metadataBytes() + " bytes of metadata per block";
    }
    if (identify.isProtected()) {
      return "it is formatted with end-to-end protection";
    }
    if (blocks <= 0 || blocks > Long.MAX_VALUE >> blockShift) {
      return "it says that it has " + Long.toUnsignedString(blocks) + " blocks";
    }
    return "";
  }

  /** The namespace identifier, from 1. */
  public int id() {
    return id;
  }

  /** Bytes in a logical block, a power of two. */
  public int blockSize() {
    return blockSize;
  }

  /** The logarithm of {@link #blockSize}. */
  public int blockShift() {
    return blockShift;
  }

  /** Logical blocks (NSZE). */
  public long blocks() {
    return blocks;
  }

  /**
   * @throws IndexOutOfBoundsException unless there are so many blocks that can be used, at least 1
   */
  void checkBlocks(long lba, int count) {
    if (count < 1 || lba < 0 || lba > usableBlocks - count) {
      Namespace _ = requireUsable();
      throw new IndexOutOfBoundsException(count + " blocks from " + lba + " are not in " + this);
    }
  }

  /** Bytes in all blocks. */
  public long bytes() {
    return blocks << blockShift;
  }

  /** Bytes that one command can move; larger requests are split. Whole blocks. */
  public long maxTransferBytes() {
    return maxTransferBytes;
  }

  /** The whole Identify Namespace page. */
  public IdentifyNamespace identify() {
    return identify;
  }

  /** Whether this driver can read and write it; {@link #requireUsable} says why not. */
  public boolean isUsable() {
    return refusal.isEmpty();
  }

  /**
   * @throws NvmeException if this driver cannot read and write the namespace, saying why
   */
  public Namespace requireUsable() {
    if (!refusal.isEmpty()) {
      throw new NvmeException("namespace " + id + " cannot be used: " + refusal);
    }
    return this;
  }

  @Override
  public String toString() {
    return "namespace " + id + " (" + blocks + " blocks of " + blockSize + " bytes)";
  }
}
