package sluice.recorder;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.FormatException;
import sluice.recorder.volume.Finding;
import sluice.recorder.volume.Repair;

/**
 * What a failing drive or a stray write does to superblocks and catalogue, and what is said of it.
 */
class DamagedCatalogueTest extends DamagedVolume {
  @Test
  void readsByOneSuperblock() {
    for (int copy = 0; copy < 2; copy++) {
      for (int at : new int[] {0, 100, 511, 512, 3000, 4095}) {
        flip(layout.addressOf(copy) + at);
        String name = "superblock copy " + "AB".charAt(copy);
        assertThat(findings())
            .extracting(Finding::toString)
            .containsExactly(name + ": its checksum is wrong; the other copy is used; repair it");
        assertThat(TestStream.verifyAll(Volume.open(drive).recording("a"), SEED))
            .isEqualTo(BYTES - 1000);
        requireRefusal(name);
        repair();
      }
    }
  }

  @Test
  void refusesTwoBadSuperblocks() {
    flip(layout.addressOf(0));
    flip(layout.addressOf(1));
    drive.refuseWrites();
    assertThatThrownBy(() -> Volume.open(drive))
        .isInstanceOf(FormatException.class)
        .hasMessage("memory holds no layout of a recorder: its checksum is wrong");
  }

  @Test
  void survivesADamagedCopyOfACatalogueEntry() {
    for (int number = 0; number < 2; number++) {
      for (int copy = 0; copy < 2; copy++) {
        for (int at : new int[] {0, 16, 505, 1000, 4095}) {
          flip(layout.catalogueAddress(number, copy) + at);
          List<Finding> findings = findings();
          assertThat(findings).hasSize(1);
          assertThat(findings.getFirst().toString())
              .isEqualTo(
                  "catalogue entry %d ('%s'): copy %d: its checksum is wrong; the other copy is used;"
                          .formatted(number, number == 0 ? "a" : "b", copy)
                      + " repair it");
          requireRefusal("catalogue entry " + number);
          repair();
        }
      }
    }
  }

  @Test
  void givesUpAnEntryThatCannotBeReadOnlyWhenToldTo() {
    flip(layout.catalogueAddress(0, 0));
    flip(layout.catalogueAddress(0, 1));
    // Its index is gone too, by which it could be brought back.
    drive.medium().asSlice(layout.indexAddress(), BLOCK).fill((byte) 0);
    assertThat(findings()).hasSize(1);
    requireRefusal("catalogue entry 0: neither copy can be read");
    CheckReport repaired = Volume.open(drive).repair();
    assertThat(repaired.findings()).isEmpty();
    assertThat(repaired.repaired())
        .extracting(Repair::action)
        .containsExactly(Repair.Action.GIVEN_UP);
    assertThat(Volume.open(drive).recordings()).extracting(Recording::name).containsExactly("b");
  }

  private void erase(int number) {
    for (int copy = 0; copy < 2; copy++) {
      drive.medium().asSlice(layout.catalogueAddress(number, copy), BLOCK).fill((byte) 0);
    }
  }

  /** Nothing in the catalogue tells of it any more, but its index does. */
  @Test
  void findsARecordingWhoseEntryWasErasedAndBringsItBack() {
    byte[] before = drive.medium().toArray(JAVA_BYTE);
    for (int number = 0; number < 2; number++) {
      for (boolean isCrashed : new boolean[] {false, true}) {
        drive.medium().copyFrom(MemorySegment.ofArray(before));
        if (isCrashed) {
          crash();
        }
        int erased = isCrashed ? 2 : number;
        String name = isCrashed ? "open" : number == 0 ? "a" : "b";
        CatalogueEntry lost = Volume.open(drive).recording(name).entry();
        erase(erased);
        assertThat(findings())
            .extracting(Finding::toString)
            .contains(
                "index at drive address %d: it tells of a recording that the catalogue does not"
                        .formatted(lost.indexAddress())
                    + " have: its entry was erased; a repair brings back what the index proves");
        requireRefusal("erased");
        assertThat(Volume.open(drive).findings()).isNotEmpty();
        CheckReport repaired = Volume.open(drive).repair();
        assertThat(repaired.hasDamage()).isFalse();
        assertThat(repaired.repaired())
            .extracting(Repair::action)
            .contains(Repair.Action.BROUGHT_BACK);
        Recording found = Volume.open(drive).recording("found-1");
        assertThat(found.entry().key()).isEqualTo(lost.key());
        assertThat(TestStream.verifyAll(found, SEED)).isEqualTo(isCrashed ? BYTES : BYTES - 1000);
        assertThat(Volume.open(drive).check(true).findings()).isEmpty();
        assertThat(Volume.open(drive).recordings()).hasSize(isCrashed ? 3 : 2);
      }
    }
  }

  @Test
  void bringsBackAllRecordingsOfAnErasedCatalogue() {
    erase(0);
    erase(1);
    requireRefusal("erased");
    assertThat(findings()).hasSize(2);
    assertThat(Volume.open(drive).repair().hasDamage()).isFalse();
    for (String name : List.of("found-1", "found-2")) {
      assertThat(TestStream.verifyAll(Volume.open(drive).recording(name), SEED))
          .isEqualTo(BYTES - 1000);
    }
  }

  /** What an earlier layout has left behind is no recording of this one. */
  @Test
  void findsNothingOfAnEarlierLayout() {
    Volume anew =
        Volume.create(drive, VolumeOptions.standard().withCatalogueEntries(4).withForce(true));
    assertThat(anew.check(true).findings()).isEmpty();
    assertThat(anew.recordings()).isEmpty();
  }

  /** The place was given to another meanwhile: what is there belongs to that one. */
  @Test
  void givesUpALostRecordingWhoseDataLiesWhereAnotherOneIs() {
    CatalogueEntry a = Volume.open(drive).recording("a").entry();
    CatalogueEntry b = Volume.open(drive).recording("b").entry();
    byte[] index =
        drive.medium().asSlice(a.indexAddress(), a.indexExtent().bytes()).toArray(JAVA_BYTE);
    erase(1);
    erase(0);
    // The index of 'a' once more, behind where that of 'b' was; both entries are gone.
    long place = b.indexExtent().end() + BLOCK;
    MemorySegment.copy(MemorySegment.ofArray(index), 0, drive.medium(), place, index.length);
    CheckReport repaired = Volume.open(drive).repair();
    assertThat(repaired.repaired())
        .extracting(Repair::action)
        .filteredOn(action -> action == Repair.Action.BROUGHT_BACK)
        .hasSize(2);
    assertThat(repaired.repaired().getLast().toString())
        .isEqualTo(
            "index at drive address %d: it tells of a recording that the catalogue does not have;"
                    .formatted(place)
                + " its place is that of recording 'found-1'; given up");
    assertThat(Volume.open(drive).check(true).findings()).isEmpty();
  }
}
