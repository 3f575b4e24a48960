package sluice.virtual.vfiouser;

import java.util.SplittableRandom;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;

/**
 * Makes entries of a submission queue, and changes them and their lists of PRPs, a field at a time.
 * Each field has some values that it jumps between, good ones and bad ones. What changes most are
 * the entries that the drive takes next. Used by one thread; others may be at the same entries.
 */
final class Flips {
  private static final int BLOCKS = FlippedMedia.BLOCKS;
  private static final int LAST_OF_PAGE = FlippedPages.PAGE - FlippedMedia.BLOCK;
  private static final int LAST_OF_LIST = FlippedPages.PAGE - Long.BYTES;
  private static final int LISTED = 3;
  private static final long NOWHERE = 0x6f00_0000_0000L;

  /** How many entries behind the head are changed; a drive takes them soon. */
  private static final int NEAR = 16;

  private static final int[] OPCODES = {
    IoOpcode.READ,
    IoOpcode.READ,
    IoOpcode.READ,
    IoOpcode.WRITE,
    IoOpcode.WRITE,
    IoOpcode.COMPARE,
    IoOpcode.WRITE_ZEROES,
    IoOpcode.VERIFY,
    IoOpcode.FLUSH,
  };
  private static final int[] NAMESPACE_IDS = {1, 1, 1, 1, 3, 3, 4, -1};
  private static final int[] LOW = {0, 5, BLOCKS - 8, BLOCKS - 1, BLOCKS, -1};
  private static final int[] HIGH = {0, 0, 0, 0, 0, 1 << 23, -1};
  private static final int[] COUNTS = {0, 0, 7, 15, 23, FlippedMedia.MOST_BLOCKS - 1, 0xffff};

  private final SplittableRandom random;
  private final long queue;
  private final int entries;
  private final FlippedPages pages;
  private final int places;
  private long count;

  /**
   * @param queue the address of the entries
   * @param places how many commands there are, by the low bytes of their identifiers
   */
  Flips(long seed, long queue, int entries, FlippedPages pages, int places) {
    this.random = new SplittableRandom(seed);
    this.queue = queue;
    this.entries = entries;
    this.pages = pages;
    this.places = places;
  }

  /** Whose command an identifier is of, in whatever way it was changed. */
  static int place(int commandId) {
    return commandId & 0xff;
  }

  /** How many changes were made. */
  long count() {
    return count;
  }

  private int pick(int... values) {
    return values[random.nextInt(values.length)];
  }

  /** Makes an entry, to be changed from now on. */
  void make(long entry, int place) {
    SubmissionEntry.begin(entry, pick(OPCODES), place, pick(NAMESPACE_IDS));
    SubmissionEntry.prps(entry, prp1(place), prp2(place));
    SubmissionEntry.cdw(entry, 10, pick(LOW));
    SubmissionEntry.cdw(entry, 11, pick(HIGH));
    SubmissionEntry.cdw(entry, 12, pick(COUNTS));
    long list = pages.address(place, FlippedPages.LIST);
    for (int i = 0; i < LISTED; i++) {
      OffHeap.putLong(list + (long) i * Long.BYTES, listed(place));
    }
    OffHeap.putLong(list + LAST_OF_LIST, pages.iova(place, FlippedPages.LIST));
  }

  /**
   * Changes entries.
   *
   * @param head the first one that the drive may not have taken
   */
  void change(int head, int changes) {
    for (int i = 0; i < changes; i++) {
      int number = (head + random.nextInt(NEAR)) % entries;
      long entry = queue + number * (long) SubmissionEntry.BYTES;
      int place = place(SubmissionEntry.commandId(entry));
      if (place < places) {
        change(entry, place);
        count++;
      }
    }
  }

  private void change(long entry, int place) {
    switch (random.nextInt(10)) {
      case 0 -> OffHeap.putByte(entry, (byte) pick(OPCODES));
      case 1 -> OffHeap.putByte(entry + 1, odd());
      case 2 -> OffHeap.putInt(entry + 4, pick(NAMESPACE_IDS));
      case 3 -> OffHeap.putInt(entry + 0x18, (int) prp1(place));
      case 4 -> OffHeap.putInt(entry + 0x20, (int) prp2(place));
      case 5 -> SubmissionEntry.cdw(entry, 10, pick(LOW));
      case 6 -> SubmissionEntry.cdw(entry, 11, pick(HIGH));
      case 7 ->
          SubmissionEntry.cdw(
              entry, 12, pick(COUNTS) | (random.nextInt(8) == 0 ? IoCommand.FUA : 0));
      case 8 -> OffHeap.putByte(entry + 3, (byte) (random.nextInt(2) << 6));
      default ->
          OffHeap.putLong(
              pages.address(place, FlippedPages.LIST) + random.nextInt(LISTED) * (long) Long.BYTES,
              listed(place));
    }
  }

  /** Fused, or of another way to tell of data, now and then. */
  private byte odd() {
    return (byte)
        switch (random.nextInt(64)) {
          case 0 -> SubmissionEntry.FUSE_FIRST;
          case 1 -> SubmissionEntry.FUSE_SECOND;
          case 2 -> 1 << 6;
          default -> 0;
        };
  }

  private long prp1(int place) {
    return switch (random.nextInt(8)) {
      case 0 -> NOWHERE;
      case 1, 2, 3 -> pages.iova(place, FlippedPages.OTHER_FIRST);
      case 4 -> pages.iova(place, FlippedPages.FIRST) + LAST_OF_PAGE;
      default -> pages.iova(place, FlippedPages.FIRST);
    };
  }

  private long prp2(int place) {
    return switch (random.nextInt(8)) {
      case 0 -> NOWHERE;
      case 1, 2 -> pages.iova(place, FlippedPages.SECOND);
      case 3 -> pages.iova(place, FlippedPages.LIST) + LAST_OF_LIST;
      default -> pages.iova(place, FlippedPages.LIST);
    };
  }

  private long listed(int place) {
    return switch (random.nextInt(16)) {
      case 0 -> NOWHERE;
      case 1 -> pages.iova(place, FlippedPages.SECOND) + FlippedMedia.BLOCK;
      case 2, 3, 4, 5, 6 -> pages.iova(place, FlippedPages.THIRD);
      default -> pages.iova(place, FlippedPages.SECOND);
    };
  }
}
