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

  /** Place of an extent whose address is its only one. */
  private static final long LOCAL = -1;

  private final DmaWindow source;
  private final DmaWindow target;
  private final DmaWindow list;
  private final long[] addresses;
  private final long[] lengths;

  /** Where an extent of remote memory belongs, whose address is only for now. */
  private final long[] iovas;

  private final Scratch data = new Scratch();
  private final Scratch listPage = new Scratch();
  private boolean hasRemote;

  /** Where the next bytes of remote memory get their place. */
  private long place;

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
    iovas = new long[extents];
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

  /** Whether part of what the last walk found is remote memory. */
  boolean hasRemote() {
    return hasRemote;
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
   * Finds a command's data in host memory, which the drive will read.
   *
   * @param length bytes, 1 to the largest transfer
   * @return 0, or the status to complete the command with
   */
  int walkSource(long prp1, long prp2, long length) {
    int status = walk(source, prp1, prp2, length);
    return status == OK && hasRemote ? fetch() : status;
  }

  /**
   * Finds where in host memory the drive will write a command's data. After that is written, {@link
   * #deliver} is called.
   *
   * @param length bytes, 1 to the largest transfer
   * @return 0, or the status to complete the command with
   */
  int walkTarget(long prp1, long prp2, long length) {
    return walk(target, prp1, prp2, length);
  }

  /**
   * Finds a command's data, here or elsewhere, and moves nothing.
   *
   * @param toDrive whether the drive will read it
   * @param length bytes, 1 to the largest transfer
   * @return 0, or the status to complete the command with
   */
  int find(long prp1, long prp2, long length, boolean toDrive) {
    return walk(toDrive ? source : target, prp1, prp2, length);
  }

  /**
   * Sees to it that what was written to the extents is in host memory.
   *
   * @return 0, or the status to complete the command with
   */
  int deliver() {
    return hasRemote ? send() : OK;
  }

  private int fetch() {
    for (int i = 0; i < count; i++) {
      if (iovas[i] != LOCAL && !source.remote().read(iovas[i], addresses[i], lengths[i])) {
        return StatusCode.DATA_TRANSFER_ERROR.status();
      }
    }
    return OK;
  }

  private int send() {
    for (int i = 0; i < count; i++) {
      if (iovas[i] != LOCAL && !target.remote().write(iovas[i], addresses[i], lengths[i])) {
        return StatusCode.DATA_TRANSFER_ERROR.status();
      }
    }
    return OK;
  }

  private int walk(DmaWindow window, long prp1, long prp2, long length) {
    count = 0;
    hasRemote = false;
    if ((prp1 & 3) != 0) {
      return StatusCode.INVALID_PRP_OFFSET.statusDnr();
    }
    long inFirstPage = Math.min(length, pageSize - (prp1 & (pageSize - 1)));
    int status = add(window, prp1, inFirstPage, length);
    long rest = length - inFirstPage;
    if (status != OK || rest == 0) {
      return status;
    }
    if (rest <= pageSize) {
      return addPage(window, prp2, rest, rest);
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
      if (entries == DmaWindow.REMOTE) {
        entries = fetchList(at, used);
      } else if (entries == DmaWindow.FAULT && isInParts(at, used)) {
        entries = gatherList(at, used);
      }
      if (entries == DmaWindow.FAULT) {
        return StatusCode.DATA_TRANSFER_ERROR.status();
      }
      long end = entries + (chained ? used - Long.BYTES : used);
      for (long entry = entries; entry < end; entry += Long.BYTES) {
        long bytes = Math.min(rest, pageSize);
        int status = addPage(window, read(entry), bytes, rest);
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

  private long fetchList(long at, long length) {
    long address = listPage.address(length);
    return list.remote().read(at, address, length) ? address : DmaWindow.FAULT;
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
      if (address >= 0) {
        OffHeap.copy(address, to + done, bytes);
      } else if (address == DmaWindow.FAULT || !list.remote().read(from, to + done, bytes)) {
        return DmaWindow.FAULT;
      }
      done += bytes;
    }
    return to;
  }

  /**
   * @param rest bytes from here to the end of the data
   */
  private int addPage(DmaWindow window, long prp, long length, long rest) {
    if ((prp & (pageSize - 1)) != 0) {
      return StatusCode.INVALID_PRP_OFFSET.statusDnr();
    }
    return add(window, prp, length, rest);
  }

  private int add(DmaWindow window, long iova, long length, long rest) {
    long address = window.translate(iova, length);
    if (address == DmaWindow.REMOTE) {
      return addRemote(window, iova, length, rest);
    }
    if (address == DmaWindow.FAULT) {
      return isInParts(iova, length)
          ? addParts(window, iova, length, rest)
          : StatusCode.DATA_TRANSFER_ERROR.status();
    }
    int last = count - 1;
    if (last >= 0 && addresses[last] + lengths[last] == address && iovas[last] == LOCAL) {
      lengths[last] += length;
    } else {
      addExtent(address, length, LOCAL);
    }
    return OK;
  }

  private int addParts(DmaWindow window, long iova, long length, long rest) {
    for (long done = 0; done < length; ) {
      long bytes = part(iova + done, length - done);
      int status = add(window, iova + done, bytes, rest - done);
      if (status != OK) {
        return status;
      }
      done += bytes;
    }
    return OK;
  }

  /** Gives remote memory a place here, behind that of the extents before. */
  private int addRemote(DmaWindow window, long iova, long length, long rest) {
    if (!hasRemote) {
      hasRemote = true;
      place = data.address(rest);
    }
    int last = count - 1;
    if (last >= 0
        && iovas[last] != LOCAL
        && iovas[last] + lengths[last] == iova
        && window.translate(iovas[last], lengths[last] + length) == DmaWindow.REMOTE) {
      lengths[last] += length;
    } else {
      addExtent(place, length, iova);
    }
    place += length;
    return OK;
  }

  private void addExtent(long address, long length, long iova) {
    addresses[count] = address;
    lengths[count] = length;
    iovas[count] = iova;
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

  /**
   * Copies drive memory to the extents, as much as they hold, and delivers it.
   *
   * @return 0, or the status to complete the command with
   */
  int copyIn(long from) {
    long at = from;
    for (int i = 0; i < count; i++) {
      OffHeap.copy(at, addresses[i], lengths[i]);
      at += lengths[i];
    }
    return deliver();
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
