package sluice.vfio;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Memory outside of the heap that a device reaches too: the same bytes under an address of this
 * process and an IOVA of the device.
 *
 * <p>It is as long-lived as its {@link DmaSpace} allows: an access after {@link DmaSpace#free} is
 * not caught, so owners keep it until their device is closed.
 */
public final class DmaMemory {
  private final MemorySegment segment;
  private final long address;
  private final long iova;

  /**
   * @param segment native memory
   * @param iova the address by which the device reaches its first byte
   */
  public DmaMemory(MemorySegment segment, long iova) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException("DMA memory must be native");
    }
    this.segment = segment;
    this.address = segment.address();
    this.iova = iova;
  }

  /** The bytes, as this process sees them. */
  public MemorySegment segment() {
    return segment;
  }

  /** The first byte's address in this process. */
  public long address() {
    return address;
  }

  /** Bytes. */
  public long size() {
    return segment.byteSize();
  }

  /** The first byte's address for the device. */
  public long iova() {
    return iova;
  }

  /**
   * A byte's address for the device. Bytes within one page of 4 KiB are contiguous; across pages
   * ask again.
   */
  public long iova(long offset) {
    assert offset >= 0 && offset <= size() : offset;
    return iova + offset;
  }

  /** A part of this memory; freed with the whole. */
  public DmaMemory slice(long offset, long size) {
    Objects.checkFromIndexSize(offset, size, size());
    return new DmaMemory(segment.asSlice(offset, size), iova + offset);
  }

  @Override
  public String toString() {
    return String.format("%d bytes at iova 0x%x", size(), iova);
  }
}
