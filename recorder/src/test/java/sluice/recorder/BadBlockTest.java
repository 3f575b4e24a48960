package sluice.recorder;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.Superblock;
import sluice.recorder.volume.Finding;
import sluice.recorder.write.FlushPolicy;
import sluice.recorder.write.WriterResult;

/** Places that the drive can no longer read or write: what has a copy goes on by it. */
class BadBlockTest {
  private static final int BLOCK = 4096;
  private static final int SLOT = 16384;
  private static final long SEED = 11;
  private static final long BYTES = 500_000;
  private static final String READ_ERROR =
      "the drive cannot read it: Unrecovered Read Error (media and data integrity, 2/0x81)";

  private final MemoryDrive drive = MemoryDrive.of(8 << 20);
  private Superblock layout;

  @BeforeEach
  void record() {
    Volume volume = Volume.create(drive, VolumeOptions.standard());
    layout = volume.layout();
    record(volume, "a");
    record(volume, "b");
  }

  private static RecordingOptions options(String name) {
    RecordingOptions options = RecordingOptions.named(name).withSlots(SLOT, 8);
    return options.withWriter(options.writer().withFlush(FlushPolicy.every(100_000)));
  }

  private static void record(Volume volume, String name) {
    try (Recorder recorder = volume.record(options(name))) {
      new TestStream(recorder.ring(), SEED).commitUpTo(BYTES, recorder.agent());
      recorder.ring().end();
      TestStream.run(recorder);
      assertThat(recorder.await(Duration.ofSeconds(1)).closed()).isTrue();
      recorder.agent().close();
    }
  }

  /** Leaves a recording open, as a crash does, with all of it durable. */
  private void crash(String name) {
    Recorder recorder = Volume.open(drive).record(options(name));
    new TestStream(recorder.ring(), SEED).commitUpTo(BYTES, recorder.agent());
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (recorder.status().durableBytes() < BYTES - 100_000) {
      recorder.agent().doWork();
      assertThat(System.nanoTime()).isLessThan(deadline);
    }
  }

  private void requireAll(String... names) {
    Volume volume = Volume.open(drive);
    assertThat(volume.recordings()).extracting(Recording::name).containsExactlyInAnyOrder(names);
    for (String name : names) {
      assertThat(TestStream.verifyAll(volume.recording(name), SEED)).as(name).isEqualTo(BYTES);
    }
  }

  private List<String> findings() {
    return Volume.open(drive).check(true).findings().stream().map(Finding::toString).toList();
  }

  @Test
  void goesOnByTheOtherSuperblock() {
    for (int copy = 0; copy < 2; copy++) {
      drive.failReads(layout.addressOf(copy) + 512, 1);
      requireAll("a", "b");
      CheckReport report = Volume.open(drive).check(true);
      assertThat(report.hasDamage()).isTrue();
      assertThat(findings())
          .containsExactly(
              "superblock copy %s: %s; the other copy is used; repair it"
                  .formatted("AB".charAt(copy), READ_ERROR));
      drive.heal();
    }
    drive.failReads(layout.addressOf(0), BLOCK);
    record(Volume.open(drive), "c");
    requireAll("a", "b", "c");
    // What can be written again is mended by that.
    drive.heal();
    drive.medium().asSlice(layout.addressOf(0), BLOCK).fill((byte) 7);
    assertThat(Volume.open(drive).repair().findings()).isEmpty();
  }

  @Test
  void goesOnByTheOtherCopyOfAnEntryAndRecordsBesideIt() {
    int made = 0;
    for (int number = 0; number < 2; number++) {
      for (int copy = 0; copy < 2; copy++) {
        drive.failReads(layout.catalogueAddress(number, copy) + 1024, 512);
        String name = number == 0 ? "a" : "b";
        assertThat(findings())
            .containsExactly(
                "catalogue entry %d ('%s'): copy %d: %s; the other copy is used; a repair writes it"
                        .formatted(number, name, copy, READ_ERROR)
                    + " anew");
        record(Volume.open(drive), "new" + made++);
        drive.heal();
      }
    }
    requireAll("a", "b", "new0", "new1", "new2", "new3");
    assertThat(findings()).isEmpty();
  }

