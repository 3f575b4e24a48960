package sluice.recorder.volume;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveIo;
import sluice.nvme.spec.Status;
import sluice.recorder.format.FormatException;
import sluice.recorder.format.SealedBlock;
import sluice.recorder.format.SealedBlock.Condition;
import sluice.recorder.format.Superblock;

/** Both copies of a volume's superblock, as they were found. */
public final class Superblocks {
  private final Superblock superblock;
  private final boolean[] whole;
  private final String[] problems;
  private final List<Finding> findings;

  private Superblocks(
      Superblock superblock, boolean[] whole, String[] problems, List<Finding> findings) {
    this.superblock = superblock;
    this.whole = whole;
    this.problems = problems;
    this.findings = List.copyOf(findings);
  }

  /**
   * What a copy turned out to be.
   *
   * @param condition null if the drive cannot read it
   */
  private record Copy(Condition condition, Superblock superblock, String problem) {}

  /**
   * Finds a drive's layout by either copy.
   *
   * @throws FormatException if neither copy is whole, or the drive ends within the catalogue
   */
  public static Superblocks read(Drive drive, DriveIo io) {
    long end = drive.bytes() / SealedBlock.SIZE * SealedBlock.SIZE;
    Copy a = readCopy(io, 0, 0);
    long addressOfB = a.superblock == null ? end - SealedBlock.SIZE : a.superblock.addressOf(1);
    boolean truncated = addressOfB + SealedBlock.SIZE > end;
    Copy b =
        truncated
            ? new Copy(Condition.DAMAGED, null, "it is beyond the drive's end")
            : readCopy(io, 1, addressOfB);
    if (a.superblock == null && b.superblock == null) {
      throw new FormatException(noLayout(drive, a, b));
    }
    List<Finding> findings = new ArrayList<>();
    Superblock found = a.superblock != null ? a.superblock : b.superblock;
    if (truncated) {
      findings.add(
          Finding.damage(
              "drive",
              "it is truncated: it has %d bytes, and its layout %d"
                  .formatted(drive.bytes(), found.driveBytes())));
    }
    if (a.superblock != null && b.superblock != null && !a.superblock.equals(b.superblock)) {
      findings.add(Finding.damage("superblock copy B", "it differs from copy A"));
      b = new Copy(Condition.DAMAGED, null, "it differs from copy A");
    } else {
      addFinding(findings, 'A', a);
      addFinding(findings, 'B', b);
    }
    if (found.indexAddress() > end) {
      throw new FormatException(
          "%s is truncated: it has %d bytes, and ends within its catalogue"
              .formatted(drive.name(), drive.bytes()));
    }
    boolean[] whole = {a.superblock != null, b.superblock != null};
    String[] problems = {a.problem, b.problem};
    return new Superblocks(found, whole, problems, findings);
  }

  private static void addFinding(List<Finding> findings, char name, Copy copy) {
    if (copy.superblock == null) {
      String where = "superblock copy " + name;
      String text = copy.problem + "; the other copy is used; repair it";
      findings.add(
          copy.condition == null ? Finding.worn(where, text) : Finding.damage(where, text));
    }
  }

  private static String noLayout(Drive drive, Copy a, Copy b) {
    if (a.condition == Condition.BLANK && b.condition == Condition.BLANK) {
      return drive.name() + " holds no layout of a recorder; make one first";
    }
    if (a.problem.equals(b.problem)) {
      return "%s holds no layout of a recorder: %s".formatted(drive.name(), a.problem);
    }
    return "%s holds no layout of a recorder: copy A of the superblock: %s; copy B: %s"
        .formatted(drive.name(), a.problem, b.problem);
  }

  private static Copy readCopy(DriveIo io, int copy, long address) {
    int status = io.tryRead(address, SealedBlock.SIZE);
    if (status != 0) {
      return new Copy(null, null, "the drive cannot read it: " + Status.format(status));
    }
    SealedBlock block = SealedBlock.open(io.buffer().asSlice(0, SealedBlock.SIZE));
    if (!block.isWhole()) {
      String problem =
          switch (block.condition()) {
            case BLANK -> "it is blank";
            case TORN -> "a write of it was cut short";
            default -> "its checksum is wrong";
          };
      return new Copy(block.condition(), null, problem);
    }
    try {
      return new Copy(Condition.WHOLE, Superblock.decode(block.payload(), copy), "");
    } catch (FormatException e) {
      return new Copy(Condition.DAMAGED, null, e.getMessage());
    }
  }

  /** Makes a layout: nothing of an old one can be taken for valid at any instant. */
  public static void create(DriveIo io, Superblock superblock) {
    io.zero(superblock.addressOf(0), SealedBlock.SIZE);
    io.zero(superblock.addressOf(1), SealedBlock.SIZE);
    io.flush();
    for (int copy = 0; copy < 2; copy++) {
      io.zero(superblock.catalogueAddress(0, copy), superblock.catalogueBytes());
    }
    io.flush();
    for (int copy = 1; copy >= 0; copy--) {
      write(io, superblock, copy);
    }
  }

  private static void write(DriveIo io, Superblock superblock, int copy) {
    MemorySegment payload = Arena.ofAuto().allocate(SealedBlock.PAYLOAD);
    superblock.encode(payload, copy);
    MemorySegment block = io.buffer().asSlice(0, SealedBlock.SIZE);
    SealedBlock.seal(payload, Superblock.GENERATION, block);
    io.write(superblock.addressOf(copy), SealedBlock.SIZE);
    io.flush();
  }

  /**
   * Writes a copy that is not whole anew from the other, where the drive reaches that far.
   *
   * @return what was done
   */
  public List<Repair> repair(Drive drive, DriveIo io) {
    List<Repair> done = new ArrayList<>();
    // The other may have been read from the drive's cache alone.
    io.flush();
    for (int copy = 0; copy < 2; copy++) {
      if (!whole[copy] && superblock.addressOf(copy) + SealedBlock.SIZE <= drive.bytes()) {
        write(io, superblock, copy);
        done.add(
            new Repair(
                Repair.Action.REWRITTEN,
                "superblock copy " + "AB".charAt(copy),
                problems[copy] + "; written anew from the other copy"));
      }
    }
    return done;
  }

  public Superblock superblock() {
    return superblock;
  }

  public List<Finding> findings() {
    return findings;
  }

  /**
   * A drive that forgets (a virtual one without memory, a broken one) is no place to record to.
   *
   * @throws FormatException if it is one
   */
  public static void requireKept(Drive drive, DriveIo io, Superblock written) {
    try {
      if (read(drive, io).superblock().equals(written)) {
        return;
      }
    } catch (FormatException e) {
      // Nothing is there: the same as something else.
    }
    throw new FormatException(drive.name() + " does not keep what is written to it");
  }
}
