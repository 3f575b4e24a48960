package sluice.virtual.pci;

import sluice.queues.SubmissionEntry;
import sluice.virtual.command.HostData;

/**
 * The data of commands that describe it by physical region pages (NVMe 1.4, section 4.3), in memory
 * that the drive shares with its host. Pages are followed anew each time, for a host may change
 * them: that harms nobody else.
 */
final class PrpData implements HostData {
  private final PrpWalker walker;

  /**
   * @param maxTransfer the largest data of one command, in bytes
   */
  PrpData(VirtualIommu iommu, long maxTransfer) {
    walker = new PrpWalker(iommu, maxTransfer);
  }

  /**
   * @param size bytes in a memory page, CC.MPS
   */
  void pageSize(int size) {
    walker.pageSize(size);
  }

  private int walk(long entry, long length, boolean toDrive) {
    long prp1 = SubmissionEntry.prp1(entry);
    long prp2 = SubmissionEntry.prp2(entry);
    return toDrive ? walker.walkSource(prp1, prp2, length) : walker.walkTarget(prp1, prp2, length);
  }

  @Override
  public int describe(long entry, long length, boolean toDrive) {
    int status =
        walker.find(SubmissionEntry.prp1(entry), SubmissionEntry.prp2(entry), length, toDrive);
    return status == DONE && walker.hasRemote() ? LATER : status;
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
    if (status == DONE) {
      walker.copyOut(to);
    }
    return status;
  }

  @Override
  public int deliver(int slot, long entry, long from, long length) {
    int status = walk(entry, length, false);
    return status == DONE ? walker.copyIn(from) : status;
  }

  @Override
  public int poll(Moved moved) {
    return 0;
  }

  @Override
  public void forget(int slot) {}
}
