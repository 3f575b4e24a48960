package sluice.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.NvmeException;
import sluice.recorder.CheckReport.CheckedRecording;
import sluice.recorder.format.RecordingState;
import sluice.recorder.format.Superblock;
import sluice.recorder.volume.Finding;
import sluice.recorder.write.FlushPolicy;
import sluice.recorder.write.WriterOptions;
import sluice.support.agent.Agent;

/**
 * The power goes at a random instant: of what was not flushed, any subset of the sectors is lost.
 * All that was reported as durable must be found, bit by bit, and nothing else be shown.
 */
class PowerCutTest {
  /** More of them: -Dsluice.powercuts=40000. Each takes 3 ms or so of one core. */
  private static final int RUNS = Integer.getInteger("sluice.powercuts", 2000);

  /** The first of them: -Dsluice.seed. */
  private static final long FIRST = Long.getLong("sluice.seed", 7_000_000);

  private static final long OTHER = 7;

  private final AtomicLong clock = new AtomicLong();

  @Test
  void losesNothingThatWasReported() {
    ConcurrentLinkedQueue<Outcome> outcomes = new ConcurrentLinkedQueue<>();
    Seeds.forEach(FIRST, RUNS, seed -> outcomes.add(new PowerCutTest().run(seed, false)));
    // Not a property of the recorder, but of this test: it must not pass by testing nothing.
    assertThat(outcomes.stream().filter(Outcome::cut).count()).isGreaterThan(RUNS / 2);
    assertThat(outcomes.stream().filter(Outcome::recovered).count()).isGreaterThan(RUNS / 3);
  }

  /** On a drive that has places besides that cannot be written. */
  @Test
  void losesNothingThatWasReportedBesideBadPlaces() {
    Seeds.forEach(FIRST, RUNS / 4, seed -> new PowerCutTest().run(seed, true));
  }

  /** Each has found a fault once. */
  @ParameterizedTest
  @ValueSource(longs = {450971566894L, 7034218})
  void losesNothingWhereItDidOnce(long seed) {
    run(seed, false);
  }

  private record Outcome(boolean cut, boolean recovered) {}

  private Outcome run(long seed, boolean withBadPlaces) {
    SplittableRandom random = new SplittableRandom(seed);
    MemoryDrive drive = MemoryDrive.random(4 << 20, random.split());
    VolumeOptions layout = VolumeOptions.standard().withCatalogueEntries(8);
    Volume volume = Volume.create(drive, withBadPlaces ? layout.withIndexBytes(1 << 20) : layout);
    if (withBadPlaces) {
      addBadPlaces(drive, volume.layout(), random.split());
    }
    recordAll(volume, "before", OTHER, random);
    // Either the power goes, or the process alone: then the drive still has all in its cache.
    boolean kill = random.nextInt(3) == 0;
    int steps = random.nextInt(90);
    drive.cutAfter(kill ? Long.MAX_VALUE : steps);
    Attempt attempt = recordUntilCut(volume, seed, random, kill ? steps : Integer.MAX_VALUE);
    boolean cut = !drive.isPowered() || attempt.killed;
    if (random.nextInt(kill ? 2 : 4) > 0) {
      // Again while it is recovered.
      drive.powerUp();
      drive.cutAfter(random.nextInt(30));
      try {
        Volume.open(drive).check(true);
      } catch (NvmeException e) {
        // As it should be.
      }
    }
    drive.powerUp();
    Volume after = Volume.open(drive);
    CheckReport report = after.check(true);
    requireSound(report, withBadPlaces);
    boolean recovered = verify(after, report, attempt, seed);
    assertThat(TestStream.verifyAll(after.recording("before"), OTHER)).isEqualTo(50_000);
    recordAll(after, "after", OTHER, random);
    requireSound(Volume.open(drive).check(true), withBadPlaces);
    assertThat(withBadPlaces || after.check(true).findings().isEmpty()).isTrue();
    assertThat(TestStream.verifyAll(after.recording("after"), OTHER)).isEqualTo(50_000);
    return new Outcome(cut, recovered);
  }

  private static void requireSound(CheckReport report, boolean withBadPlaces) {
    assertThat(report.findings())
        .noneMatch(withBadPlaces ? Finding::forbidsWriting : Finding::isDamage);
  }

  /** Of data, index and catalogue; one copy of an entry at the most. */
  private static void addBadPlaces(MemoryDrive drive, Superblock layout, SplittableRandom random) {
    for (int i = random.nextInt(4); i > 0; i--) {
      drive.failWrites(layout.dataAddress() + random.nextLong(600_000), 1);
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      drive.failWrites(layout.indexAddress() + random.nextLong(6 * 65536), 1);
    }
    for (int number = 1; number < 3; number++) {
      long address = layout.catalogueAddress(number, random.nextInt(2));
      switch (random.nextInt(4)) {
        case 0 -> drive.failWrites(address, 1);
        case 1 -> drive.failReads(address, 1);
        default -> {}
      }
    }
  }

