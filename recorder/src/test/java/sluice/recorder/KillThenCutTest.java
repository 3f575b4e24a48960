package sluice.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import sluice.nvme.NvmeException;
import sluice.recorder.format.Superblock;

/**
 * A process is killed while it closes its recording; the drive still has in its cache what was not
 * flushed. The power goes while the next process puts that in order.
 */
class KillThenCutTest {
  private static final long BYTES = 100_000;
  private static final int KILLS = 20;
  private static final int CUTS = 16;

  /** For each instant of the kill and of the cut; more of them: -Dsluice.powercuts=40000. */
  private static final long SEEDS = Math.max(3, Integer.getInteger("sluice.powercuts", 0) / 1000);

  @Test
  void losesNothingThatWasReported() {
    Seeds.forEach(0, KILLS * CUTS * SEEDS, seed -> run(seed, false));
  }

  @Test
  void losesNothingWhenACopyOfItsEntryIsLostToo() {
    Seeds.forEach(0, KILLS * CUTS * SEEDS / 3, seed -> run(seed, true));
  }

  private static void run(long seed, boolean withBadCopy) {
    int kill = (int) (seed / SEEDS % KILLS);
    int cut = (int) (seed / SEEDS / KILLS % CUTS);
    SplittableRandom random = new SplittableRandom(seed);
    MemoryDrive drive = MemoryDrive.random(4 << 20, random.split());
    Volume volume = Volume.create(drive, VolumeOptions.standard().withCatalogueEntries(4));
    Recorder recorder = volume.record(RecordingOptions.named("a").withSlots(4096, 8));
    new TestStream(recorder.ring(), 1).commitUpTo(BYTES, recorder.agent());
    recorder.ring().end();
    for (int i = 0; recorder.status().durableBytes() < BYTES; i++) {
      assertThat(i).isLessThan(500);
      recorder.agent().doWork();
    }
    // All is durable but the end.
    for (int i = 0; i < kill && !recorder.hasEnded(); i++) {
      recorder.agent().doWork();
    }
    if (withBadCopy) {
      loseCopy(drive, volume.layout(), random);
    }
    drive.cutAfter(cut);
    try {
      Volume.open(drive).check(true);
    } catch (NvmeException e) {
      // As it should be.
    }
    drive.powerUp();
    CheckReport report = Volume.open(drive).check(true);
    assertThat(report.findings()).noneMatch(finding -> finding.forbidsWriting());
    Recording recording = Volume.open(drive).recording("a");
    assertThat(TestStream.verifyAll(recording, 1)).isEqualTo(BYTES);
  }

  /** One copy can no longer be written. */
  private static void loseCopy(MemoryDrive drive, Superblock layout, SplittableRandom random) {
    drive.failWrites(layout.catalogueAddress(0, random.nextInt(2)), 1);
  }
}