  /** Both copies of an entry are never within one unit of a drive, nor near each other. */
  @Test
  void hasTheCopiesOfAnEntryFarApart() {
    long apart = layout.catalogueAddress(0, 1) - layout.catalogueAddress(0, 0);
    assertThat(apart).isGreaterThan(drive.bytes() / 2);
  }

  @Test
  void doesNotUseAnEntryOfWhichACopyCannotBeRead() {
    for (int copy = 0; copy < 2; copy++) {
      drive.failReads(layout.catalogueAddress(2 + copy, copy), 1);
    }
    assertThat(findings())
        .containsExactly(
            "catalogue entry 2: copy 0: " + READ_ERROR + "; no recording is in it",
            "catalogue entry 3: copy 1: " + READ_ERROR + "; no recording is in it");
    assertThat(Volume.open(drive).check(true).hasDamage()).isFalse();
    record(Volume.open(drive), "c");
    assertThat(Volume.open(drive).recording("c").number()).isEqualTo(4);
    requireAll("a", "b", "c");
  }

  @Test
  void opensARecordingInTheNextEntryThatCanBeWritten() {
    for (int copy = 0; copy < 2; copy++) {
      drive.failWrites(layout.catalogueAddress(2 + copy, copy), 1);
    }
    record(Volume.open(drive), "c");
    assertThat(Volume.open(drive).recording("c").number()).isEqualTo(4);
    drive.heal();
    requireAll("a", "b", "c");
    assertThat(Volume.open(drive).check(true).hasDamage()).isFalse();
    record(Volume.open(drive), "d");
    requireAll("a", "b", "c", "d");
  }

  /** The entry of a crashed recording cannot be written over: its one good copy is all there is. */
  @Test
  void movesARecordingWhoseEntryCannotBeWrittenTwice() {
    for (boolean isRead : new boolean[] {false, true}) {
      for (int copy = 0; copy < 2; copy++) {
        String name = "c" + isRead + copy;
        crash(name);
        int number = Volume.open(drive).recording(name).number();
        if (isRead) {
          drive.failReads(layout.catalogueAddress(number, copy), 1);
        } else {
          drive.failWrites(layout.catalogueAddress(number, copy), 1);
        }
        CheckReport report = Volume.open(drive).check(true);
        assertThat(report.findings().toString()).contains("a crash left it open; recovered: ");
        Recording moved = Volume.open(drive).recording(name);
        assertThat(moved.number()).isGreaterThan(number);
        assertThat(moved.state().name()).isEqualTo("RECOVERED");
        record(Volume.open(drive), "new" + name);
        drive.heal();
      }
    }
    Volume volume = Volume.open(drive);
    assertThat(volume.recordings()).hasSize(10);
    for (Recording recording : volume.recordings()) {
      assertThat(TestStream.verifyAll(recording, SEED))
          .isEqualTo(recording.streamBytes())
          .isGreaterThanOrEqualTo(BYTES - 100_000);
    }
  }

  /** An entry that was left for another means nothing, whatever becomes of it. */
  @Test
  void givesUpAnEntryThatWasLeftAndIsDamaged() {
    crash("open");
    int number = Volume.open(drive).recording("open").number();
    drive.failWrites(layout.catalogueAddress(number, 1), 1);
    assertThat(Volume.open(drive).check(true).hasDamage()).isFalse();
    assertThat(Volume.open(drive).recording("open").number()).isGreaterThan(number);
    drive.heal();
    drive.medium().asSlice(layout.catalogueAddress(number, 1) + 8, 8).fill((byte) 7);
    assertThat(Volume.open(drive).check(true).hasDamage()).isTrue();
    assertThat(Volume.open(drive).repair().hasDamage()).isFalse();
    assertThat(Volume.open(drive).findings()).isEmpty();
    record(Volume.open(drive), "c");
    assertThat(Volume.open(drive).recordings()).hasSize(4);
  }