  private static boolean verify(Volume after, CheckReport report, Attempt attempt, long seed) {
    Optional<CheckedRecording> found =
        report.recordings().stream().filter(r -> r.entry().name().equals("a")).findAny();
    if (found.isEmpty()) {
      assertThat(attempt.opened).as("an open recording is gone").isFalse();
      return false;
    }
    Recording recording = after.recording("a");
    assertThat(recording.streamBytes()).isBetween(attempt.durable, attempt.produced);
    assertThat(TestStream.verifyAll(recording, seed)).isEqualTo(recording.recordedBytes());
    if (attempt.closed) {
      assertThat(recording.state()).isEqualTo(RecordingState.CLOSED);
      assertThat(recording.streamBytes()).isEqualTo(attempt.produced);
    }
    return recording.state() == RecordingState.RECOVERED;
  }

  /** What its producer knows of a recording. */
  private static final class Attempt {
    private boolean opened;
    private boolean closed;
    private boolean killed;
    private long durable;
    private long produced;
  }

  private Attempt recordUntilCut(Volume volume, long seed, SplittableRandom random, int turns) {
    Attempt attempt = new Attempt();
    Recorder recorder;
    try {
      recorder = volume.record(options("a", random));
    } catch (NvmeException e) {
      return attempt;
    }
    attempt.opened = true;
    TestStream stream = new TestStream(recorder.ring(), seed);
    long end = random.nextInt(1, 900_000);
    int turn = 0;
    while (!recorder.hasEnded()) {
      if (turn++ == turns) {
        attempt.produced = stream.offset();
        attempt.killed = true;
        return attempt;
      }
      for (int i = random.nextInt(3); i > 0 && stream.offset() < end; i--) {
        if (random.nextInt(20) == 0) {
          stream.lose(random.nextInt(1, 10_000));
        }
        stream.commit(TestStream.randomLength(recorder.ring(), random));
      }
      if (stream.offset() >= end) {
        recorder.ring().end();
      }
      // As a rule little; now and then so much that a note in the catalogue is due.
      clock.addAndGet(random.nextInt(8) == 0 ? 3_000_000_000L : random.nextInt(1_000_000));
      recorder.agent().doWork();
      // Reported is reported: it must never fall, and never be taken back by a cut.
      long durable = recorder.status().durableBytes();
      assertThat(durable).isGreaterThanOrEqualTo(attempt.durable);
      attempt.durable = durable;
    }
    attempt.produced = stream.offset();
    attempt.closed = recorder.await(Duration.ofSeconds(1)).closed();
    return attempt;
  }

  private RecordingOptions options(String name, SplittableRandom random) {
    FlushPolicy flush =
        switch (random.nextInt(4)) {
          case 0 -> FlushPolicy.atEnd();
          case 1 -> FlushPolicy.every(random.nextLong(1, 200_000));
          case 2 -> FlushPolicy.every(Duration.ofNanos(random.nextLong(1, 20_000_000)));
          default -> FlushPolicy.always();
        };
    WriterOptions writer =
        WriterOptions.standard(clock::get)
            .withNanoClock(clock::get)
            .withDepth(random.nextInt(1, 9))
            .withFlush(flush);
    return RecordingOptions.named(name)
        .withSlots(4096 * random.nextInt(1, 5), random.nextInt(2, 12))
        .withWriter(writer);
  }

  private void recordAll(Volume volume, String name, long seed, SplittableRandom random) {
    try (Recorder recorder = volume.record(options(name, random))) {
      Agent agent = new Ticking(recorder.agent(), clock);
      new TestStream(recorder.ring(), seed).commitUpTo(50_000, agent);
      recorder.ring().end();
      for (int i = 0; !recorder.hasEnded(); i++) {
        assertThat(i).as("the writer does not end").isLessThan(1_000_000);
        agent.doWork();
      }
      assertThat(recorder.await(Duration.ofSeconds(1)).closed()).isTrue();
    }
  }

  /** Time goes on with each turn: what is tried again later has its chance. */
  private record Ticking(Agent agent, AtomicLong clock) implements Agent {
    @Override
    public String name() {
      return agent.name();
    }

    @Override
    public int doWork() {
      clock.addAndGet(100_000);
      return agent.doWork();
    }
  }

  /** The layout itself: before it is made there is none, afterwards there is, and nothing else. */
  @Test
  void makesALayoutOrNone() {
    for (int run = 0; run < 200; run++) {
      SplittableRandom random = new SplittableRandom(run);
      MemoryDrive drive = MemoryDrive.random(2 << 20, random.split());
      drive.cutAfter(random.nextInt(12));
      boolean made;
      try {
        Volume.create(drive, VolumeOptions.standard());
        made = true;
      } catch (NvmeException | IllegalArgumentException e) {
        // While it was written, or while it was looked at.
        made = false;
      }
      drive.powerUp();
      boolean found;
      try {
        found = Volume.open(drive).recordings().isEmpty();
      } catch (RuntimeException e) {
        found = false;
      }
      assertThat(found || !made).as("seed %d", run).isTrue();
      Volume anew = Volume.create(drive, VolumeOptions.standard().withForce(true));
      assertThat(anew.check(true).findings()).as("seed %d", run).isEmpty();
    }
  }
}
