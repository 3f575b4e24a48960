package sluice.virtual.pci;

import sluice.queues.CompletionEntry;

/** The drive's end of a completion queue: posts entries at its tail. */
final class DeviceCompletionQueue implements RemoteMemory.User {
  // What became of an entry.
  static final int POSTED = 0;

  /** There is no room for it on the way to the host, or in the queue. */
  static final int FULL = 1;

  /** The queue's memory is not there. */
  static final int LOST = 2;

  private final QueueTable table;
  private final int id;
  private final int entries;
  private final long iova;
  private final DmaWindow window;
  private final ShadowDoorbell doorbell;
  private final int vector;
  private final RaisedVectors raised;
  private int tail;
  private int phase = 1;

  /** The host's head as last read: it has taken all entries before. */
  private int head;

  private boolean invalidHead;
  private int submissionQueues;

  private boolean isSending;

  /** For entries of remote memory. */
  private final Scratch sent = new Scratch();

  /**
   * @param vector the queue's interrupt vector, or {@link RaisedVectors#NONE}
   * @param raised where it tells of what it posted
   */
  DeviceCompletionQueue(
      QueueTable table,
      int id,
      int entries,
      long iova,
      ShadowDoorbell doorbell,
      VirtualIommu iommu,
      int vector,
      RaisedVectors raised) {
    this.table = table;
    this.vector = vector;
    this.raised = raised;
    this.id = id;
    this.entries = entries;
    this.iova = iova;
    this.doorbell = doorbell;
    this.window = new DmaWindow(iommu, VirtualIommu.WRITE);
  }

  int id() {
    return id;
  }

  ShadowDoorbell doorbell() {
    return doorbell;
  }

  /** How many submission queues post here; counted by their creation and deletion. */
  int submissionQueues() {
    return submissionQueues;
  }

  void attach() {
    submissionQueues++;
  }

  void detach() {
    submissionQueues--;
  }

  /**
   * For how many completions there is room; looks at the doorbell only if it is less than wanted.
   */
  int room(int wanted) {
    int room = roomFrom(head);
    if (room >= wanted) {
      return room;
    }
    int now = doorbell.announceAndRead(doorbell.value());
    if (now != head) {
      // The new head must lie between the old one and the tail.
      if (now >= entries || distance(head, now) > distance(head, tail)) {
        invalidHead = true;
        return room;
      }
      head = now;
    }
    return roomFrom(head);
  }

  /** Whether the host stored a head that cannot be, since the last call. */
  boolean takeInvalidHead() {
    boolean result = invalidHead;
    invalidHead = false;
    return result;
  }

  /**
   * Posts an entry.
   *
   * @return {@link #POSTED}, {@link #FULL} or {@link #LOST}
   */
  int post(int result, int sqHead, int sqId, int commandId, int status) {
    if (room(1) <= 0) {
      return FULL;
    }
    long at = iova + (long) tail * CompletionEntry.BYTES;
    long entry = window.translate(at, CompletionEntry.BYTES);
    if (entry < 0) {
      return entry == DmaWindow.REMOTE ? send(at, result, sqHead, sqId, commandId, status) : LOST;
    }
    CompletionEntry.writeRelease(entry, result, sqHead, sqId, commandId, status, phase);
    advance();
    if (vector != RaisedVectors.NONE) {
      raised.add(vector);
    }
    return POSTED;
  }

  private void advance() {
    if (++tail == entries) {
      tail = 0;
      phase ^= 1;
    }
  }

  /** The interrupt comes when the host has the entry. */
  private int send(long at, int result, int sqHead, int sqId, int commandId, int status) {
    long entry = sent.address(CompletionEntry.BYTES);
    CompletionEntry.writeRelease(entry, result, sqHead, sqId, commandId, status, phase);
    if (!window.remote().write(at, entry, CompletionEntry.BYTES, this)) {
      return FULL;
    }
    isSending = true;
    advance();
    return POSTED;
  }

  @Override
  public void moved(boolean isGood) {
    if (!isGood) {
      table.controller().fault();
    } else if (vector != RaisedVectors.NONE) {
      raised.add(vector);
    }
  }

  @Override
  public boolean isQueue() {
    return true;
  }

  /** It is deleted. */
  void close() {
    if (isSending) {
      window.remote().forget(this);
    }
  }

  private int roomFrom(int head) {
    return entries - 1 - distance(head, tail);
  }

  private int distance(int from, int to) {
    int distance = to - from;
    return distance >= 0 ? distance : distance + entries;
  }
}
