package sluice.bench.run;

import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.load.BlockCheck;
import sluice.bench.load.DataFiller;
import sluice.bench.result.Direction;
import sluice.nvme.Namespace;

/** Makes requests of the drive's queue of what is in a slot, and the data that writes write. */
final class Requester {
  private static final int READ = Direction.READ.number();
  private static final int WRITE = Direction.WRITE.number();

  private final QueueShare queue;
  private final Namespace drive;
  private final Slots slots;
  private final DataFiller filler;
  private final BlockCheck check;
  private final boolean durable;
  private final int blockShift;

  /**
   * @param check makes blocks that can be known again; null if none are wanted
   */
  Requester(
      JobOptions job, QueueShare queue, Namespace drive, Slots slots, BlockCheck check, long seed) {
    this.queue = queue;
    this.drive = drive;
    this.slots = slots;
    this.check = check;
    this.filler = new DataFiller(job, seed);
    this.durable = job.get(Options.SYNC);
    this.blockShift = drive.blockShift();
    for (int slot = 0; slot < slots.count; slot++) {
      filler.fill(slots.address(slot), slots.stride);
    }
  }

  /**
   * Requests what a slot says.
   *
   * @param number of the I/O, for data that can be known again
   * @return false when there is no room now
   */
  boolean request(int slot, long number) {
    int way = slots.way[slot];
    if (way == Slots.FLUSH) {
      return queue.flush(drive, slot);
    }
    int length = slots.length[slot];
    long lba = slots.offset[slot] >>> blockShift;
    int blocks = length >>> blockShift;
    if (way == READ) {
      return queue.read(drive, lba, blocks, slots.memory, slots.memoryOffset(slot), slot);
    }
    if (way != WRITE) {
      return queue.deallocate(drive, lba, blocks, slot);
    }
    fill(slot, length, number);
    return durable
        ? queue.writeFua(drive, lba, blocks, slots.memory, slots.memoryOffset(slot), slot)
        : queue.write(drive, lba, blocks, slots.memory, slots.memoryOffset(slot), slot);
  }

  private void fill(int slot, int length, long number) {
    if (check == null) {
      filler.prepare(slots.address(slot), length, slots.offset[slot]);
    } else {
      check.write(slots.buffer(slot), slots.address(slot), length, slots.offset[slot], number);
    }
  }

  /** What is in a slot, for people. */
  String describe(int slot) {
    int way = slots.way[slot];
    if (way == Slots.FLUSH) {
      return "flush";
    }
    String what = way == READ ? "read" : way == WRITE ? "write" : "trim";
    return "%s of %d bytes at byte %d".formatted(what, slots.length[slot], slots.offset[slot]);
  }
}