  /** Check tells, a repair cuts there, and a new recording does not begin in the bad place. */
  @Test
  void recordsBesideAnOpenRecordingWhoseIndexCannotBeRead() {
    crash("open");
    long index = Volume.open(drive).recording("open").entry().indexAddress();
    drive.failReads(index + 512, 1);
    CheckReport report = Volume.open(drive).check(true);
    assertThat(report.findings().getFirst().toString())
        .startsWith("recording 'open': index entry 0 is damaged: ")
        .endsWith(
            "the index tells of 0: " + READ_ERROR + "; it stays open; a repair cuts it there");
    for (String name : List.of("a", "b")) {
      assertThat(TestStream.verifyAll(Volume.open(drive).recording(name), SEED)).isEqualTo(BYTES);
    }
    assertThat(Volume.open(drive).repair().hasDamage()).isFalse();
    record(Volume.open(drive), "c");
    for (String name : List.of("a", "b", "c")) {
      assertThat(TestStream.verifyAll(Volume.open(drive).recording(name), SEED)).isEqualTo(BYTES);
    }
  }

  /** Whichever block it is: what the open one may have used is not touched, the rest is free. */
  @Test
  void recordsBehindAnOpenRecordingWhoseIndexCannotBeReadWithoutARepair() {
    Recorder recorder = Volume.open(drive).record(options("open").withSlots(4096, 8));
    new TestStream(recorder.ring(), SEED).commitUpTo(BYTES, recorder.agent());
    for (int i = 0; i < 10; i++) {
      recorder.agent().doWork();
    }
    long durable = recorder.status().durableBytes();
    CatalogueEntry open = Volume.open(drive).recording("open").entry();
    byte[] before = drive.medium().toArray(JAVA_BYTE);
    for (int block = 0; block < 2; block++) {
      drive.heal();
      drive.medium().copyFrom(MemorySegment.ofArray(before));
      drive.failReads(open.indexAddress() + (long) block * BLOCK, 1);
      record(Volume.open(drive), "c");
      record(Volume.open(drive), "d");
      CheckReport report = Volume.open(drive).check(true);
      assertThat(report.findings()).hasSize(1);
      assertThat(report.hasDamage()).isTrue();
      assertThat(report.findings().getFirst().toString())
          .startsWith("recording 'open': ")
          .endsWith(READ_ERROR + "; it stays open; a repair cuts it there");
      for (String name : List.of("a", "b", "c", "d")) {
        assertThat(TestStream.verifyAll(Volume.open(drive).recording(name), SEED)).isEqualTo(BYTES);
      }
      // It can be read again: nothing of it is lost.
      drive.heal();
      assertThat(Volume.open(drive).check(true).hasDamage()).isFalse();
      assertThat(TestStream.verifyAll(Volume.open(drive).recording("open"), SEED))
          .as("block %d", block)
          .isGreaterThanOrEqualTo(durable);
      requireAll("a", "b", "open", "c", "d");
    }
  }

  /** A repair cuts it, and what is behind is free again. */
  @Test
  void cutsAnOpenRecordingWhereItsIndexCannotBeReadWhenToldTo() {
    crash("open");
    CatalogueEntry open = Volume.open(drive).recording("open").entry();
    drive.failReads(open.indexAddress(), 1);
    record(Volume.open(drive), "c");
    assertThat(Volume.open(drive).repair().hasDamage()).isFalse();
    assertThat(Volume.open(drive).recording("open").streamBytes()).isZero();
    record(Volume.open(drive), "d");
    for (String name : List.of("a", "b", "c", "d")) {
      assertThat(TestStream.verifyAll(Volume.open(drive).recording(name), SEED)).isEqualTo(BYTES);
    }
  }

