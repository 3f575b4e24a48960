package sluice.bench.run;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import sluice.bench.job.Extent;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Layout;
import sluice.bench.job.Options;
import sluice.bench.job.Place;
import sluice.bench.job.RwMode;
import sluice.nvme.Namespace;
import sluice.support.text.Units;

/**
 * The parts of drives that a clone of a job uses.
 *
 * @param parts of its files, in their order
 * @param ioBytes how much is moved in a round
 */
record Region(List<Place> parts, long ioBytes) {

  /**
   * @param clone which of the job's clones, from 0
   * @param layout in which the job is
   * @param drives all of the run
   * @param warn told what is not as the job says
   * @throws IllegalArgumentException if the job does not fit the drive at all
   */
  static Region of(
      JobOptions job, int clone, Layout layout, List<Namespace> drives, Consumer<String> warn) {
    // A file that has a size ends there; else it goes on for as much as the job wants.
    boolean isSized = job.get(Options.FILESIZE).isGiven();
    List<Place> files = layout.files(job, clone);
    List<Place> parts = new ArrayList<>();
    long bytes = 0;
    for (int i = 0; i < files.size(); i++) {
      Place file = files.get(i);
      Namespace drive = drives.get(file.drive());
      checkBlocks(job, drive);
      long wanted = layout.bytes(job, clone, i, files.size());
      if (isSized) {
        file = new Place(file.drive(), file.offset(), Math.min(wanted, file.bytes()));
      }
      Place part = part(job, clone, file, wanted, drive, isSized ? note -> {} : warn);
      bytes += part.bytes();
      parts.add(job.isStrided() ? toTheEnd(job, part, file, drive) : part);
    }
    if (job.isStrided() && parts.size() > 1) {
      throw refused(job, "zonemode=strided is done in one file, and the job has several");
    }
    long size = job.get(Options.SIZE).bytes();
    long once = isSized && size > 0 ? Math.min(bytes, size) : bytes;
    Extent io = job.get(Options.IO_SIZE);
    if (io.isGiven()) {
      return new Region(parts, Math.max(job.leastBlock(), io.of(once)));
    }
    boolean goesOn = files.size() == 1 && files.getFirst().end() > parts.getFirst().end();
    return new Region(parts, goesOn ? withoutHoles(job, once) : once);
  }

  /**
   * How much a pass moves that leaves holes: where the file goes on behind it, fio does not come
   * back for another.
   */
  private static long withoutHoles(JobOptions job, long bytes) {
    RwMode mode = job.get(Options.RW);
    int block = job.leastBlock();
    boolean leaves = !mode.random() && mode.step() > 0 && job.directions().size() == 1;
    return leaves && block == job.greatestBlock()
        ? ((bytes - block) / (block + mode.step()) + 1) * block
        : bytes;
  }

  /** Zones lie in all of the file that is behind a job's offset, as fio has it. */
  private static Place toTheEnd(JobOptions job, Place part, Place file, Namespace drive) {
    for (var zone : List.of(Options.ZONESIZE, Options.ZONERANGE, Options.ZONESKIP)) {
      if (job.get(zone) % drive.blockSize() != 0) {
        throw refused(
            job,
            "%s=%d is not made of the drive's blocks of %d"
                .formatted(zone.name(), job.get(zone), drive.blockSize()));
      }
    }
    long end = file.end() / drive.blockSize() * drive.blockSize();
    return new Place(part.drive(), part.offset(), end - part.offset());
  }

  /**
   * What the job uses of one of its files.
   *
   * @param wanted how much, if there is as much
   */
  private static Place part(
      JobOptions job, int clone, Place file, long wanted, Namespace drive, Consumer<String> warn) {
    int unit = job.leastBlock();
    long increment = job.get(Options.OFFSET_INCREMENT).of(file.bytes());
    long offset = offset(job, file, drive);
    if (increment > 0 && clone > (file.bytes() - offset) / increment) {
      throw refused(job, "offset_increment puts clone %d behind the drive's end".formatted(clone));
    }
    offset = (offset + increment * clone) / drive.blockSize() * drive.blockSize();
    long room = (file.bytes() - offset) / drive.blockSize() * drive.blockSize();
    if (offset > file.bytes() || room < unit) {
      throw refused(
          job, "byte %d is too near to the drive's end at %d".formatted(offset, file.bytes()));
    }
    if (wanted > room && job.get(Options.SIZE).bytes() > 0) {
      warn.accept(
          "a size of %s is more than the %s that there are from byte %d on, which are used"
              .formatted(Units.formatSize(wanted), Units.formatSize(room), offset));
    }
    long size = Math.min(wanted, room) / unit * unit;
    if (size < job.greatestBlock()) {
      throw refused(
          job, "%d bytes have no room for a block of %d".formatted(size, job.greatestBlock()));
    }
    return new Place(file.drive(), file.offset() + offset, size);
  }

  /** One in per cent is aligned upwards, as fio has it. */
  private static long offset(JobOptions job, Place file, Namespace drive) {
    Extent offset = job.get(Options.OFFSET);
    long asked = job.get(Options.OFFSET_ALIGN);
    long align = Math.max(drive.blockSize(), asked > 0 ? asked : job.leastBlock());
    long bytes = offset.of(file.bytes());
    return offset.fraction() > 0 ? Math.ceilDiv(bytes, align) * align : bytes;
  }

  /** What a command moves is made of the drive's blocks. */
  private static void checkBlocks(JobOptions job, Namespace drive) {
    RwMode mode = job.get(Options.RW);
    if (!mode.random() && mode.step() % drive.blockSize() != 0) {
      throw refused(
          job,
          "steps of %d bytes are not made of the drive's blocks of %d"
              .formatted(mode.step(), drive.blockSize()));
    }
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
