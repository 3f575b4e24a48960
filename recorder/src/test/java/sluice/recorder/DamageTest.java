package sluice.recorder;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.Extent;
import sluice.recorder.format.FormatException;
import sluice.recorder.format.IndexEntry;
import sluice.recorder.format.RecordingState;
import sluice.recorder.format.Superblock;
import sluice.recorder.volume.Finding;
import sluice.recorder.volume.Repair;
import sluice.recorder.write.FlushPolicy;

/**
 * What a failing drive, a stray write or a truncated image does to a volume, and what is said of
 * it.
 */
class DamageTest {
  private static final int BLOCK = 4096;
  private static final int SLOT = 16384;
  private static final long SEED = 11;
  private static final long BYTES = 1_500_000;

  private final MemoryDrive drive = MemoryDrive.of(8 << 20);
  private Superblock layout;

  @BeforeEach
  void record() {
    Volume volume = Volume.create(drive, VolumeOptions.standard().withCatalogueEntries(4));
    layout = volume.layout();
    for (String name : List.of("a", "b")) {
      try (Recorder recorder = volume.record(options(name))) {
        TestStream stream = new TestStream(recorder.ring(), SEED);
        stream.commitUpTo(BYTES / 2, recorder.agent());
        stream.lose(1000);
        stream.commitUpTo(BYTES, recorder.agent());
        recorder.ring().end();
        TestStream.run(recorder);
        assertThat(recorder.await(Duration.ofSeconds(1)).closed()).isTrue();
      }
    }
    volume.close();
  }

  private static RecordingOptions options(String name) {
    RecordingOptions options = RecordingOptions.named(name).withSlots(SLOT, 8);
    return options.withWriter(options.writer().withFlush(FlushPolicy.every(200_000)));
  }

  /** Leaves a recording open, as a crash does, with all of it durable. */
  private void crash() {
    Volume volume = Volume.open(drive);
    RecordingOptions options = options("open");
    FlushPolicy always = FlushPolicy.every(1);
    Recorder recorder = volume.record(options.withWriter(options.writer().withFlush(always)));
    TestStream stream = new TestStream(recorder.ring(), SEED);
    stream.commitUpTo(BYTES, recorder.agent());
    for (int i = 0; i < 20; i++) {
      recorder.agent().doWork();
    }
    assertThat(recorder.status().durableBytes()).isEqualTo(BYTES);
  }

  private void flip(long address) {
    MemorySegment medium = drive.medium();
    medium.set(JAVA_BYTE, address, (byte) (medium.get(JAVA_BYTE, address) ^ 0x10));
  }

  /** Every use of a volume on which something is damaged, but a repair. */
  private List<Finding> findings() {
    byte[] before = drive.medium().toArray(JAVA_BYTE);
    Volume volume = Volume.open(drive);
    CheckReport report = volume.check(true);
    assertThat(report.hasDamage()).isTrue();
    assertThat(drive.medium().mismatch(MemorySegment.ofArray(before))).as("written").isEqualTo(-1);
    report.findings().forEach(f -> assertThat(f.toString()).doesNotContain("\n"));
    return report.findings();
  }

  private void requireRefusal(String message) {
    byte[] before = drive.medium().toArray(JAVA_BYTE);
    assertThatThrownBy(() -> Volume.open(drive).record(options("new")))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(
            "memory is damaged, and nothing is written to it until it is repaired")
        .hasMessageContaining(message);
    assertThat(drive.medium().mismatch(MemorySegment.ofArray(before))).as("written").isEqualTo(-1);
  }

  private void repair() {
    CheckReport repaired = Volume.open(drive).repair();
    assertThat(repaired.findings()).isEmpty();
    Volume volume = Volume.open(drive);
    assertThat(volume.findings()).isEmpty();
    assertThat(TestStream.verifyAll(volume.recording("a"), SEED)).isEqualTo(BYTES - 1000);
    assertThat(TestStream.verifyAll(volume.recording("b"), SEED)).isEqualTo(BYTES - 1000);
  }

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

  @Test
  void saysThatAnImageIsTruncated() {
    long used = Volume.open(drive).recording("b").extents().getLast().end();
    for (long size : new long[] {used, (8 << 20) - BLOCK, (8 << 20) - 512}) {
      MemoryDrive shorter = drive.truncated(size);
      shorter.refuseWrites();
      Volume volume = Volume.open(shorter);
      CheckReport report = volume.check(true);
      assertThat(report.findings().getFirst().toString())
          .isEqualTo("drive: it is truncated: it has " + size + " bytes, and its layout 8388608");
      assertThat(TestStream.verifyAll(volume.recording("b"), SEED)).isEqualTo(BYTES - 1000);
      assertThatThrownBy(() -> volume.record(options("new")))
          .hasMessageContaining("drive: it is truncated");
      assertThatThrownBy(volume::repair)
          .hasMessage(
              "memory cannot be repaired: it has " + size + " bytes, and its layout 8388608");
    }
  }

