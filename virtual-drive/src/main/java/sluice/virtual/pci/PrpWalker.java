package sluice.virtual.pci;

import sluice.nvme.spec.StatusCode;
import sluice.support.memory.OffHeap;

/**
 * Follows a command's physical region pages (NVMe 1.4, section 4.3) to the host memory they mean:
 * as few extents as possible, for neighbours become one.
 */
final class PrpWalker {
  private static final int OK = 0;

  /**
   * The smallest part of memory that can be mapped. A guest's IOMMU maps nothing larger, so that a
   * memory page of a larger size (CC.MPS) may lie in several regions.
   */
  private static final long UNIT = 4096;

  /** Instead of a status: part of it is in remote memory. */
  static final int ELSEWHERE = -1;

  private final DmaWindow source;
  private final DmaWindow target;
  private final DmaWindow list;
  private final long[] addresses;
  private final long[] lengths;

  private final Scratch listPage = new Scratch();
  private long pageSize = 4096;
  private int count;

  /**
   * @param maxTransfer the largest data of one command, in bytes
   */
  PrpWalker(VirtualIommu iommu, long maxTransfer) {
    source = new DmaWindow(iommu, VirtualIommu.READ);
    target = new DmaWindow(iommu, VirtualIommu.WRITE);
    list = new DmaWindow(iommu, VirtualIommu.READ);
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
   * Finds a command's data in host memory.
   *
   * @param toDrive whether the drive will read it, and not write it
   * @param length bytes, 1 to the largest transfer
   * @return 0, the status to complete the command with, or {@link #ELSEWHERE}
   */
  int walk(long prp1, long prp2, long length, boolean toDrive) {
    return walk(toDrive ? source : target, prp1, prp2, length);
  }

  private int walk(DmaWindow window, long prp1, long prp2, long length) {
    count = 0;
    if ((prp1 & 3) != 0) {
      return StatusCode.INVALID_PRP_OFFSET.statusDnr();
    }
    long inFirstPage = Math.min(length, pageSize - (prp1 & (pageSize - 1)));
    int status = add(window, prp1, inFirstPage);
    long rest = length - inFirstPage;
    if (status != OK || rest == 0) {
      return status;
    }
    if (rest <= pageSize) {
      return addPage(window, prp2, rest);
    }
    return walkList(window, prp2, rest);
  }

  private int walkList(DmaWindow window, long first, long length) {
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
      if (entries == DmaWindow.FAULT && isInParts(at, used)) {
        entries = gatherList(at, used);
      }
      if (entries == DmaWindow.REMOTE) {
        return ELSEWHERE;
      }
      if (entries == DmaWindow.FAULT) {
        return StatusCode.DATA_TRANSFER_ERROR.status();
      }
      long end = entries + (chained ? used - Long.BYTES : used);
      for (long entry = entries; entry < end; entry += Long.BYTES) {
        long bytes = Math.min(rest, pageSize);
        int status = addPage(window, read(entry), bytes);
        if (status != OK) {
          return status;
        }
        rest -= bytes;
      }
      if (!chained) {
        return OK;
      }
      at = read(end);
      if ((at & (pageSize - 1)) != 0) {
        return StatusCode.INVALID_PRP_OFFSET.statusDnr();
      }
    }
  }

  /** An entry of a list in memory that the host may change meanwhile: it is read once. */
  private static long read(long entry) {
    return OffHeap.getLongOpaque(entry);
  }

  private static boolean isInParts(long iova, long length) {
    return (iova & (UNIT - 1)) + length > UNIT;
  }

  private static long part(long iova, long length) {
    return Math.min(length, UNIT - (iova & (UNIT - 1)));
  }

  /** A list that is not in one region, in a place of the drive's. */
  private long gatherList(long at, long length) {
    long to = listPage.address(length);
    for (long done = 0; done < length; ) {
      long from = at + done;
      long bytes = part(from, length - done);
      long address = list.translate(from, bytes);
      if (address < 0) {
        return address;
      }
      OffHeap.copy(address, to + done, bytes);
      done += bytes;
    }
    return to;
  }

  private int addPage(DmaWindow window, long prp, long length) {
    if ((prp & (pageSize - 1)) != 0) {
      return StatusCode.INVALID_PRP_OFFSET.statusDnr();
    }
    return add(window, prp, length);
  }

  private int add(DmaWindow window, long iova, long length) {
    long address = window.translate(iova, length);
    if (address == DmaWindow.REMOTE) {
      return ELSEWHERE;
    }
    if (address == DmaWindow.FAULT) {
      return isInParts(iova, length)
          ? addParts(window, iova, length)
          : StatusCode.DATA_TRANSFER_ERROR.status();
    }
    int last = count - 1;
    if (last >= 0 && addresses[last] + lengths[last] == address) {
      lengths[last] += length;
    } else {
      addExtent(address, length);
    }
    return OK;
  }

  private int addParts(DmaWindow window, long iova, long length) {
    for (long done = 0; done < length; ) {
      long bytes = part(iova + done, length - done);
      int status = add(window, iova + done, bytes);
      if (status != OK) {
        return status;
      }
      done += bytes;
    }
    return OK;
  }

  private void addExtent(long address, long length) {
    addresses[count] = address;
    lengths[count] = length;
    count++;
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
