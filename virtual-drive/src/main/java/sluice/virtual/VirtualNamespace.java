package sluice.virtual;

/**
 * A namespace: a part of the backend.
 *
 * @param nsid from 1
 * @param offset where in the backend it begins, in bytes
 * @param blocks its size in logical blocks
 * @param blockShift the logical block size as a power of two
 */
record VirtualNamespace(int nsid, long offset, long blocks, int blockShift) {
  /** Whether a range of logical blocks lies within; both as unsigned numbers of 64 bits. */
  boolean contains(long slba, long count) {
    return slba >= 0 && slba <= blocks && count >= 0 && count <= blocks - slba;
  }

  /** Where in the backend a logical block begins. */
  long byteOffset(long lba) {
    return offset + (lba << blockShift);
  }
}
