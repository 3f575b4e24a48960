package sluice.recorder.volume;

import java.lang.foreign.MemorySegment;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.FormatException;
import sluice.recorder.format.SealedBlock;
import sluice.recorder.format.SealedBlock.Condition;

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
    /** One copy is damaged; the entry stands by the other. */
    COPY_DAMAGED,
    /** Neither copy says what was recorded. */
    UNREADABLE
  }

  /** A copy as it was found. */
  private record Copy(Condition condition, CatalogueEntry entry, int generation, String problem) {
    boolean isWhole() {
      return condition == Condition.WHOLE;
    }

    boolean isBlank() {
      return condition == Condition.BLANK;
    }

    boolean isTorn() {
      return condition == Condition.TORN;
    }
  }

  boolean isFree() {
    return entry == null && health != Health.UNREADABLE;
  }

  /** Judges the two copies of an entry, each {@link SealedBlock#SIZE} bytes. */
  static CatalogueSlot read(int number, MemorySegment first, MemorySegment second) {
    Copy a = readCopy(number, 0, first);
    Copy b = readCopy(number, 1, second);
    if (a.isBlank() && b.isBlank()) {
      return new CatalogueSlot(number, null, 0, Health.GOOD, "");
    }
    if (a.isWhole() && b.isWhole()) {
      Copy newer = a.generation > b.generation ? a : b;
      if (Math.abs(a.generation - b.generation) != 1) {
        return new CatalogueSlot(
            number,
            newer.entry,
            newer.generation,
            Health.COPY_DAMAGED,
            "its copies are of the generations %d and %d".formatted(a.generation, b.generation));
      }
      boolean same = a.entry.equals(b.entry);
      return new CatalogueSlot(
          number,
          newer.entry,
          newer.generation,
          same ? Health.GOOD : Health.CUT_SHORT,
          same ? "" : "a crash came between the writes of its copies");
    }
    if (a.isWhole() || b.isWhole()) {
      Copy whole = a.isWhole() ? a : b;
      Copy other = a.isWhole() ? b : a;
      boolean cutShort = other.isBlank() || other.isTorn();
      return new CatalogueSlot(
          number,
          whole.entry,
          whole.generation,
          cutShort ? Health.CUT_SHORT : Health.COPY_DAMAGED,
          "copy %d: %s".formatted(a.isWhole() ? 1 : 0, other.problem));
    }
    if (a.isBlank() && b.isTorn()) {
      return new CatalogueSlot(
          number, null, 0, Health.CUT_SHORT, "a crash came before the recording was opened");
    }
    return new CatalogueSlot(
        number,
        null,
        0,
        Health.UNREADABLE,
        "neither copy can be read: copy 0: %s; copy 1: %s".formatted(a.problem, b.problem));
  }

  private static Copy readCopy(int number, int copy, MemorySegment block) {
    SealedBlock sealed = SealedBlock.open(block);
    String problem =
        switch (sealed.condition()) {
          case WHOLE -> "";
          case BLANK -> "it is blank";
          case TORN -> "a write of it was cut short";
          case DAMAGED -> "its checksum is wrong";
        };
    if (!sealed.isWhole()) {
      return new Copy(sealed.condition(), null, 0, problem);
    }
    try {
      if (sealed.generation() % 2 != copy) {
        throw new FormatException("generation " + sealed.generation() + " is not in its place");
      }
      CatalogueEntry entry = CatalogueEntry.decode(sealed.payload(), number, copy);
      return new Copy(Condition.WHOLE, entry, sealed.generation(), "");
    } catch (FormatException e) {
      return new Copy(Condition.DAMAGED, null, 0, e.getMessage());
    }
  }
}
