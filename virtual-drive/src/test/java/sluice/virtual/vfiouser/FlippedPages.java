package sluice.virtual.vfiouser;

import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/**
 * The memory of commands that may mean any of several pages: a place with all of these for each
 * command that is out. Every second page is nobody's. All blocks are stamped before a command goes
 * out; when it is answered it is looked at which of them were changed, and to what.
 */
final class FlippedPages {
  static final int PAGE = 4096;

  static final int FIRST = 0;
  static final int OTHER_FIRST = 2;
  static final int SECOND = 4;
  static final int THIRD = 6;
  static final int LIST = 8;
  private static final int PAGES = 10;

  private static final int BLOCK = FlippedMedia.BLOCK;
  private static final int ALL_BLOCKS = (1 << (PAGE / BLOCK)) - 1;
  private static final int LAST_BLOCK = 1 << (PAGE / BLOCK - 1);

  private static final long KIND = 0xff00_0000_0000_0000L;
  private static final long HOST = 0x4800_0000_0000_0000L;
  private static final int ENTRY_BITS = 12;

  private final DmaMemory memory;
  private final long[] stamps;
  private long sequence;

  /**
   * @param memory of {@link #bytes}
   */
  FlippedPages(DmaMemory memory, int places) {
    this.memory = memory;
    this.stamps = new long[places];
  }

  static long bytes(int places) {
    return (long) places * PAGES * PAGE;
  }

  long address(int place, int page) {
    return memory.address() + ((long) place * PAGES + page) * PAGE;
  }

  long iova(int place, int page) {
    return memory.iova(((long) place * PAGES + page) * PAGE);
  }

  /**
   * Stamps all blocks, each time with another value.
   *
   * @param entry the number of the command's entry
   */
  void stamp(int place, int entry) {
    long value = HOST | ++sequence << ENTRY_BITS | entry;
    stamps[place] = value;
    long end = address(place, PAGES);
    for (long block = address(place, 0); block < end; block += BLOCK) {
      FlippedMedia.stamp(block, value);
    }
  }

  /** The number of the entry of the command that a word was stamped for; -1 for another word. */
  static int entry(long word) {
    return (word & KIND) == HOST ? (int) word & ((1 << ENTRY_BITS) - 1) : -1;
  }

  /**
   * Looks at what a command has changed.
   *
   * @return null, or what it cannot have changed, or not to that
   */
  String fault(int place) {
    for (int page = 1; page < PAGES; page += 2) {
      if (changed(place, page) != 0) {
        return "page %d of place %d, which no command has, was changed".formatted(page, place);
      }
    }
    int first = changed(place, FIRST);
    int other = changed(place, OTHER_FIRST);
    boolean isGood =
        (first == 0 || other == 0) && (isPrefix(first) || first == LAST_BLOCK) && isPrefix(other);
    if (!isGood) {
      return "blocks 0x%x and 0x%x of first pages were changed".formatted(first, other);
    }
    String fault = null;
    for (int page = FIRST; page < LIST && fault == null; page += 2) {
      fault = contentFault(address(place, page));
    }
    return fault;
  }

  /** Commands have 1 block in the first page, or all. */
  private static boolean isPrefix(int blocks) {
    return blocks == 0 || blocks == 1 || blocks == ALL_BLOCKS;
  }

  /** Which blocks of a page were changed, as bits. */
  private int changed(int place, int page) {
    int changed = 0;
    long at = address(place, page);
    for (int bit = 1; bit < ALL_BLOCKS; bit <<= 1, at += BLOCK) {
      changed |= FlippedMedia.isStamped(at, stamps[place]) ? 0 : bit;
    }
    return changed;
  }

  private static String contentFault(long page) {
    String fault = null;
    for (long block = page; block < page + PAGE && fault == null; block += BLOCK) {
      fault = FlippedMedia.fault(OffHeap.getLong(block));
      fault = fault == null ? FlippedMedia.fault(OffHeap.getLong(block + BLOCK - 8)) : fault;
    }
    return fault;
  }
}
