package sluice.virtual.pci;

import sluice.queues.SubmissionEntry;
import sluice.virtual.command.Controller;
import sluice.virtual.command.HostData;
import sluice.virtual.command.HostQueue;

/**
 * The drive's end of a submission queue in host memory: takes entries from its head. Its answers go
 * to its completion queue.
 */
final class DeviceSubmissionQueue extends HostQueue implements RemoteMemory.User {
  /** How many entries of remote memory are asked for at once. */
  private static final int MOST_AHEAD = 32;

  private final QueueTable table;

  private final int id;
  private final int entries;
  private final long iova;
  private final DeviceCompletionQueue completions;
  private final DmaWindow window;
  private final ShadowDoorbell doorbell;
  private int head;
  private int badTail = -1;

  // Entries of remote memory that are here already, or on their way.
  private final Scratch ahead = new Scratch();
  private int aheadFirst;
  private int aheadCount;
  private int asked;
  private boolean isTakenAhead;

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
    if (waiting == 0) {
      return 0;
    }
    waiting = waiting > 0 ? waiting : waiting + entries;
    return isHere() ? waiting : waitingAhead(waiting);
  }

  private long entryIova() {
    return iova + (long) head * SubmissionEntry.BYTES;
  }

  private boolean isHere() {
    return aheadCount == 0
        && asked == 0
        && window.translate(entryIova(), SubmissionEntry.BYTES) != DmaWindow.REMOTE;
  }

  /** How many of the entries that wait in remote memory have come; asks for them. */
  private int waitingAhead(int waiting) {
    if (aheadCount == 0 && asked == 0) {
      aheadFirst = 0;
      askAhead(waiting);
    }
    return asked > 0 ? 0 : Math.min(aheadCount, waiting);
  }

  /** Asks for entries from the head on, behind those that are here. */
  private void askAhead(int waiting) {
    int count = Math.min(Math.min(waiting, entries - head), MOST_AHEAD - aheadCount);
    asked = count;
    long bytes = (long) count * SubmissionEntry.BYTES;
    long to = aheadAt(aheadCount);
    if (window.translate(entryIova(), bytes) != DmaWindow.REMOTE) {
      // They lie in several regions.
      asked = 1;
      bytes = SubmissionEntry.BYTES;
    }
    if (!window.remote().read(entryIova(), to, bytes, this)) {
      asked = 0;
    }
  }

  private long aheadAt(int index) {
    return ahead.address((long) MOST_AHEAD * SubmissionEntry.BYTES)
        + (long) index * SubmissionEntry.BYTES;
  }

  @Override
  public boolean awaitNext(long entry) {
    int tail = doorbell.value();
    if (aheadCount > 0
        || tail >= entries
        || tail == head
        || window.translate(entryIova(), SubmissionEntry.BYTES) != DmaWindow.REMOTE) {
      return false;
    }
    SubmissionEntry.copy(entry, aheadAt(0));
    aheadFirst = 0;
    aheadCount = 1;
    int waiting = tail - head;
    askAhead(waiting > 0 ? waiting : waiting + entries);
    head = head == 0 ? entries - 1 : head - 1;
    return true;
  }

  @Override
  public void moved(boolean isGood) {
    if (isGood) {
      aheadCount += asked;
    } else {
      isBroken = true;
      hasTrouble = true;
    }
    asked = 0;
  }

  @Override
  public boolean isQueue() {
    return true;
  }

  /** Nothing is taken from it any more. */
  void close() {
    if (asked > 0) {
      window.remote().forget(this);
      asked = 0;
    }
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
    if (aheadCount > 0) {
      long from = aheadAt(aheadFirst++);
      SubmissionEntry.copy(from, entry);
      aheadCount--;
      isTakenAhead = true;
    } else {
      long from = window.translate(entryIova(), SubmissionEntry.BYTES);
      if (from < 0) {
        isBroken = true;
        return false;
      }
      SubmissionEntry.copy(from, entry);
      isTakenAhead = false;
    }
    head = head + 1 == entries ? 0 : head + 1;
    return true;
  }

  @Override
  public void putBack() {
    if (isTakenAhead) {
      aheadFirst--;
      aheadCount++;
    }
    head = head == 0 ? entries - 1 : head - 1;
  }

  @Override
  public int room(int wanted) {
    return completions.room(wanted);
  }

  @Override
  public boolean answer(int commandId, int status, int result) {
    int posted = completions.post(result, head, id, commandId, status);
    if (posted == DeviceCompletionQueue.LOST) {
      isBroken = true;
      controller().fault();
    }
    return posted != DeviceCompletionQueue.FULL || isBroken;
  }

  @Override
  public String toString() {
    return "submission queue " + id;
  }
}
