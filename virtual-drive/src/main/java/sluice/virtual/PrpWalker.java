package sluice.virtual;

import sluice.nvme.spec.StatusCode;
import sluice.vfio.OffHeap;

/**
 * Follows a command's physical region pages (NVMe 1.4, section 4.3) to the host memory they mean:
 * as few extents as possible, for neighbours become one.
 */
final class PrpWalker {
  private static final int OK = 0;

  private final DmaWindow data;
  private final DmaWindow list;
  private final long[] addresses;
  private final long[] lengths;
  private long pageSize = 4096;
  private int count;

  /**
   * @param maxTransfer the largest data of one command, in bytes
   */
  PrpWalker(VirtualIommu iommu, long maxTransfer) {
    data = new DmaWindow(iommu);
    list = new DmaWindow(iommu);
    int extents = Math.toIntExact(maxTransfer / 4096 + 1);
    addresses = new long[extents];
    lengths = new long[extents];
  }

  /**
   * @param size bytes in a memory page, CC.MPS
   */
  void pageSize(int size) {
    pageSize = size;
  }

  /** How many extents the last walk found. */
  int count() {
    return count;
  }

  /** An extent's first byte in this process. */
  long address(int extent) {
    return addresses[extent];
  }

  /** An extent's bytes. */
  long length(int extent) {
    return lengths[extent];
  }

  /**
   * Finds a command's data.
   *
   * @param length bytes, 1 to the largest transfer
   * @return 0, or the status to complete the command with
   */
  int walk(long prp1, long prp2, long length) {
    count = 0;
    if ((prp1 & 3) != 0) {
      return StatusCode.INVALID_PRP_OFFSET.statusDnr();
    }
    long inFirstPage = Math.min(length, pageSize - (prp1 & (pageSize - 1)));
    int status = add(prp1, inFirstPage);
    long rest = length - inFirstPage;
    if (status != OK || rest == 0) {
      return status;
    }
    if (rest <= pageSize) {
      return addPage(prp2, rest);
    }
    return walkList(prp2, rest);
  }

  private int walkList(long first, long length) {
    if ((first & 7) != 0) {
      return StatusCode.INVALID_PRP_OFFSET.statusDnr();
    }
    long at = first;
    long rest = length;
    while (true) {
      long inPage = pageSize - (at & (pageSize - 1));
      long entriesLeft = Math.ceilDiv(rest, pageSize);
      boolean chained = entriesLeft > inPage / Long.BYTES;
      long used = Math.min(inPage, entriesLeft * Long.BYTES);
      long entries = list.translate(at, used);
      if (entries == DmaWindow.FAULT) {
        return StatusCode.DATA_TRANSFER_ERROR.status();
      }
      long end = entries + (chained ? used - Long.BYTES : used);
      for (long entry = entries; entry < end; entry += Long.BYTES) {
        long bytes = Math.min(rest, pageSize);
        int status = addPage(OffHeap.getLong(entry), bytes);
        if (status != OK) {
          return status;
        }
        rest -= bytes;
      }
      if (!chained) {
        return OK;
      }
      at = OffHeap.getLong(end);
      if ((at & (pageSize - 1)) != 0) {
        return StatusCode.INVALID_PRP_OFFSET.statusDnr();
      }
    }
  }

  private int addPage(long prp, long length) {
    if ((prp & (pageSize - 1)) != 0) {
      return StatusCode.INVALID_PRP_OFFSET.statusDnr();
    }
    return add(prp, length);
  }

  private int add(long iova, long length) {
    long address = data.translate(iova, length);
    if (address == DmaWindow.FAULT) {
      return StatusCode.DATA_TRANSFER_ERROR.status();
    }
    int last = count - 1;
    if (last >= 0 && addresses[last] + lengths[last] == address) {
      lengths[last] += length;
    } else {
      addresses[count] = address;
      lengths[count] = length;
      count++;
    }
    return OK;
  }

  /** Whether every extent is a multiple of a size. */
  boolean isAligned(long size) {
    for (int i = 0; i < count; i++) {
      if ((lengths[i] & (size - 1)) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether the extents hold the same bytes as drive memory. */
  boolean isEqual(long with) {
    long at = with;
    for (int i = 0; i < count; i++) {
      if (!OffHeap.isEqual(at, addresses[i], lengths[i])) {
        return false;
      }
      at += lengths[i];
    }
    return true;
  }

  /** Copies drive memory to the extents, as much as they hold. */
  void copyIn(long from) {
    long at = from;
    for (int i = 0; i < count; i++) {
      OffHeap.copy(at, addresses[i], lengths[i]);
      at += lengths[i];
    }
  }

  /** Copies the extents to drive memory. */
  void copyOut(long to) {
    long at = to;
    for (int i = 0; i < count; i++) {
      OffHeap.copy(addresses[i], at, lengths[i]);
      at += lengths[i];
    }
  }
}
