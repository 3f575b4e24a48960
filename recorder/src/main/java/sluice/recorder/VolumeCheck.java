package sluice.recorder;

import java.util.ArrayList;
import java.util.List;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveIo;
import sluice.recorder.CheckReport.CheckedRecording;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.FormatException;
import sluice.recorder.format.RecordingState;
import sluice.recorder.format.SealedBlock;
import sluice.recorder.format.Superblock;
import sluice.recorder.volume.Catalogue;
import sluice.recorder.volume.Finding;
import sluice.recorder.volume.LostRecording;
import sluice.recorder.volume.Recovery;
import sluice.recorder.volume.Repair;
import sluice.support.time.NanoClock;

/** A look at a volume, which puts in order what a crash has left behind unless more is wrong. */
final class VolumeCheck {
  private static final long PROVED = Long.MAX_VALUE;

  private final Drive drive;
  private final DriveIo io;
  private final Catalogue catalogue;
  private final List<Finding> findings;
  private final NanoClock clock;

  /**
   * @param findings of superblocks and catalogue
   */
  VolumeCheck(
      Drive drive, DriveIo io, Catalogue catalogue, List<Finding> findings, NanoClock clock) {
    this.drive = drive;
    this.io = io;
    this.catalogue = catalogue;
    this.findings = new ArrayList<>(findings);
    this.clock = clock;
  }

  int recover() {
    requireUndamaged();
    catalogue.complete(drive);
    int count = 0;
    for (CatalogueEntry entry : openEntries()) {
      Recovery.Result result = examine(entry);
      if (result.damage().isEmpty()) {
        keep(result);
        count++;
      } else {
        findings.add(damaged(entry, result));
        requireUndamaged();
        leave(entry, result.reserved());
      }
    }
    return count;
  }

  /**
   * A recording whose index the drive cannot read everywhere stays open: perhaps it can be read
   * another time, and a repair cuts it. What it may have used stays its own, the rest is free.
   */
  private void leave(CatalogueEntry open, CatalogueEntry reserved) {
    if (!reserved.equals(open)) {
      catalogue.write(drive, reserved);
    }
  }

  private List<CatalogueEntry> openEntries() {
    return catalogue.entries().stream()
        .filter(entry -> entry.state() == RecordingState.OPEN)
        .toList();
  }

  private Recovery.Result examine(CatalogueEntry open) {
    return Recovery.examine(drive, io, open, clock.nanos());
  }

  void requireUndamaged() {
    for (Finding finding : findings) {
      if (finding.forbidsWriting()) {
        throw new FormatException(
            "%s is damaged, and nothing is written to it until it is repaired: %s"
                .formatted(drive.name(), finding));
      }
    }
  }

  /** What was proved to be there may still be in the drive's cache alone. */
  private void keep(Recovery.Result result) {
    io.flush();
    catalogue.write(drive, result.entry());
  }

  /**
   * Cuts open recordings where they can no longer be proved, whatever the reason.
   *
   * @return what was done
   */
  List<Repair> cut() {
    List<Repair> cuts = new ArrayList<>();
    for (CatalogueEntry entry : openEntries()) {
      Recovery.Result result = examine(entry);
      keep(result);
      cuts.add(
          new Repair(
              Repair.Action.CUT,
              nameOf(entry),
              "a crash left it open; cut at stream offset %d, of which %d were noted as durable%s"
                  .formatted(
                      result.entry().totals().streamBytes(),
                      result.durableBytes(),
                      result.damage().isEmpty() ? "" : ": " + result.damage())));
    }
    return cuts;
  }

