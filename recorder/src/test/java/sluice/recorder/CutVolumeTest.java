package sluice.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.Extent;
import sluice.recorder.format.FormatException;
import sluice.recorder.format.IndexEntry;
import sluice.recorder.format.RecordingState;
import sluice.recorder.volume.Finding;

/** What a truncated image or a crash has left of a volume, and what is said of it. */
class CutVolumeTest extends DamagedVolume {
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
}
