package sluice.recorder;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.Extent;
import sluice.recorder.format.FormatException;
import sluice.recorder.format.IndexEntry;
import sluice.recorder.volume.Finding;
import sluice.recorder.volume.Repair;

/**
 * What a failing drive or a stray write does to the index and the data of recordings, and what is
 * said of it.
 */
class DamageTest extends DamagedVolume {
  @Test
  void findsAStrayBlockInTheCatalogue() {
    flip(layout.catalogueAddress(3, 1) + 77);
    assertThat(findings().getFirst().toString())
        .isEqualTo(
            "catalogue entry 3: neither copy can be read: copy 0: it is blank; copy 1: its checksum"
                + " is wrong; a repair gives it up and looks for the recording's index");
    requireRefusal("catalogue entry 3");
    repair();
  }

  @Test
  void findsADamagedIndexBlock() {
    Recording b = Volume.open(drive).recording("b");
    long entries = b.entry().indexEntries();
    assertThat(entries).isGreaterThan(IndexEntry.PER_BLOCK);
    for (long entry = 0; entry < entries; entry++) {
      long address = b.entry().indexAddress() + entry * IndexEntry.SIZE + entry % IndexEntry.SIZE;
      flip(address);
      List<Finding> findings = findings();
      assertThat(findings).hasSize(1);
      assertThat(findings.getFirst().toString())
          .startsWith("recording 'b': index entry " + entry + " is damaged, at stream offset ");
      assertThatThrownBy(() -> TestStream.verifyAll(Volume.open(drive).recording("b"), SEED))
          .isInstanceOf(FormatException.class)
          .hasMessageStartingWith("recording 'b': index entry " + entry + " is damaged; what is");
      flip(address);
    }
    assertThat(Volume.open(drive).check(true).findings()).isEmpty();
  }

  @Test
  void readsWhatIsBehindADamagedIndexEntry() {
    Recording b = Volume.open(drive).recording("b");
    flip(b.entry().indexAddress() + 10 * IndexEntry.SIZE);
    try (RecordingReader reader = b.read(4)) {
      reader.seek(BYTES - 10);
      assertThat(reader.next()).isEqualTo(RecordingReader.Range.DATA);
      assertThat(reader.streamOffset()).isEqualTo(BYTES - 10);
      TestStream.verify(reader, SEED);
    }
  }

  /** Whichever entry it is, also one that a search comes by: all the rest can be gone to. */
  @Test
  void goesToAllButWhatADamagedIndexEntryTellsOf() {
    Recording b = Volume.open(drive).recording("b");
    List<long[]> ranges = new ArrayList<>();
    try (RecordingReader reader = b.read(4)) {
      while (reader.next() != RecordingReader.Range.END) {
        ranges.add(new long[] {reader.streamOffset(), reader.length(), reader.timeNanos()});
      }
    }
    long damaged = -1;
    for (int entry = 0; entry < b.entry().indexEntries(); entry++) {
      long address = b.entry().indexAddress() + (long) entry * IndexEntry.SIZE;
      boolean isMark = drive.medium().get(JAVA_BYTE, address + 4) == IndexEntry.MARK;
      flip(address + 40);
      damaged = isMark ? damaged : damaged + 1;
      for (int i = 0; i < ranges.size(); i++) {
        if (Math.abs(i - damaged) > 1 && (i + entry) % 17 != 0) {
          continue;
        }
        long offset = ranges.get(i)[0] + ranges.get(i)[1] / 3;
        String what = "entry " + entry + ", offset " + offset;
        try (RecordingReader reader = b.read(4)) {
          if (i == damaged && !isMark) {
            assertThatThrownBy(() -> reader.seek(offset))
                .as(what)
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("the index is damaged where it tells of stream offset");
          } else {
            reader.seek(offset);
            assertThat(reader.next()).as(what).isNotEqualTo(RecordingReader.Range.END);
            assertThat(reader.streamOffset()).as(what).isEqualTo(offset);
            assertThat(reader.seekTime(ranges.get(i)[2])).as(what).isEqualTo(ranges.get(i)[0]);
          }
        }
      }
      flip(address + 40);
    }
  }