  /**
   * Sees to recordings that cannot be where they say that they are: those outside of the volume's
   * regions, and of two in one place the one of which less is there. One that is proved by its
   * index, and only claims another part of the drive, gets that which it has, and is never given up
   * for another.
   *
   * @return what was done
   */
  List<Repair> dropMisplaced() {
    List<Repair> done = new ArrayList<>();
    for (CatalogueEntry entry : catalogue.misplaced()) {
      if (!fit(entry, done) && present(entry) < PROVED) {
        drop(entry, "its place is not within the volume's regions; given up", done);
      }
    }
    for (List<CatalogueEntry> pair = catalogue.overlapping();
        !pair.isEmpty();
        pair = catalogue.overlapping()) {
      CatalogueEntry first = pair.getFirst();
      CatalogueEntry last = pair.getLast();
      if (fit(first, done) || fit(last, done)) {
        continue;
      }
      long ofFirst = present(first);
      long ofLast = present(last);
      if (ofFirst == PROVED && ofLast == PROVED && !first.uuid().equals(last.uuid())) {
        break;
      }
      boolean isFirstKept = first.number() != last.number() && ofFirst >= ofLast;
      drop(
          isFirstKept ? last : first,
          "it overlaps with recording '%s'; given up"
              .formatted((isFirstKept ? first : last).name()),
          done);
    }
    return done;
  }

  private void drop(CatalogueEntry entry, String text, List<Repair> done) {
    catalogue.drop(drive, entry.number());
    done.add(new Repair(Repair.Action.GIVEN_UP, nameOf(entry), text));
  }

  static String nameOf(CatalogueEntry entry) {
    return "recording '" + entry.name() + "'";
  }

  /**
   * Brings recordings back that the catalogue has lost, as far as their index proves them. An index
   * that proves nothing, or whose data lies where that of another recording is, is given up.
   *
   * @return what was done
   */
  List<Repair> bringBack(Superblock layout) {
    List<Repair> done = new ArrayList<>();
    for (LostRecording lost : LostRecording.findAll(drive, io, layout, catalogue)) {
      int number = catalogue.freeNumber();
      if (number < 0) {
        break;
      }
      String name = freeName();
      Recovery.Result result = lost.examine(drive, io, layout, number, name, clock.nanos());
      CatalogueEntry found = result.entry();
      String problem = found.indexEntries() == 0 ? "it proves nothing" : catalogue.obstacle(found);
      if (problem.isEmpty()) {
        io.flush();
        catalogue.open(drive, found);
        done.add(
            new Repair(
                Repair.Action.BROUGHT_BACK,
                lost.where(),
                "the catalogue had lost it; it is recording '%s' now, with %d bytes%s"
                    .formatted(
                        name,
                        found.totals().streamBytes(),
                        result.damage().isEmpty() ? "" : ": " + result.damage())));
      } else {
        io.zero(lost.address(), SealedBlock.SIZE);
        io.flush();
        done.add(
            new Repair(
                Repair.Action.GIVEN_UP,
                lost.where(),
                "it tells of a recording that the catalogue does not have; %s; given up"
                    .formatted(problem)));
      }
    }
    return done;
  }

  /**
   * Makes gaps of what is damaged in ended recordings.
   *
   * @return what was done
   */
  List<Repair> acceptLoss() {
    List<Repair> done = new ArrayList<>();
    for (CatalogueEntry entry : catalogue.entries()) {
      if (entry.state() != RecordingState.OPEN
          && !RecordingCheck.run(drive, entry, true).certificate().isIntact()) {
        Repair repair = AcceptedLoss.accept(drive, io, catalogue, entry);
        if (repair != null) {
          done.add(repair);
        }
      }
    }
    return done;
  }

  private String freeName() {
    for (int n = 1; ; n++) {
      String name = "found-" + n;
      if (catalogue.entries().stream().noneMatch(entry -> entry.name().equals(name))) {
        return name;
      }
    }
  }

  /** Leaves a recording that is whole with the place that it has; false if that changes nothing. */
  private boolean fit(CatalogueEntry entry, List<Repair> done) {
    if (entry.state() == RecordingState.OPEN) {
      return false;
    }
    RecordingCheck.Result result = RecordingCheck.run(drive, entry, true);
    if (!result.isProved() || result.used().equals(entry.extents())) {
      return false;
    }
    catalogue.write(drive, entry.withExtents(result.used()));
    done.add(
        new Repair(
            Repair.Action.PLACED,
            nameOf(entry),
            "its place was not what its index tells; it has that now"));
    return true;
  }

