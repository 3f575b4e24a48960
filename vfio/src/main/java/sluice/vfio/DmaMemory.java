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

  /** The address of each page for the device; null where all of it is contiguous. */
  private final long[] pages;

  private final int pageShift;

  /** Where in the first page this memory begins. */
  private final long start;

  private volatile boolean kept;

  /**
   * @param segment native memory
   * @param iova the address by which the device reaches its first byte; the rest follows
   */
  public DmaMemory(MemorySegment segment, long iova) {
    this(segment, iova, null, 0, 0);
  }

  private DmaMemory(MemorySegment segment, long iova, long[] pages, int pageShift, long start) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException("DMA memory must be native");
    }
    this.segment = segment;
    this.address = segment.address();
    this.iova = iova;
    this.pages = pages;
    this.pageShift = pageShift;
    this.start = start;
  }

  /**
   * Memory whose pages lie here and there for the device, as they do without an IOMMU.
   *
   * @param segment native memory that begins with a page
   * @param pages the address of each of its pages for the device
   * @param pageShift log2 of a page's bytes, 12 at least
   */
  public static DmaMemory scattered(MemorySegment segment, long[] pages, int pageShift) {
    if (pageShift < 12 || segment.byteSize() > (long) pages.length << pageShift) {
      throw new IllegalArgumentException(
          pages.length + " pages of 2^" + pageShift + " are not " + segment.byteSize() + " bytes");
    }
    return new DmaMemory(segment, pages[0], pages.clone(), pageShift, 0);
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
    if (pages == null) {
      return iova + offset;
    }
    long at = start + offset;
    return pages[(int) (at >>> pageShift)] + (at & ((1L << pageShift) - 1));
  }

  /** Whether the device finds all of it in one piece, as it must the rings of a queue. */
  public boolean isContiguous() {
    if (pages == null) {
      return true;
    }
    int last = (int) ((start + size() - 1) >>> pageShift);
    for (int page = (int) (start >>> pageShift); page < last; page++) {
      if (pages[page] + (1L << pageShift) != pages[page + 1]) {
        return false;
      }
    }
    return true;
  }

  /** A part of this memory; freed with the whole. */
  public DmaMemory slice(long offset, long size) {
    Objects.checkFromIndexSize(offset, size, size());
    MemorySegment part = segment.asSlice(offset, size);
    // A part of no bytes at the very end lies in no page.
    return pages == null || size == 0
        ? new DmaMemory(part, iova + offset)
        : new DmaMemory(part, iova(offset), pages, pageShift, start + offset);
  }

  /**
   * Says that something of this process may go on writing here, whatever becomes of the device: a
   * thread that cannot be stopped. Once it is freed and its space is closed, the memory is out of
   * the device's reach, but its pages stay as they are until the process ends. Not of a slice.
   */
  public void keep() {
    kept = true;
  }

  /** Whether its pages must not be given back. */
  public boolean isKept() {
    return kept;
  }

  @Override
  public String toString() {
    return String.format("%d bytes at iova 0x%x", size(), iova);
  }
}
