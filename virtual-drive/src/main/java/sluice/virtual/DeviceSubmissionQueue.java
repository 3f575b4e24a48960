package sluice.virtual;

import sluice.queues.SubmissionEntry;

/** The drive's end of a submission queue: takes entries from its head. */
final class DeviceSubmissionQueue {
  /** {@link #available}: the tail lies outside of the queue. */
  static final int INVALID_TAIL = -1;

  private final int id;
  private final int entries;
  private final long iova;
  private final DeviceCompletionQueue completions;
  private final DmaWindow window;
  private final ShadowDoorbell doorbell;
  private int head;
  private int badTail = -1;

  /** For entries in remote memory. */
  private final Scratch fetched = new Scratch();

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

  int id() {
    return id;
  }

  DeviceCompletionQueue completions() {
    return completions;
  }

  ShadowDoorbell doorbell() {
    return doorbell;
  }

  /** The index of the next entry to take. */
  int head() {
    return head;
  }

  /**
   * How many entries wait.
   *
   * @return {@link #INVALID_TAIL} if the host stored a tail that cannot be; told once a value
   */
  int available() {
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
   * @return its address, or {@link DmaWindow#FAULT}
   */
  long take() {
    long at = iova + (long) head * SubmissionEntry.BYTES;
    long entry = window.translate(at, SubmissionEntry.BYTES);
    if (entry == DmaWindow.REMOTE) {
      entry = fetch(at);
    }
    head = head + 1 == entries ? 0 : head + 1;
    return entry;
  }

  private long fetch(long at) {
    long entry = fetched.address(SubmissionEntry.BYTES);
    return window.remote().read(at, entry, SubmissionEntry.BYTES) ? entry : DmaWindow.FAULT;
  }

  @Override
  public String toString() {
    return "submission queue " + id;
  }
}