  /** How much of a recording is there: its right bytes; {@link #PROVED} if all of it is right. */
  private long present(CatalogueEntry entry) {
    boolean isOpen = entry.state() == RecordingState.OPEN;
    CatalogueEntry readable = isOpen ? examine(entry).entry() : entry;
    RecordingCheck.Result result = RecordingCheck.run(drive, readable, true);
    Certificate certificate = result.certificate();
    return result.isProved() && !isOpen
        ? PROVED
        : certificate.totals().recordedBytes() - certificate.damagedBytes();
  }

  private static Finding damaged(CatalogueEntry entry, Recovery.Result result) {
    return result.reserved() == null
        ? Finding.damage(nameOf(entry), result.damage())
        : Finding.worn(nameOf(entry), result.damage() + "; it stays open; a repair cuts it there");
  }

  /** Whether a check would write: something was left behind, and nothing forbids it. */
  boolean hasLeftovers() {
    return !isDamaged() && (catalogue.isCutShort() || !openEntries().isEmpty());
  }

  private boolean isDamaged() {
    return findings.stream().anyMatch(Finding::forbidsWriting);
  }

  CheckReport check(Superblock layout, boolean verifyData) {
    for (LostRecording lost : LostRecording.findAll(drive, io, layout, catalogue)) {
      if (!findings.contains(lost.finding())) {
        findings.add(lost.finding());
      }
    }
    String obstacle =
        isDamaged()
            ? "because of the damage elsewhere"
            : drive.isWriteProtected() ? "because the drive can only be read" : "";
    List<CheckedRecording> checked = new ArrayList<>();
    if (obstacle.isEmpty()) {
      catalogue.complete(drive);
    }
    for (CatalogueEntry entry : catalogue.entries()) {
      if (entry.state() == RecordingState.OPEN) {
        checked.add(checkOpen(entry, obstacle, verifyData));
      } else {
        checked.add(checkEnded(entry, false, verifyData));
      }
    }
    return new CheckReport(findings, checked, List.of());
  }

  /**
   * @param obstacle why nothing can be written; empty if it can
   */
  private CheckedRecording checkOpen(CatalogueEntry open, String obstacle, boolean verifyData) {
    Recovery.Result result = examine(open);
    boolean isKept = result.damage().isEmpty() && obstacle.isEmpty();
    findings.add(
        result.damage().isEmpty() ? leftover(open, result, obstacle) : damaged(open, result));
    if (isKept) {
      keep(result);
    }
    CheckedRecording checked = checkEnded(result.entry(), isKept, verifyData);
    return isKept ? checked : new CheckedRecording(open, false, checked.certificate());
  }

  private static Finding leftover(CatalogueEntry open, Recovery.Result result, String obstacle) {
    String cut =
        result.cutBytes() > 0
            ? "; %d bytes behind that were not all there".formatted(result.cutBytes())
            : "";
    return Finding.leftover(
        "recording '" + open.name() + "'",
        "a crash left it open; %s: %d bytes, of which %d were noted as durable%s"
            .formatted(
                obstacle.isEmpty() ? "recovered" : "not recovered, " + obstacle,
                result.entry().totals().streamBytes(),
                result.durableBytes(),
                cut));
  }

  private CheckedRecording checkEnded(
      CatalogueEntry entry, boolean isRecovered, boolean verifyData) {
    RecordingCheck.Result result = RecordingCheck.run(drive, entry, verifyData);
    Certificate certificate = result.certificate();
    if (certificate.clockSteps() > 0) {
      findings.add(
          Finding.leftover(
              "recording '" + entry.name() + "'",
              "the clock was set back while it was made: %d times, by %.3f s at the most; a time"
                      .formatted(certificate.clockSteps(), certificate.longestStepNanos() / 1e9)
                  + " may come twice in it"));
    }
    if (certificate.acceptedLostBytes() > 0) {
      findings.add(
          Finding.leftover(
              nameOf(entry),
              "%d bytes of it were damaged on the drive; that loss was accepted, and they are gaps"
                  .formatted(certificate.acceptedLostBytes())));
    }
    if (!result.certificate().isIntact()) {
      findings.add(
          Finding.damage("recording '" + entry.name() + "'", RecordingCheck.summary(result)));
    }
    return new CheckedRecording(entry, isRecovered, result.certificate());
  }
}