  /** However short: a clear line, and nothing written. */
  @Test
  void standsAnyTruncation() {
    crash();
    for (long size = 4096; size < 8 << 20; size += size < 600_000 ? 4096 : 500_000) {
      MemoryDrive shorter = drive.truncated(size);
      shorter.refuseWrites();
      Volume volume;
      try {
        volume = Volume.open(shorter);
      } catch (FormatException e) {
        assertThat(e)
            .hasMessage(
                "memory is truncated: it has " + size + " bytes, and ends within its catalogue");
        assertThat(size).isLessThan(layout.indexAddress());
        continue;
      }
      CheckReport report = volume.check(true);
      assertThat(report.hasDamage()).as("%d", size).isTrue();
      report.findings().forEach(f -> assertThat(f.toString()).doesNotContain("\n"));
      assertThatThrownBy(() -> volume.record(options("new"))).isInstanceOf(FormatException.class);
    }
  }

  @Test
  void reportsWhatATruncationHasTaken() {
    Extent data = Volume.open(drive).recording("b").extents().getLast();
    MemoryDrive shorter = drive.truncated(data.address() + 10 * SLOT);
    shorter.refuseWrites();
    List<Finding> findings = Volume.open(shorter).check(true).findings();
    assertThat(findings.getLast().toString())
        .contains("its place cannot be; 82 chunks of ")
        .startsWith("recording 'b': the chunk of 16384 bytes at stream offset 163840");
  }

  @Test
  void recoversAfterACrash() {
    crash();
    drive.logWrites();
    CheckReport report = Volume.open(drive).check(true);
    assertThat(report.hasDamage()).isFalse();
    assertThat(report.findings()).hasSize(1);
    assertThat(report.findings().getFirst().toString())
        .startsWith("recording 'open': a crash left it open; recovered: 1500000 bytes, of which 1");
    assertThat(report.recordings().getLast().isRecovered()).isTrue();
    assertThat(drive.writes().getFirst())
        .as("what was proved may be in the drive's cache alone")
        .isEqualTo(MemoryDrive.FLUSH);
    Recording recovered = Volume.open(drive).recording("open");
    assertThat(recovered.state()).isEqualTo(RecordingState.RECOVERED);
    assertThat(TestStream.verifyAll(recovered, SEED)).isEqualTo(BYTES);
    assertThat(Volume.open(drive).check(true).findings()).isEmpty();
  }

  @Test
  void readsAnOpenRecordingWithoutRecoveringIt() {
    crash();
    drive.refuseWrites();
    Recording open = Volume.open(drive).recording("open");
    assertThat(open.state()).isEqualTo(RecordingState.OPEN);
    assertThat(TestStream.verifyAll(open, SEED)).isEqualTo(BYTES);
  }

  @Test
  void takesATornEntryUnderAnOpenOneForTheWorkOfACrash() {
    crash();
    int number = Volume.open(drive).recording("open").number();
    // The newer of the two is cut short: some sectors are as they were before, which is blank.
    drive.medium().asSlice(layout.catalogueAddress(number, 0) + 1024, 512).fill((byte) 0);
    Volume volume = Volume.open(drive);
    assertThat(volume.findings()).hasSize(1);
    assertThat(volume.findings().getFirst().isDamage()).isFalse();
    CheckReport report = volume.check(true);
    assertThat(report.hasDamage()).isFalse();
    assertThat(Volume.open(drive).check(true).findings()).isEmpty();
    assertThat(TestStream.verifyAll(Volume.open(drive).recording("open"), SEED)).isEqualTo(BYTES);
  }

  @Test
  void doesNotCutAnOpenRecordingWhereItWasDurable() {
    crash();
    CatalogueEntry open = Volume.open(drive).recording("open").entry();
    for (int entry : new int[] {0, 1, 30, 60}) {
      long address = open.indexAddress() + (long) entry * IndexEntry.SIZE + 33;
      flip(address);
      assertThat(findings().getFirst().toString())
          .startsWith("recording 'open': index entry " + entry + " is damaged: ");
      requireRefusal("recording 'open': index entry " + entry);
      flip(address);
    }
    flip(open.indexAddress() + 30 * IndexEntry.SIZE);
    CheckReport repaired = Volume.open(drive).repair();
    assertThat(repaired.hasDamage()).isFalse();
    Recording cut = Volume.open(drive).recording("open");
    assertThat(cut.entry().indexEntries()).isEqualTo(30);
    assertThat(TestStream.verifyAll(cut, SEED)).isEqualTo(cut.streamBytes()).isPositive();
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