  /**
   * Its piece of the index is left out: at the first write, at a later one, with entries before.
   */
  @Test
  void recordsOnWhereABlockOfTheIndexCannotBeWritten() {
    for (int[] bad : new int[][] {{0}, {3}, {15}, {16}, {0, 17}, {5, 21, 50}, {0, 16, 32}}) {
      MemoryDrive large = MemoryDrive.of(16 << 20);
      Volume volume = Volume.create(large, VolumeOptions.standard().withIndexBytes(1 << 20));
      for (int block : bad) {
        large.failWrites(volume.layout().indexAddress() + (long) block * BLOCK + 100, 1);
      }
      long bytes = 5 << 20;
      WriterResult result;
      try (Recorder recorder = volume.record(options("c").withSlots(4096, 64))) {
        new TestStream(recorder.ring(), SEED).commitUpTo(bytes, recorder.agent());
        recorder.ring().end();
        TestStream.run(recorder);
        result = recorder.await(Duration.ofSeconds(1));
      }
      assertThat(result.closed()).as("%s", result).isTrue();
      assertThat(result.durableBytes()).isEqualTo(bytes);
      assertThat(result.leftOut()).isNotEmpty().hasSizeLessThanOrEqualTo(bad.length);
      assertThat(result.leftOut().getFirst()).isEqualTo(bad[0] / 16);
      record(volume, "d");
      Volume after = Volume.open(large);
      assertThat(after.check(true).findings()).isEmpty();
      assertThat(TestStream.verifyAll(after.recording("c"), SEED)).isEqualTo(bytes);
      assertThat(TestStream.verifyAll(after.recording("d"), SEED)).isEqualTo(BYTES);
    }
  }

  /** What was reported as durable is found, in whichever piece of the index. */
  @Test
  void findsWhatWasDurableOfAnIndexWithAPieceLeftOut() {
    for (long bytes = 100_000; bytes < 5 << 20; bytes += 300_000) {
      MemoryDrive large = MemoryDrive.of(16 << 20);
      Volume volume = Volume.create(large, VolumeOptions.standard().withIndexBytes(1 << 20));
      large.failWrites(volume.layout().indexAddress() + 13 * BLOCK, 1);
      Recorder recorder = volume.record(options("c").withSlots(4096, 64));
      new TestStream(recorder.ring(), SEED).commitUpTo(bytes, recorder.agent());
      long durable = recorder.status().durableBytes();
      Volume after = Volume.open(large);
      assertThat(after.check(true).hasDamage()).isFalse();
      assertThat(TestStream.verifyAll(after.recording("c"), SEED)).isGreaterThanOrEqualTo(durable);
      record(after, "d");
      assertThat(Volume.open(large).check(true).findings()).isEmpty();
    }
  }

  @Test
  void saysThatTheDriveHasNeither() {
    drive.failReads(layout.addressOf(0), 1);
    drive.failReads(layout.addressOf(1), 1);
    byte[] before = drive.medium().toArray(JAVA_BYTE);
    assertThatThrownBy(() -> Volume.open(drive))
        .hasMessage("memory holds no layout of a recorder: " + READ_ERROR);
    assertThat(drive.medium().mismatch(MemorySegment.ofArray(before))).isEqualTo(-1);
  }

  @Test
  void givesUpAnEntryOfWhichNoCopyCanBeReadWhenToldTo() {
    drive.failReads(layout.catalogueAddress(0, 0), 1);
    drive.failReads(layout.catalogueAddress(0, 1), 1);
    assertThat(findings().getFirst()).startsWith("catalogue entry 0: neither copy can be read");
    assertThatThrownBy(() -> Volume.open(drive).record(options("c")))
        .hasMessageContaining("nothing is written to it until it is repaired");
    drive.heal();
    drive.medium().asSlice(layout.catalogueAddress(0, 0), BLOCK).fill((byte) 7);
    drive.medium().asSlice(layout.catalogueAddress(0, 1), BLOCK).fill((byte) 7);
    assertThat(Volume.open(drive).repair().hasDamage()).isFalse();
    // Its index was not lost with it.
    requireAll("b", "found-1");
    assertThat(Volume.open(drive).recording("found-1").number()).isZero();
    record(Volume.open(drive), "c");
    requireAll("b", "found-1", "c");
  }
}
