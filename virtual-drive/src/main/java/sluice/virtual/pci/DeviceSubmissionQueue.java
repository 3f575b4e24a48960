package sluice.virtual.pci;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.queues.SubmissionEntry;

/** The drive's end of a submission queue: takes entries from its head. */
public final class DeviceSubmissionQueue {
  /** {@link #available}: the tail lies outside of the queue. */
  public static final int INVALID_TAIL = -1;

  private final int id;
  private final int entries;
  private final long iova;
  private final DeviceCompletionQueue completions;
  private final DmaWindow window;
  private final ShadowDoorbell doorbell;
  private int head;
  private int badTail = -1;

  /** The entry taken last: a copy, for the host may change its own at any time. */
  private final MemorySegment taken = Arena.ofAuto().allocate(SubmissionEntry.BYTES, 64);

  private final long takenAddress = taken.address();

  DeviceSubmissionQueue(
      int id,
      int entries,
      long iova,
      DeviceCompletionQueue completions,
      ShadowDoorbell doorbell,
      VirtualIommu iommu) {
    this.id = id;
    this.entries = entries;
    this.iova = iova;
    this.completions = completions;
    this.doorbell = doorbell;
    this.window = new DmaWindow(iommu, VirtualIommu.READ);
  }

  public int id() {
    return id;
  }

  public DeviceCompletionQueue completions() {
    return completions;
  }

  public ShadowDoorbell doorbell() {
    return doorbell;
  }

  /** The index of the next entry to take. */
  public int head() {
    return head;
  }

  /**
   * How many entries wait.
   *
   * @return {@link #INVALID_TAIL} if the host stored a tail that cannot be; told once a value
   */
  public int available() {
    int tail = doorbell.value();
    if (tail == head) {
      tail = doorbell.announceAndRead(tail);
    }
    if (tail >= entries) {
      boolean told = tail == badTail;
      badTail = tail;
      return told ? 0 : INVALID_TAIL;
    }
    int available = tail - head;
    return available >= 0 ? available : available + entries;
  }

  /**
   * Takes the next entry, one that {@link #available} counted.
   *
   * <p>It is read once, here: nothing that looks at a command sees the host's memory, in which it
   * could change between a check and its use.
   *
   * @return the address of a copy, good until the next call, or {@link DmaWindow#FAULT}
   */
  public long take() {
    long at = iova + (long) head * SubmissionEntry.BYTES;
    head = head + 1 == entries ? 0 : head + 1;
    long entry = window.translate(at, SubmissionEntry.BYTES);
    if (entry >= 0) {
      SubmissionEntry.copy(entry, takenAddress);
      return takenAddress;
    }
    return entry == DmaWindow.REMOTE
            && window.remote().read(at, takenAddress, SubmissionEntry.BYTES)
        ? takenAddress
        : DmaWindow.FAULT;
  }

  /** Undoes the last {@link #take}: the entry is taken, and read, another time. */
  public void putBack() {
    head = head == 0 ? entries - 1 : head - 1;
  }

  @Override
  public String toString() {
    return "submission queue " + id;
  }
}
