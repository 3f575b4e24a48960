package sluice.bench.run;

import java.util.function.Consumer;
import sluice.bench.job.Extent;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.nvme.Namespace;

/**
 * The part of the drive that a clone of a job uses.
 *
 * @param offset its first byte
 * @param bytes how much there is
 * @param ioBytes how much is moved in a round
 */
record Region(long offset, long bytes, long ioBytes) {

  /**
   * @param clone which of the job's clones, from 0
   * @param warn told what is not as the job says
   * @throws IllegalArgumentException if the job does not fit the drive at all
   */
  static Region of(JobOptions job, int clone, Namespace drive, Consumer<String> warn) {
    long capacity = drive.bytes();
    int unit = job.leastBlock();
    checkBlocks(job, drive);
    long align = Math.max(drive.blockSize(), job.get(Options.OFFSET_ALIGN));
    long increment = job.get(Options.OFFSET_INCREMENT).of(capacity);
    long offset = job.get(Options.OFFSET).of(capacity);
    if (increment > 0 && clone > (capacity - offset) / increment) {
      throw refused(job, "offset_increment puts clone %d behind the drive's end".formatted(clone));
    }
    offset = (offset + increment * clone) / align * align;
    long room = (capacity - offset) / drive.blockSize() * drive.blockSize();
    if (offset > capacity || room < unit) {
      throw refused(
          job, "byte %d is too near to the drive's end at %d".formatted(offset, capacity));
    }
    Extent wanted = job.get(Options.SIZE);
    long size = wanted.isGiven() ? wanted.of(capacity) : room;
    if (size > room) {
      if (!wanted.isGiven() || wanted.fraction() == 0) {
        warn.accept(
            "job %s: its size of %d bytes is more than the %d that the drive has from byte %d on"
                .formatted(job.name(), size, room, offset));
      }
      size = room;
    }
    size = size / unit * unit;
    if (size < job.greatestBlock()) {
      throw refused(
          job, "%d bytes have no room for a block of %d".formatted(size, job.greatestBlock()));
    }
    Extent io = job.get(Options.IO_SIZE);
    return new Region(offset, size, io.isGiven() ? Math.max(unit, io.of(size)) : size);
  }

  /** What a command moves is made of the drive's blocks. */
  private static void checkBlocks(JobOptions job, Namespace drive) {
    job.directions()
        .forEach(way -> {
          var sizes = job.blockSizes().of(way);
          boolean fits =
              sizes.least() % drive.blockSize() == 0
                  && sizes.shares().stream().allMatch(s -> s.bytes() % sizes.least() == 0);
          var align = job.get(Options.BLOCKALIGN);
          if (!fits || (align != null && align.of(way) % drive.blockSize() != 0)) {
            throw refused(
                job,
                "I/Os of %d bytes are not made of the drive's blocks of %d"
                    .formatted(sizes.least(), drive.blockSize()));
          }
        });
  }

  private static IllegalArgumentException refused(JobOptions job, String why) {
    return new IllegalArgumentException(job.where() + ": job " + job.name() + ": " + why);
  }
}
