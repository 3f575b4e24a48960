package sluice.virtual.pci;

import java.util.Arrays;
import sluice.queues.SubmissionEntry;
import sluice.virtual.command.HostData;

/**
 * The data of commands that describe it by physical region pages (NVMe 1.4, section 4.3): in memory
 * that the drive shares with its host, or by messages. Pages are followed anew each time, for a
 * host may change them: that harms nobody else.
 */
final class PrpData extends HostData {
  private final VirtualIommu iommu;
  private final PrpWalker walker;
  private long pageSize;

  // Of commands whose data is elsewhere, those under way first.
  private RemoteTransfer[] transfers = new RemoteTransfer[0];
  private int count;

  /**
   * @param maxTransfer the largest data of one command, in bytes
   */
  PrpData(VirtualIommu iommu, long maxTransfer) {
    this.iommu = iommu;
    walker = new PrpWalker(iommu, maxTransfer);
  }

  /**
   * @param size bytes in a memory page, CC.MPS
   */
  void pageSize(int size) {
    pageSize = size;
    walker.pageSize(size);
  }

  private int walk(long entry, long length, boolean toDrive) {
    return walker.walk(SubmissionEntry.prp1(entry), SubmissionEntry.prp2(entry), length, toDrive);
  }

  @Override
  public int describe(long entry, long length, boolean toDrive) {
    return walk(entry, length, toDrive);
  }

  @Override
  public int count() {
    return walker.count();
  }

  @Override
  public long address(int extent) {
    return walker.address(extent);
  }

  @Override
  public long length(int extent) {
    return walker.length(extent);
  }

  @Override
  public boolean isAligned(long size) {
    return walker.isAligned(size);
  }

  @Override
  public int fetch(int slot, long entry, long to, long length) {
    int status = walk(entry, length, true);
    if (status == PrpWalker.ELSEWHERE) {
      return begin(slot, entry, to, length, true);
    }
    if (status == DONE) {
      walker.copyOut(to);
    }
    return status;
  }

  @Override
  public int deliver(int slot, long entry, long from, long length) {
    int status = walk(entry, length, false);
    if (status == PrpWalker.ELSEWHERE) {
      return begin(slot, entry, from, length, false);
    }
    if (status == DONE) {
      walker.copyIn(from);
    }
    return status;
  }

  private int begin(int slot, long entry, long memory, long length, boolean toDrive) {
    if (count == transfers.length) {
      transfers = Arrays.copyOf(transfers, count + 16);
      for (int i = count; i < transfers.length; i++) {
        transfers[i] = new RemoteTransfer(iommu);
      }
    }
    long prp1 = SubmissionEntry.prp1(entry);
    long prp2 = SubmissionEntry.prp2(entry);
    int status = transfers[count].begin(slot, prp1, prp2, length, toDrive, memory, pageSize);
    if (status == RemoteTransfer.LATER) {
      count++;
    }
    return status;
  }

  @Override
  public int poll(Moved moved) {
    int ended = 0;
    for (int i = 0; i < count; ) {
      int status = transfers[i].step();
      if (status == RemoteTransfer.LATER) {
        i++;
      } else {
        int slot = transfers[i].slot();
        remove(i);
        ended++;
        moved.moved(slot, status);
      }
    }
    return ended;
  }

  private void remove(int at) {
    RemoteTransfer over = transfers[at];
    transfers[at] = transfers[--count];
    transfers[count] = over;
  }

  @Override
  public void forget(int slot) {
    for (int i = 0; i < count; i++) {
      if (transfers[i].slot() == slot) {
        transfers[i].forget();
        remove(i);
        return;
      }
    }
  }
}
