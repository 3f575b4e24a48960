package sluice.nvme;

import java.util.Arrays;
import sluice.nvme.spec.DatasetManagementRange;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;

/**
 * The memory of Dataset Management's ranges (NVM Express 1.4, section 6.7): a page for each
 * command, though it needs 16 bytes. Some drives do not look at the number of ranges when they
 * determine how much to fetch, and fetch as many as there can be (Linux 530436c45ef2).
 *
 * <p>Few such commands are out at a time, so there are fewer pages than a queue has commands. Used
 * by one thread.
 */
final class RangePages {
  private static final int MAX_PAGES = 32;
  private static final int PAGE_BYTES = 4096;
  private static final int NONE = -1;

  private final DmaMemory memory;
  private final int[] commandOfPage;
  private int out;

  RangePages(DmaSpace space, int depth) {
    int count = Math.min(depth, MAX_PAGES);
    memory = space.allocate((long) count * PAGE_BYTES);
    commandOfPage = new int[count];
    Arrays.fill(commandOfPage, NONE);
  }

  boolean hasRoom() {
    return out < commandOfPage.length;
  }

  /** Whether any page belongs to a command. */
  boolean areOut() {
    return out > 0;
  }

  /** Gives a command its page, with one range to deallocate; there must be room. */
  void describe(QueueTransport transport, long entry, int command, long lba, int blocks) {
    int page = pageOf(NONE);
    commandOfPage[page] = command;
    out++;
    long offset = (long) page * PAGE_BYTES;
    long range = memory.address() + offset;
    // The rest of the page stays zero: ranges of no blocks.
    OffHeap.zero(range, DatasetManagementRange.BYTES);
    DatasetManagementRange.attributes(range, 0);
    DatasetManagementRange.length(range, blocks);
    DatasetManagementRange.slba(range, lba);
    transport.describe(entry, command, memory, offset, PAGE_BYTES);
    SubmissionEntry.cdw(entry, 11, DatasetManagementRange.DEALLOCATE);
  }

  /** Takes a command's page back, if it has one. */
  void release(int command) {
    int page = pageOf(command);
    if (page != NONE) {
      commandOfPage[page] = NONE;
      out--;
    }
  }

  void releaseAll() {
    Arrays.fill(commandOfPage, NONE);
    out = 0;
  }

  private int pageOf(int command) {
    for (int page = 0; page < commandOfPage.length; page++) {
      if (commandOfPage[page] == command) {
        return page;
      }
    }
    return NONE;
  }
}
