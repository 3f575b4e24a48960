package sluice.recorder;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import sluice.nvme.NvmeException;
import sluice.recorder.format.FormatException;
import sluice.recorder.format.Superblock;
import sluice.recorder.volume.Finding;

/**
 * The power goes after every single request of a volume's making, of a recording's beginning and of
 * a repair: what was recorded before is there afterwards, or the volume is gone as a whole, where a
 * new one was asked for.
 */
class CutEverywhereTest {
  private static final long SEED = 7;
  private static final long BYTES = 60_000;
  private static final VolumeOptions LAYOUT = VolumeOptions.standard().withCatalogueEntries(6);

  /**
   * Does something to a drive with the power cut after each number of requests.
   *
   * @param steps more than it takes
   */
  private static void cutAfterEach(int seeds, int steps, Consumer<Cut> test) {
    AtomicInteger whole = new AtomicInteger();
    Seeds.forEach(
        0,
        (long) seeds * steps,
        run -> {
          Cut cut = new Cut(run / steps, (int) (run % steps));
          test.accept(cut);
          if (!cut.happened) {
            whole.incrementAndGet();
          }
        });
    assertThat(whole.get()).as("runs without a cut").isBetween(seeds, seeds * steps / 2);
  }

  /** A drive with recordings, on which something is cut. */
  private static final class Cut {
    private final MemoryDrive drive;
    private final int steps;
    private boolean happened;

    Cut(long seed, int steps) {
      this.steps = steps;
      this.drive = MemoryDrive.random(3 << 20, new SplittableRandom(seed * 1000 + steps));
    }

    void during(Runnable action) {
      drive.cutAfter(steps);
      try {
        action.run();
      } catch (NvmeException e) {
        assertThat(drive.isPowered()).isFalse();
      }
      happened = !drive.isPowered();
      drive.powerUp();
    }
  }

  private static void record(Volume volume, String name) {
    try (Recorder recorder = volume.record(RecordingOptions.named(name).withSlots(8192, 4))) {
      new TestStream(recorder.ring(), SEED).commitUpTo(BYTES, recorder.agent());
      recorder.ring().end();
      TestStream.run(recorder);
      assertThat(recorder.await(Duration.ofSeconds(1)).closed()).isTrue();
    }
  }

  /** Leaves one open, with all its bytes durable unless the power goes. */
  private static void crash(Volume volume, String name) {
    Recorder recorder = volume.record(RecordingOptions.named(name).withSlots(8192, 8));
    TestStream stream = new TestStream(recorder.ring(), SEED);
    while (stream.offset() < BYTES) {
      assertThat(stream.commit((int) Math.min(8192, BYTES - stream.offset()))).isTrue();
    }
    recorder.ring().end();
    for (int i = 0; recorder.status().durableBytes() < BYTES && !recorder.hasEnded(); i++) {
      assertThat(i).isLessThan(10_000);
      recorder.agent().doWork();
    }
  }

  private static void requireWhole(Volume volume, String... names) {
    assertThat(volume.recordings()).extracting(Recording::name).contains(names);
    for (String name : names) {
      assertThat(TestStream.verifyAll(volume.recording(name), SEED)).as(name).isEqualTo(BYTES);
    }
  }

  @Test
  void aVolumeThatIsMadeOverAnotherIsTheOldOneOrTheNewOneOrNone() {
    boolean[] seen = new boolean[3];
    cutAfterEach(
        4,
        30,
        cut -> {
          Volume old = Volume.create(cut.drive, LAYOUT);
          record(old, "a");
          record(old, "b");
          cut.during(() -> Volume.create(cut.drive, LAYOUT.withForce(true)));
          try {
            Volume found = Volume.open(cut.drive);
            if (found.uuid().equals(old.uuid())) {
              assertThat(cut.happened).isTrue();
              requireWhole(found, "a", "b");
              seen[0] = true;
            } else {
              assertThat(found.recordings()).isEmpty();
              seen[1] = true;
            }
            assertThat(found.findings()).noneMatch(f -> f.where().startsWith("recording"));
          } catch (FormatException e) {
            assertThat(cut.happened).as(e.getMessage()).isTrue();
            assertThat(e).hasMessageContaining("holds no layout of a recorder");
            seen[2] = true;
          }
          Volume anew = Volume.create(cut.drive, LAYOUT.withForce(true));
          record(anew, "c");
          assertThat(anew.check(true).findings()).isEmpty();
        });
    assertThat(seen).containsExactly(true, true, true);
  }

  @Test
  void aRecordingThatBeginsTakesNothingFromTheOthers() {
    cutAfterEach(
        2,
        40,
        cut -> {
          Volume volume = Volume.create(cut.drive, LAYOUT);
          record(volume, "a");
          record(volume, "b");
          cut.during(() -> crash(Volume.open(cut.drive), "c"));
          Volume found = Volume.open(cut.drive);
          CheckReport report = found.check(true);
          assertThat(report.findings()).noneMatch(Finding::isDamage);
          requireWhole(found, "a", "b");
          if (!cut.happened) {
            requireWhole(found, "c");
          }
          record(found, "d");
          requireWhole(Volume.open(cut.drive), "a", "b", "d");
          assertThat(found.check(true).findings()).isEmpty();
        });
  }

  /** While what a crash has left open is recovered before a recording begins. */
  @Test
  void aRecoveryTakesNothingFromAnyRecording() {
    cutAfterEach(
        4,
        50,
        cut -> {
          Volume volume = Volume.create(cut.drive, LAYOUT);
          record(volume, "a");
          crash(volume, "b");
          cut.during(() -> Volume.open(cut.drive).recover());
          Volume found = Volume.open(cut.drive);
          assertThat(found.check(true).findings()).noneMatch(Finding::isDamage);
          requireWhole(found, "a", "b");
        });
  }

  /**
   * A copy of the superblock, one of an entry, both of another, an index that is cut: all at once.
   */
  @Test
  void aRepairThatIsCutEndsAsOneThatIsNot() {
    cutAfterEach(
        1,
        120,
        cut -> {
          Volume volume = Volume.create(cut.drive, LAYOUT);
          for (String name : new String[] {"a", "b", "c"}) {
            record(volume, name);
          }
          crash(volume, "d");
          Superblock layout = volume.layout();
          zero(cut.drive, layout.addressOf(0));
          zero(cut.drive, layout.catalogueAddress(0, 0));
          zero(cut.drive, layout.catalogueAddress(1, 0));
          zero(cut.drive, layout.catalogueAddress(1, 1));
          cut.during(() -> Volume.open(cut.drive).repair());
          Volume found = Volume.open(cut.drive);
          CheckReport report = found.repair();
          assertThat(report.findings()).noneMatch(Finding::isDamage);
          String[] names =
              report.recordings().stream()
                  .map(recording -> recording.entry().name())
                  .toArray(String[]::new);
          assertThat(names).hasSize(4).contains("a", "c", "d");
          requireWhole(found, names);
        });
  }

  private static void zero(MemoryDrive drive, long address) {
    for (int i = 0; i < 4096; i++) {
      drive.medium().set(JAVA_BYTE, address + i, (byte) 0);
    }
  }
}
