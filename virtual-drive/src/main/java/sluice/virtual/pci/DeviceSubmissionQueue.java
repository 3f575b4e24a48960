package sluice.virtual.pci;

import sluice.queues.SubmissionEntry;
import sluice.virtual.command.Controller;
import sluice.virtual.command.HostData;
import sluice.virtual.command.HostQueue;

/**
 * The drive's end of a submission queue in host memory: takes entries from its head. Its answers go
 * to its completion queue.
 */
final class DeviceSubmissionQueue implements HostQueue {
  private final QueueTable table;

  private final int id;
  private final int entries;
  private final long iova;
  private final DeviceCompletionQueue completions;
  private final DmaWindow window;
  private final ShadowDoorbell doorbell;
  private int head;
  private int badTail = -1;

  private boolean hasTrouble;
  private boolean hasInvalidDoorbell;
  private boolean isBroken;

  /**
   * @param table that it is in
   */
  DeviceSubmissionQueue(
      QueueTable table,
      int id,
      int entries,
      long iova,
      DeviceCompletionQueue completions,
      ShadowDoorbell doorbell,
      VirtualIommu iommu) {
    this.table = table;
    this.id = id;
    this.entries = entries;
    this.iova = iova;
    this.completions = completions;
    this.doorbell = doorbell;
    this.window = new DmaWindow(iommu, VirtualIommu.READ);
  }

  @Override
  public int id() {
    return id;
  }

  @Override
  public Controller controller() {
    return table.controller();
  }

  @Override
  public HostData data() {
    return table.data();
  }

  DeviceCompletionQueue completions() {
    return completions;
  }

  ShadowDoorbell doorbell() {
    return doorbell;
  }

  @Override
  public int waiting() {
    int tail = doorbell.value();
    if (tail == head) {
      tail = doorbell.announceAndRead(tail);
    }
    if (tail >= entries) {
      refuseTail(tail);
      return 0;
    }
    int waiting = tail - head;
    return waiting >= 0 ? waiting : waiting + entries;
  }

  /** A tail that cannot be is told once. */
  private void refuseTail(int tail) {
    if (doorbell.isLost()) {
      isBroken = true;
      hasTrouble = true;
    }
    if (tail != badTail) {
      hasInvalidDoorbell = true;
      hasTrouble = true;
    }
    badTail = tail;
  }

  @Override
  public int available(int most) {
    int waiting = waiting();
    if (waiting == 0) {
      return 0;
    }
    int wanted = Math.min(waiting, most);
    int room = completions.room(wanted);
    if (completions.takeInvalidHead()) {
      isBroken |= completions.doorbell().isLost();
      hasInvalidDoorbell = true;
      hasTrouble = true;
    }
    return Math.max(0, Math.min(wanted, room));
  }

  @Override
  public boolean hasTrouble() {
    return hasTrouble;
  }

  @Override
  public boolean takeTrouble() {
    boolean isInvalid = hasInvalidDoorbell;
    hasInvalidDoorbell = false;
    hasTrouble = false;
    return isInvalid;
  }

  @Override
  public boolean isBroken() {
    return isBroken;
  }

  @Override
  public boolean take(long entry) {
    long at = iova + (long) head * SubmissionEntry.BYTES;
    long from = window.translate(at, SubmissionEntry.BYTES);
    if (from >= 0) {
      SubmissionEntry.copy(from, entry);
    } else if (from == DmaWindow.FAULT || !window.remote().read(at, entry, SubmissionEntry.BYTES)) {
      isBroken = true;
      return false;
    }
    head = head + 1 == entries ? 0 : head + 1;
    return true;
  }

  @Override
  public void putBack() {
    head = head == 0 ? entries - 1 : head - 1;
  }

  @Override
  public int room(int wanted) {
    return completions.room(wanted);
  }

  @Override
  public boolean answer(int commandId, int status, int result) {
    if (completions.room(1) <= 0) {
      return isBroken;
    }
    if (!completions.post(result, head, id, commandId, status)) {
      isBroken = true;
      controller().fault();
    }
    return true;
  }

  @Override
  public String toString() {
    return "submission queue " + id;
  }
}
