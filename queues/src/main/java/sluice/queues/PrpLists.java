package sluice.queues;

import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;

/**
 * Tells the device where a command's data is, as physical region pages (NVM Express 1.4, section
 * 4.3), with memory for one PRP list per command slot.
 *
 * <pre>
 *  pages touched   PRP1          PRP2
 *  1               first byte    0
 *  2               first byte    second page
 *  3 and more      first byte    list of the second page and on; where a list does not fit a page of
 *                                memory, the page's last entry is the address of the list's next page
 * </pre>
 *
 * Used by one thread.
 */
public final class PrpLists {
  /** What {@link DmaSpace#allocate} promises of device addresses. */
  private static final int DMA_ALIGNMENT = 4096;

  /**
   * What each list begins at a multiple of, though the specification asks for 8: some controllers
   * (O2 Micro's, Micron's 4100AT) read a list wrongly that begins elsewhere.
   */
  private static final long LIST_ALIGNMENT = 512;

  private final DmaSpace space;
  private final DmaMemory allocated;
  private final DmaMemory lists;
  private final int pageSize;
  private final long bytesPerSlot;
  private final long maxTransfer;

  /**
   * @param slots how many commands can be out at once, 1 at least
   * @param maxTransfer the largest data of one command, in bytes, 1 at least
   * @param pageSize CC.MPS in bytes, a power of two from 4096
   */
  public PrpLists(DmaSpace space, int slots, long maxTransfer, int pageSize) {
    if (Integer.bitCount(pageSize) != 1 || pageSize < 4096) {
      throw new IllegalArgumentException("not a page size: " + pageSize);
    }
    if (slots < 1 || maxTransfer < 1) {
      throw new IllegalArgumentException(
          "no lists for " + slots + " commands of " + maxTransfer + " bytes");
    }
    this.space = space;
    this.pageSize = pageSize;
    this.maxTransfer = maxTransfer;
    this.bytesPerSlot = listBytes(maxTransfer, pageSize);
    // A list of more than one page goes on where a page of the device's begins, which may be larger
    // than what memory is aligned to.
    long slack = bytesPerSlot > DMA_ALIGNMENT ? pageSize - DMA_ALIGNMENT : 0;
    this.allocated = space.allocate(slots * bytesPerSlot + slack);
    long toPage = slack == 0 ? 0 : -allocated.iova() & (pageSize - 1);
    this.lists = allocated.slice(toPage, slots * bytesPerSlot);
  }

  /** Bytes for the longest list, rounded so that a list that fits a page never lies across two. */
  private static long listBytes(long maxTransfer, int pageSize) {
    // Data that does not begin at a page's start touches one page more; the first is in PRP1.
    long entries = Math.max(1, Math.ceilDiv(maxTransfer, pageSize));
    long entriesPerPage = pageSize / Long.BYTES;
    if (entries <= entriesPerPage) {
      return Math.max(LIST_ALIGNMENT, Long.highestOneBit(entries * Long.BYTES * 2 - 1));
    }
    return Math.ceilDiv(entries - 1, entriesPerPage - 1) * pageSize;
  }

  /**
   * Writes PRP1 and PRP2 of an entry, and the slot's list when one is needed.
   *
   * @param entry the submission entry
   * @param slot the command's slot; its former command has completed
   * @param offset where in the memory the data begins, a multiple of 4
   * @param length bytes, 1 to the largest transfer
   */
  public void describe(long entry, int slot, DmaMemory memory, long offset, long length) {
    assert slot >= 0 && (slot + 1) * bytesPerSlot <= lists.size() : slot;
    assert length > 0 && length <= maxTransfer : length;
    assert offset >= 0 && offset + length <= memory.size() : offset + " + " + length;
    long prp1 = memory.iova(offset);
    assert (prp1 & 3) == 0 : "PRP1 must be aligned to 4 bytes";
    long inFirstPage = pageSize - (prp1 & (pageSize - 1));
    if (length <= inFirstPage) {
      SubmissionEntry.prps(entry, prp1, 0);
      return;
    }
    long next = offset + inFirstPage;
    long end = offset + length;
    if (end - next <= pageSize) {
      SubmissionEntry.prps(entry, prp1, memory.iova(next));
      return;
    }
    long listOffset = slot * bytesPerSlot;
    SubmissionEntry.prps(entry, prp1, lists.iova(listOffset));
    fill(listOffset, memory, next, end);
  }

  private void fill(long listOffset, DmaMemory memory, long from, long end) {
    long at = listOffset;
    for (long next = from; next < end; next += pageSize) {
      boolean lastOfPage = (lists.iova(at) & (pageSize - 1)) == pageSize - Long.BYTES;
      if (lastOfPage && end - next > pageSize) {
        OffHeap.putLong(lists.address() + at, lists.iova(at + Long.BYTES));
        at += Long.BYTES;
      }
      OffHeap.putLong(lists.address() + at, memory.iova(next));
      at += Long.BYTES;
    }
  }

  /** Frees the lists. No command of theirs may be out. */
  public void free() {
    space.free(allocated);
  }
}
