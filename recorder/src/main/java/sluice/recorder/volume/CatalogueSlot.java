package sluice.recorder.volume;

import java.lang.foreign.MemorySegment;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.FormatException;
import sluice.recorder.format.RecordingState;
import sluice.recorder.format.SealedBlock;

/**
 * An entry of the catalogue as its two copies were found (the table in FORMAT.md, "Catalogue").
 *
 * @param number of the entry
 * @param entry what the newest whole copy says; null if there is none
 * @param generation of that copy; 0 if there is none
 * @param health whether the copies are as they should be
 * @param problem what is wrong with them, for people; empty if nothing
 */
record CatalogueSlot(
    int number, CatalogueEntry entry, int generation, Health health, String problem) {

  enum Health {
    /** Two whole copies, or none. */
    GOOD,
    /** A crash came between the writes of the copies; the entry stands. */
    CUT_SHORT,
    /** The drive cannot read one copy; the entry stands by the other, or there is none. */
    COPY_UNREADABLE,
    /** One copy is damaged; the entry stands by the other. */
    COPY_DAMAGED,
    /** Neither copy says what was recorded. */
    UNREADABLE
  }

  /**
   * Two copies of one entry may be this far apart: by one as a rule, by three where a write between
   * them has failed.
   */
  private static final int MAX_APART = 3;

  /** What a copy turned out to be. */
  private enum Kind {
    WHOLE,
    BLANK,
    /** The first write of it was cut short: a crash came before the recording was opened. */
    BEGUN,
    TORN,
    DAMAGED,
    UNREADABLE,
    /** Beyond the end of a truncated drive, which is said of the drive. */
    MISSING
  }

  /** A copy as it was found. */
  record Copy(Kind kind, CatalogueEntry entry, int generation, String problem) {
    private boolean is(Kind other) {
      return kind == other;
    }

    boolean isWhole() {
      return is(Kind.WHOLE);
    }

    /** One that the drive cannot read. */
    static Copy unreadable(String problem) {
      return new Copy(Kind.UNREADABLE, null, 0, problem);
    }

    /** One that lies beyond the drive's end. */
    static Copy missing() {
      return new Copy(Kind.MISSING, null, 0, "it is beyond the drive's end");
    }

    /**
     * @param block {@link SealedBlock#SIZE} bytes
     */
    static Copy read(int number, int copy, MemorySegment block) {
      SealedBlock sealed = SealedBlock.open(block);
      return switch (sealed.condition()) {
        case BLANK -> new Copy(Kind.BLANK, null, 0, "it is blank");
        case TORN ->
            new Copy(
                sealed.isFirstWrite() ? Kind.BEGUN : Kind.TORN,
                null,
                0,
                "a write of it was cut short");
        case DAMAGED -> new Copy(Kind.DAMAGED, null, 0, "its checksum is wrong");
        case WHOLE -> decode(number, copy, sealed);
      };
    }

    private static Copy decode(int number, int copy, SealedBlock sealed) {
      try {
        if (sealed.generation() % 2 != copy) {
          throw new FormatException("generation " + sealed.generation() + " is not in its place");
        }
        CatalogueEntry entry = CatalogueEntry.decode(sealed.payload(), number, copy);
        return new Copy(Kind.WHOLE, entry, sealed.generation(), "");
      } catch (FormatException e) {
        return new Copy(Kind.DAMAGED, null, 0, e.getMessage());
      }
    }
  }

  /** Of an entry whose copies were just written. */
  static CatalogueSlot written(CatalogueEntry entry, int generation) {
    return new CatalogueSlot(entry.number(), entry, generation, Health.GOOD, "");
  }

  /** Whether a new recording may have it. */
  boolean isFree() {
    return (health == Health.GOOD || health == Health.CUT_SHORT)
        && (entry == null || entry.state() == RecordingState.GIVEN_UP);
  }

  /** Whether nothing was ever written to it. */
  boolean isBlank() {
    return health == Health.GOOD && entry == null;
  }

  /** Whether it tells of a recording. */
  boolean hasRecording() {
    return entry != null && entry.state() != RecordingState.GIVEN_UP;
  }

  /** Judges the two copies of an entry, each {@link SealedBlock#SIZE} bytes. */
  static CatalogueSlot read(int number, MemorySegment first, MemorySegment second) {
    return judge(number, Copy.read(number, 0, first), Copy.read(number, 1, second));
  }

  /** Judges the two copies of an entry. */
  static CatalogueSlot judge(int number, Copy a, Copy b) {
    if (a.is(Kind.WHOLE) && b.is(Kind.WHOLE)) {
      return ofTwo(number, a, b);
    }
    if (a.is(Kind.WHOLE) || b.is(Kind.WHOLE)) {
      Copy whole = a.is(Kind.WHOLE) ? a : b;
      Copy other = a.is(Kind.WHOLE) ? b : a;
      Health health = healthBeside(other);
      String problem = "copy %d: %s".formatted(a.is(Kind.WHOLE) ? 1 : 0, other.problem);
      return new CatalogueSlot(
          number, whole.entry, whole.generation, health, health == Health.GOOD ? "" : problem);
    }
    return ofNone(number, a, b);
  }

  private static Health healthBeside(Copy other) {
    return switch (other.kind) {
      case MISSING -> Health.GOOD;
      case BLANK, BEGUN, TORN -> Health.CUT_SHORT;
      case UNREADABLE -> Health.COPY_UNREADABLE;
      default -> Health.COPY_DAMAGED;
    };
  }

  private static CatalogueSlot ofTwo(int number, Copy a, Copy b) {
    Copy newer = a.generation > b.generation ? a : b;
    Copy older = a.generation > b.generation ? b : a;
    int apart = Math.abs(a.generation - b.generation);
    Health health = Health.CUT_SHORT;
    String problem = "a crash came between the writes of its copies";
    if (apart > MAX_APART && older.entry.state() != RecordingState.GIVEN_UP) {
      health = Health.COPY_DAMAGED;
      problem = "its copies are of the generations %d and %d".formatted(a.generation, b.generation);
    } else if (a.entry.equals(b.entry) || areNotes(a.entry, b.entry)) {
      health = Health.GOOD;
      problem = "";
    }
    return new CatalogueSlot(number, newer.entry, newer.generation, health, problem);
  }

  /** An open recording is noted anew in one copy at a time. */
  private static boolean areNotes(CatalogueEntry a, CatalogueEntry b) {
    return a.state() == RecordingState.OPEN
        && b.state() == RecordingState.OPEN
        && a.uuid().equals(b.uuid());
  }

  private static CatalogueSlot ofNone(int number, Copy a, Copy b) {
    Health health = Health.UNREADABLE;
    String problem =
        "neither copy can be read: copy 0: %s; copy 1: %s".formatted(a.problem, b.problem);
    if (a.is(Kind.BLANK) && (b.is(Kind.BLANK) || b.is(Kind.MISSING))) {
      health = Health.GOOD;
      problem = "";
    } else if (wasNeverOpened(a) && wasNeverOpened(b) && (a.is(Kind.BLANK) || b.is(Kind.BLANK))) {
      health = Health.CUT_SHORT;
      problem = "a crash came before the recording was opened";
    } else if (a.is(Kind.UNREADABLE) && wasNeverOpened(b)) {
      health = Health.COPY_UNREADABLE;
      problem = "copy 0: " + a.problem;
    } else if (b.is(Kind.UNREADABLE) && wasNeverOpened(a)) {
      health = Health.COPY_UNREADABLE;
      problem = "copy 1: " + b.problem;
    }
    return new CatalogueSlot(number, null, 0, health, problem);
  }

  /** A recording is told of when both copies are whole: so there was none, or none told of. */
  private static boolean wasNeverOpened(Copy copy) {
    return copy.is(Kind.BLANK) || copy.is(Kind.BEGUN);
  }
}