  @Test
  void findsADamagedByteOfData() {
    Recording a = Volume.open(drive).recording("a");
    Extent extent = a.extents().getFirst();
    flip(extent.address() + 5 * SLOT + 99);
    flip(extent.address() + 9 * SLOT);
    List<Finding> findings = findings();
    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().toString())
        .isEqualTo(
            ("recording 'a': the chunk of 16384 bytes at stream offset 81920 (drive address %d): its"
                    + " checksum is wrong; 2 chunks of 32768 bytes in all are damaged")
                .formatted(extent.address() + 5 * SLOT));
    assertThatThrownBy(() -> TestStream.verifyAll(a, SEED))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("recording 'a': the chunk of 16384 bytes at stream offset 81920");
    Certificate certificate = Volume.open(drive).check(true).recordings().getFirst().certificate();
    assertThat(certificate.damagedChunks()).isEqualTo(2);
    assertThat(certificate.isIndexWhole()).isTrue();
    assertThat(certificate.isIntact()).isFalse();
  }

  /** Each block of the metadata, one at a time, with any of its bits flipped. */
  @Test
  void neverTakesADamagedBlockForGood() {
    Volume volume = Volume.open(drive);
    List<Long> blocks = new ArrayList<>();
    for (int copy = 0; copy < 2; copy++) {
      blocks.add(layout.addressOf(copy));
      for (int number = 0; number < layout.catalogueEntries(); number++) {
        blocks.add(layout.catalogueAddress(number, copy));
      }
    }
    for (Recording recording : volume.recordings()) {
      CatalogueEntry entry = recording.entry();
      for (long at = 0; at < entry.indexExtent().bytes(); at += BLOCK) {
        blocks.add(entry.indexAddress() + at);
      }
    }
    long seed = 99;
    SplittableRandom random = new SplittableRandom(seed);
    long endOfIndex = volume.recordings().getLast().entry().indexExtent().end();
    for (long block : blocks) {
      for (int i = 0; i < 20; i++) {
        long address = block + random.nextInt(BLOCK);
        boolean isUsed =
            block < layout.indexAddress()
                || block >= layout.dataAddress()
                || isWithinEntries(volume, address);
        flip(address);
        CheckReport report = Volume.open(drive).check(false);
        assertThat(report.hasDamage())
            .as("seed %d: %d of block %d, index to %d", seed, address, block, endOfIndex)
            .isEqualTo(isUsed);
        flip(address);
      }
    }
  }

  private static boolean isWithinEntries(Volume volume, long address) {
    return volume.recordings().stream()
        .map(Recording::entry)
        .anyMatch(entry ->
            address >= entry.indexAddress()
                && address < entry.indexAddress() + entry.indexEntries() * IndexEntry.SIZE);
  }

  /** Damage of a recording is damage until somebody says that it may be lost. */
  @Test
  void makesGapsOfWhatIsDamagedWhenToldTo() {
    Recording a = Volume.open(drive).recording("a");
    Extent extent = a.extents().getFirst();
    flip(extent.address() + 5 * SLOT + 99);
    flip(extent.address() + 9 * SLOT);
    CatalogueEntry b = Volume.open(drive).recording("b").entry();
    drive.failReads(b.indexAddress() + BLOCK, 1);
    assertThat(Volume.open(drive).repair().hasDamage()).as("not without being told to").isTrue();
    long lostOfB = b.totals().lostBytes();

    CheckReport accepted = Volume.open(drive).repairAndAcceptLoss();
    assertThat(accepted.hasDamage()).isFalse();
    assertThat(accepted.repaired())
        .extracting(Repair::action)
        .containsExactly(Repair.Action.ACCEPTED, Repair.Action.ACCEPTED);
    assertThat(accepted.repaired().getFirst().toString())
        .isEqualTo(
            "recording 'a': 32768 bytes of it are damaged; the loss is accepted, and they are gaps"
                + " now");
    CheckReport later = Volume.open(drive).check(true);
    assertThat(later.hasDamage()).isFalse();
    assertThat(later.findings().getFirst().toString())
        .isEqualTo(
            "recording 'a': 32768 bytes of it were damaged on the drive; that loss was accepted, and"
                + " they are gaps");
    Volume volume = Volume.open(drive);
    assertThat(volume.recording("a").streamBytes()).isEqualTo(BYTES);
    assertThat(volume.recording("a").gaps()).isEqualTo(3);
    assertThat(TestStream.verifyAll(volume.recording("a"), SEED)).isEqualTo(BYTES - 1000 - 32768);
    assertThat(volume.recording("b").streamBytes()).isEqualTo(BYTES);
    assertThat(volume.recording("b").lostBytes()).isGreaterThan(lostOfB).isLessThan(BYTES / 2);
    assertThat(TestStream.verifyAll(volume.recording("b"), SEED))
        .isEqualTo(BYTES - volume.recording("b").lostBytes());
    // What is damaged later is damage again.
    flip(extent.address() + 12 * SLOT);
    assertThat(Volume.open(drive).check(true).hasDamage()).isTrue();
    assertThat(Volume.open(drive).repairAndAcceptLoss().hasDamage()).isFalse();
    assertThat(Volume.open(drive).recording("a").gaps()).isEqualTo(4);
  }
}
