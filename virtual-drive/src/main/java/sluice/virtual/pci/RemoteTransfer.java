package sluice.virtual.pci;

import java.util.Arrays;
import sluice.nvme.spec.StatusCode;
import sluice.support.memory.OffHeap;

/**
 * The data of one command of which not all is in this process, between the host and a buffer of the
 * drive's: first the lists that name its pages, one after the other, then the pages, as many at a
 * time as there is room for. Used in the drive's turns.
 */
final class RemoteTransfer implements RemoteMemory.User {
  private static final long UNIT = 4096;
  private static final int OK = 0;

  /** More to do, when the host has answered. */
  static final int LATER = -1;

  private final VirtualIommu iommu;
  private final DmaWindow source;
  private final DmaWindow target;
  private final Scratch listBytes = new Scratch();

  private int slot;
  private boolean toDrive;
  private long buffer;
  private long length;
  private long pageSize;

  /** The pages, in order: of the first and the last one only a part may be meant. */
  private long[] pages = new long[40];

  private int pageCount;
  private int pagesWanted;
  private int status;
  private int outstanding;

  // The list that is followed.
  private boolean hasList;
  private long listAt;
  private long listLength;

  // What is asked for next: a piece of a list, or of the data from a page on.
  private long listDone;
  private int page;
  private long inPage;
  private long dataDone;

  RemoteTransfer(VirtualIommu iommu) {
    this.iommu = iommu;
    this.source = new DmaWindow(iommu, VirtualIommu.READ);
    this.target = new DmaWindow(iommu, VirtualIommu.WRITE);
  }

  /**
   * Begins with the data of a command.
   *
   * @param memory the drive's own
   * @return a status, or {@link #LATER}
   */
  int begin(
      int ofSlot, long prp1, long prp2, long bytes, boolean isRead, long memory, long pageBytes) {
    slot = ofSlot;
    toDrive = isRead;
    buffer = memory;
    length = bytes;
    pageSize = pageBytes;
    status = OK;
    outstanding = 0;
    hasList = false;
    page = 0;
    dataDone = 0;
    if ((prp1 & 3) != 0) {
      return StatusCode.INVALID_PRP_OFFSET.statusDnr();
    }
    inPage = prp1 & (pageSize - 1);
    pagesWanted = (int) Math.ceilDiv(inPage + length, pageSize);
    if (pages.length < pagesWanted) {
      pages = Arrays.copyOf(pages, pagesWanted);
    }
    pages[0] = prp1 - inPage;
    pageCount = 1;
    if (pagesWanted == 2) {
      addPage(prp2);
    } else if (pagesWanted > 2) {
      if ((prp2 & 7) != 0) {
        return StatusCode.INVALID_PRP_OFFSET.statusDnr();
      }
      beginList(prp2);
    }
    return step();
  }

  int slot() {
    return slot;
  }

  private void addPage(long prp) {
    if ((prp & (pageSize - 1)) != 0) {
      fail(StatusCode.INVALID_PRP_OFFSET.statusDnr());
    }
    pages[pageCount++] = prp;
  }

  private void beginList(long at) {
    hasList = true;
    listAt = at;
    long inList = pageSize - (at & (pageSize - 1));
    listLength = Math.min(inList, (long) (pagesWanted - pageCount) * Long.BYTES);
    listDone = 0;
  }

  private void fail(int with) {
    if (status == OK) {
      status = with;
    }
  }

  @Override
  public void moved(boolean isGood) {
    outstanding--;
    if (!isGood) {
      fail(StatusCode.DATA_TRANSFER_ERROR.status());
    }
  }

  /**
   * Goes on as far as it can.
   *
   * @return {@link #LATER}, or a status when all is done, and nothing is on the way
   */
  int step() {
    while (status == OK && hasList) {
      askForList();
      if (status == OK && (outstanding > 0 || listDone < listLength)) {
        return LATER;
      }
      followList();
    }
    if (status == OK) {
      askForData();
    }
    return end();
  }

  private int end() {
    if (status != OK) {
      // What is still on its way is of no use.
      forget();
      return status;
    }
    return outstanding == 0 && dataDone == length ? OK : LATER;
  }

  private void askForList() {
    long memory = listBytes.address(listLength);
    while (status == OK && listDone < listLength) {
      long at = listAt + listDone;
      long part = Math.min(listLength - listDone, UNIT - (at & (UNIT - 1)));
      if (!move(source, true, at, memory + listDone, part)) {
        return;
      }
      listDone += part;
    }
  }

  /** All of the list is here. */
  private void followList() {
    hasList = false;
    if (status != OK) {
      return;
    }
    long entries = listBytes.address(listLength);
    long count = listLength / Long.BYTES;
    boolean isChained = count < pagesWanted - pageCount;
    for (long i = 0; i < (isChained ? count - 1 : count) && status == OK; i++) {
      addPage(OffHeap.getLong(entries + i * Long.BYTES));
    }
    if (isChained) {
      long next = OffHeap.getLong(entries + (count - 1) * Long.BYTES);
      if ((next & (pageSize - 1)) != 0) {
        fail(StatusCode.INVALID_PRP_OFFSET.statusDnr());
      } else {
        beginList(next);
      }
    }
  }

  /** Asks for the data from where it was left, in pieces as large as they can be. */
  private void askForData() {
    while (status == OK && dataDone < length) {
      long iova = pages[page] + inPage;
      long part = run(iova);
      if (!move(toDrive ? source : target, toDrive, iova, buffer + dataDone, part)) {
        return;
      }
      dataDone += part;
      long end = inPage + part;
      page += (int) (end / pageSize);
      inPage = end % pageSize;
    }
  }

  /** How many bytes from an address on are one behind the other, and remote. */
  private long run(long iova) {
    DmaWindow window = toDrive ? source : target;
    long rest = length - dataDone;
    long part = Math.min(rest, pageSize - inPage);
    if (window.translate(iova, part) != DmaWindow.REMOTE) {
      // A page may lie in several regions.
      return Math.min(part, UNIT - (iova & (UNIT - 1)));
    }
    long most = Math.min(rest, iommu.remote().maxTransfer());
    int next = page + 1;
    while (part < most && next < pageCount && pages[next] == iova + part) {
      long longer = Math.min(most, part + pageSize);
      if (window.translate(iova, longer) != DmaWindow.REMOTE) {
        break;
      }
      part = longer;
      next++;
    }
    return Math.min(part, most);
  }

  /**
   * Moves bytes of one region, at once or later.
   *
   * @return false if it has to be tried again
   */
  private boolean move(DmaWindow window, boolean isRead, long iova, long memory, long bytes) {
    long address = window.translate(iova, bytes);
    if (address == DmaWindow.FAULT) {
      fail(StatusCode.DATA_TRANSFER_ERROR.status());
      return true;
    }
    if (address != DmaWindow.REMOTE) {
      OffHeap.copy(isRead ? address : memory, isRead ? memory : address, bytes);
      return true;
    }
    outstanding++;
    RemoteMemory remote = iommu.remote();
    boolean isAsked =
        isRead ? remote.read(iova, memory, bytes, this) : remote.write(iova, memory, bytes, this);
    if (!isAsked) {
      outstanding--;
    }
    return isAsked;
  }

  /** Nobody wants to know of it any more. */
  void forget() {
    if (outstanding > 0) {
      iommu.remote().forget(this);
      outstanding = 0;
    }
  }
}
