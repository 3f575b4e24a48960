package sluice.bench.run;

import sluice.nvme.CompletionHandler;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.vfio.DmaMemory;

/**
 * A worker's part of a queue pair: all of it, or its share where a drive has fewer queues than
 * there are workers. Who shares a queue shares a thread. What one of them reaps is kept for whom it
 * belongs to, until that one's turn.
 */
final class QueueShare {
  private static final int SHARE_SHIFT = 32;

  private final IoQueue queue;
  private final Sorter sorter;
  private final long number;
  private final int[] slots;
  private final int[] statuses;
  private int arrived;

  /** Gives each of those who share a queue what has completed of theirs. */
  private static final class Sorter implements CompletionHandler {
    final QueueShare[] shares;

    Sorter(int count) {
      shares = new QueueShare[count];
    }

    @Override
    public void completed(long tag, int status) {
      shares[(int) (tag >>> SHARE_SHIFT)].keep((int) tag, status);
    }
  }

  private QueueShare(IoQueue queue, Sorter sorter, int number, int depth) {
    this.queue = queue;
    this.sorter = sorter;
    this.number = (long) number << SHARE_SHIFT;
    // A slot has one completion at a time.
    slots = new int[depth];
    statuses = new int[depth];
  }

  /** All of a queue. */
  static QueueShare whole(IoQueue queue) {
    return new QueueShare(queue, null, 0, 0);
  }

  /**
   * The shares of several workers in a queue; of one, all of it.
   *
   * @param depths how many commands each has out at the most
   */
  static QueueShare[] of(IoQueue queue, int... depths) {
    if (depths.length == 1) {
      return new QueueShare[] {whole(queue)};
    }
    Sorter sorter = new Sorter(depths.length);
    for (int i = 0; i < depths.length; i++) {
      sorter.shares[i] = new QueueShare(queue, sorter, i, depths[i]);
    }
    return sorter.shares.clone();
  }

  private void keep(int slot, int status) {
    slots[arrived] = slot;
    statuses[arrived] = status;
    arrived++;
  }

  /** As {@link IoQueue#poll}, for the worker's own commands. */
  void poll(CompletionHandler handler) {
    if (sorter == null) {
      queue.poll(handler);
      return;
    }
    queue.poll(sorter);
    int count = arrived;
    arrived = 0;
    for (int i = 0; i < count; i++) {
      handler.completed(slots[i], statuses[i]);
    }
  }

  /** Whether another who shares the queue has reaped what the next {@link #poll} will report. */
  boolean hasArrived() {
    return arrived > 0;
  }

  /** Rings for the entries of all who share the queue. */
  void ring() {
    queue.ring();
  }

  /** The queue that this is a part of. */
  IoQueue queue() {
    return queue;
  }

  // What is requested: false when there is no room now.

  boolean read(Namespace drive, long lba, int blocks, DmaMemory memory, long offset, int slot) {
    return queue.read(drive, lba, blocks, memory, offset, number | slot);
  }

  boolean write(Namespace drive, long lba, int blocks, DmaMemory memory, long offset, int slot) {
    return queue.write(drive, lba, blocks, memory, offset, number | slot);
  }

  /** A write that is durable when it completes. */
  boolean writeFua(Namespace drive, long lba, int blocks, DmaMemory memory, long offset, int slot) {
    return queue.writeFua(drive, lba, blocks, memory, offset, number | slot);
  }

  boolean deallocate(Namespace drive, long lba, int blocks, int slot) {
    return queue.deallocate(drive, lba, blocks, number | slot);
  }

  boolean flush(Namespace drive, int slot) {
    return queue.flush(drive, number | slot);
  }
}
