package sluice.virtual.command;

/**
 * A namespace: a part of the backend.
 *
 * @param nsid from 1
 * @param offset where in the backend it begins, in bytes
 * @param blocks its size in logical blocks
 * @param blockShift the logical block size as a power of two
 */
public record VirtualNamespace(int nsid, long offset, long blocks, int blockShift) {
  /**
   * The namespaces of a drive, one behind the other.
   *
   * @param size of the backend in bytes
   * @throws IllegalArgumentException if that is too small
   */
  public static VirtualNamespace[] split(DriveSettings settings, long size) {
    int shift = Integer.numberOfTrailingZeros(settings.blockBytes());
    long[] blocks = settings.namespaceBlocks(size);
    VirtualNamespace[] result = new VirtualNamespace[blocks.length];
    long offset = 0;
    for (int i = 0; i < result.length; i++) {
      result[i] = new VirtualNamespace(i + 1, offset, blocks[i], shift);
      offset += blocks[i] << shift;
    }
    return result;
  }

  /** Whether a range of logical blocks lies within; both as unsigned numbers of 64 bits. */
  boolean contains(long slba, long count) {
    return slba >= 0 && slba <= blocks && count >= 0 && count <= blocks - slba;
  }

  /** Where in the backend a logical block begins. */
  long byteOffset(long lba) {
    return offset + (lba << blockShift);
  }
}
