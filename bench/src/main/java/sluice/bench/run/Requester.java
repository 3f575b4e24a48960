package sluice.bench.run;

import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.load.BlockCheck;
import sluice.bench.load.DataFiller;
import sluice.bench.result.Direction;
import sluice.nvme.Namespace;

/** Makes requests of a drive's queues of what is in a slot, and the data that writes write. */
final class Requester {
  private static final int READ = Direction.READ.number();
  private static final int WRITE = Direction.WRITE.number();

  private final Ports ports;
  private final Slots slots;
  private final DataFiller filler;
  private final BlockCheck check;
  private final boolean durable;

  /**
   * @param check makes blocks that can be known again; null if none are wanted
   */
  Requester(JobOptions job, Ports ports, Slots slots, BlockCheck check, long seed) {
    this.ports = ports;
    this.slots = slots;
    this.check = check;
    this.filler = new DataFiller(job, seed);
    this.durable = job.get(Options.SYNC);
    for (int slot = 0; slot < slots.count; slot++) {
      slots.fill(slot, filler);
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
    Port port = ports.get(slots.port[slot]);
    Namespace drive = port.drive();
    QueueShare queue = way == READ ? port.reads() : port.others();
    if (way == Slots.FLUSH) {
      return queue.flush(drive, slot);
    }
    int blockShift = drive.blockShift();
    int length = slots.length[slot];
    long lba = slots.offset[slot] >>> blockShift;
    int blocks = length >>> blockShift;
    if (way == READ) {
      return queue.read(drive, lba, blocks, port.memory(), slots.memoryOffset(slot), slot);
    }
    if (way != WRITE) {
      return queue.deallocate(drive, lba, blocks, slot);
    }
    fill(slot, length, number);
    return durable
        ? queue.writeFua(drive, lba, blocks, port.memory(), slots.memoryOffset(slot), slot)
        : queue.write(drive, lba, blocks, port.memory(), slots.memoryOffset(slot), slot);
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
      return "flush" + onDrive(slot);
    }
    String what = way == READ ? "read" : way == WRITE ? "write" : "trim";
    return "%s of %d bytes at byte %d%s"
        .formatted(what, slots.length[slot], slots.offset[slot], onDrive(slot));
  }

  /** Which of several. */
  private String onDrive(int slot) {
    return ports.count() == 1 ? "" : " on drive " + ports.get(slots.port[slot]).number();
  }
}
