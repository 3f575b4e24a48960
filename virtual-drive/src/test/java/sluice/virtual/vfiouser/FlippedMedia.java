package sluice.virtual.vfiouser;

import sluice.nvme.spec.IoOpcode;
import sluice.support.memory.OffHeap;

/**
 * The blocks of a drive whose host changes its commands while they are taken: namespaces 1 to 3 of
 * 1 MiB each. A block's first and last word say which block it is. Commands may mean some blocks of
 * namespaces 1 and 3; none means namespace 2, which lies between them.
 */
final class FlippedMedia {
  static final String OPTIONS = "size=3M&ns=1M,1M,1M";
  static final int NAMESPACE_BYTES = 1 << 20;
  static final int BLOCK = 512;
  static final int BLOCKS = NAMESPACE_BYTES / BLOCK;

  /** How many are moved at a time, a page. */
  static final int BLOCKS_OF_MOVE = 8;

  /** Where commands begin that end well, and how many blocks they have at most. */
  static final int[] STARTS = {0, 5, BLOCKS - 8, BLOCKS - 1};

  static final int MOST_BLOCKS = 24;

  private static final int NAMESPACES = 3;
  private static final int UNUSED = 2;
  private static final long KIND = 0xff00_0000_0000_0000L;
  private static final long MEDIA = 0x4d00_0000_0000_0000L;
  private static final boolean[] IS_REACHABLE = new boolean[BLOCKS];

  static {
    for (int start : STARTS) {
      for (int lba = start; lba < Math.min(BLOCKS, start + MOST_BLOCKS); lba++) {
        IS_REACHABLE[lba] = true;
      }
    }
  }

  /** Moves a page of blocks between its memory and the drive, by a command that nobody changes. */
  @FunctionalInterface
  interface Mover {
    void move(int opcode, int nsid, int lba);
  }

  private final Mover mover;
  private final long page;

  /**
   * @param page the memory's address
   */
  FlippedMedia(Mover mover, long page) {
    this.mover = mover;
    this.page = page;
  }

  static void stamp(long block, long value) {
    OffHeap.putLong(block, value);
    OffHeap.putLong(block + BLOCK - Long.BYTES, value);
  }

  static boolean isStamped(long block, long value) {
    return OffHeap.getLong(block) == value && OffHeap.getLong(block + BLOCK - Long.BYTES) == value;
  }

  private static long content(int nsid, int lba) {
    return MEDIA | (long) nsid << 32 | lba;
  }

  /**
   * Looks at a word that a command has brought.
   *
   * @return null, or which block it is of that no command can have read
   */
  static String fault(long word) {
    int nsid = (int) (word >>> 32) & 0xff;
    int lba = (int) word;
    return (word & KIND) != MEDIA || (nsid != UNUSED && IS_REACHABLE[lba])
        ? null
        : "block %d of namespace %d was read".formatted(lba, nsid);
  }

  /** Says in each block which it is. */
  void fill() {
    for (int nsid = 1; nsid <= NAMESPACES; nsid++) {
      for (int lba = 0; lba < BLOCKS; lba += BLOCKS_OF_MOVE) {
        for (int i = 0; i < BLOCKS_OF_MOVE; i++) {
          stamp(page + (long) i * BLOCK, content(nsid, lba + i));
        }
        mover.move(IoOpcode.WRITE, nsid, lba);
      }
    }
  }

  /**
   * Looks at all blocks.
   *
   * @return null, or which one was changed that no command can have written
   */
  String fault() {
    for (int nsid = 1; nsid <= NAMESPACES; nsid++) {
      for (int lba = 0; lba < BLOCKS; lba += BLOCKS_OF_MOVE) {
        mover.move(IoOpcode.READ, nsid, lba);
        for (int i = 0; i < BLOCKS_OF_MOVE; i++) {
          boolean mayChange = nsid != UNUSED && IS_REACHABLE[lba + i];
          if (!mayChange && !isStamped(page + (long) i * BLOCK, content(nsid, lba + i))) {
            return "block %d of namespace %d was changed".formatted(lba + i, nsid);
          }
        }
      }
    }
    return null;
  }
}
