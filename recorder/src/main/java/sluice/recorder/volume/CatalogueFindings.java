package sluice.recorder.volume;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.Superblock;

/** What is wrong with the entries of a catalogue. */
final class CatalogueFindings {
  private final List<CatalogueSlot> slots;
  private final Map<Integer, Integer> moved;

  /**
   * @param moved by the number of an entry that was left for another: the number of that one
   */
  CatalogueFindings(List<CatalogueSlot> slots, Map<Integer, Integer> moved) {
    this.slots = slots;
    this.moved = moved;
  }

  /** What is wrong with the entries themselves, and with their places. */
  List<Finding> all(Superblock superblock, List<CatalogueEntry> entries) {
    List<Finding> findings = new ArrayList<>();
    int used = lastUsed(slots);
    for (CatalogueSlot slot : slots) {
      if (isErased(slot, used)) {
        findings.add(
            Finding.damage(
                nameOf(slot),
                "it is blank, though entry %d is in use: it was erased; a repair gives it"
                        .formatted(used)
                    + " up and looks for the recording's index"));
      }
      addFinding(findings, slot);
    }
    findings.addAll(Regions.misplaced(superblock, entries));
    return findings;
  }

  /** The highest number of a recording; -1 if there is none. */
  static int lastUsed(List<CatalogueSlot> slots) {
    return slots.stream()
        .filter(CatalogueSlot::hasRecording)
        .mapToInt(CatalogueSlot::number)
        .max()
        .orElse(-1);
  }

  /** Numbers are given from the lowest on, and none is ever blank again. */
  static boolean isErased(CatalogueSlot slot, int used) {
    return slot.isBlank() && slot.number() < used;
  }

  private void addFinding(List<Finding> findings, CatalogueSlot slot) {
    String problem = slot.problem();
    switch (slot.health()) {
      case GOOD -> {}
      case CUT_SHORT -> findings.add(Finding.leftover(nameOf(slot), problem));
      case COPY_UNREADABLE -> findings.add(unreadable(slot));
      case COPY_DAMAGED ->
          findings.add(
              Finding.damage(nameOf(slot), problem + "; the other copy is used; repair it"));
      case UNREADABLE ->
          findings.add(
              Finding.damage(
                  nameOf(slot),
                  problem + "; a repair gives it up and looks for the recording's index"));
    }
  }

  private Finding unreadable(CatalogueSlot slot) {
    if (slot.hasRecording() && !moved.containsKey(slot.number())) {
      return Finding.worn(
          nameOf(slot), slot.problem() + "; the other copy is used; a repair writes it anew");
    }
    Integer now = moved.get(slot.number());
    return Finding.leftover(
        nameOf(slot),
        slot.problem()
            + (now == null ? "; no recording is in it" : "; the recording is in entry " + now));
  }

  static String nameOf(CatalogueSlot slot) {
    return slot.hasRecording()
        ? "catalogue entry %d ('%s')".formatted(slot.number(), slot.entry().name())
        : "catalogue entry " + slot.number();
  }
}
