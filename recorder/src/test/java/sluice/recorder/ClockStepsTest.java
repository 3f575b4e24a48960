package sluice.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.recorder.stream.Pattern;
import sluice.recorder.volume.Finding;
import sluice.recorder.write.FlushPolicy;
import sluice.recorder.write.WriterOptions;

/** The wall clock is set, forth and back by hours, while it is recorded. */
class ClockStepsTest {
  private static final long SECOND = 1_000_000_000;
  private static final long HOUR = 3600 * SECOND;

  private record Chunk(long offset, int length, long time) {}

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void nothingIsLostAndEachTimeIsFound(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    AtomicLong wall = new AtomicLong(1_700_000_000L * SECOND);
    AtomicLong ticks = new AtomicLong();
    MemoryDrive drive = MemoryDrive.random(4 << 20, random.split());
    Volume volume = Volume.create(drive, VolumeOptions.standard());
    WriterOptions writer =
        WriterOptions.standard(wall::get)
            .withNanoClock(ticks::get)
            .withFlush(FlushPolicy.every(Duration.ofMillis(500)));
    boolean isKilled = seed % 2 == 0;
    List<Chunk> chunks = new ArrayList<>();
    Pattern pattern = new Pattern(seed);
    long offset = 0;
    Recorder recorder =
        volume.record(RecordingOptions.named("a").withSlots(4096, 8).withWriter(writer));
    while (chunks.size() < 150) {
      long passed = random.nextLong(SECOND / 4);
      ticks.addAndGet(passed);
      wall.addAndGet(random.nextInt(10) == 0 ? random.nextLong(-5 * HOUR, 5 * HOUR) : passed);
      long slot = recorder.ring().claim();
      if (slot != 0) {
        int length = TestStream.randomLength(recorder.ring(), random);
        pattern.fill(slot, length, offset);
        recorder.ring().commit(length, wall.get());
        chunks.add(new Chunk(offset, length, wall.get()));
        offset += length;
      }
      recorder.agent().doWork();
    }
    recorder.ring().end();
    for (int i = 0;
        isKilled ? recorder.status().durableBytes() < offset : !recorder.hasEnded();
        i++) {
      assertThat(i).isLessThan(100_000);
      ticks.addAndGet(SECOND / 100);
      recorder.agent().doWork();
    }
    if (!isKilled) {
      assertThat(recorder.await(Duration.ofSeconds(1)).closed()).isTrue();
    }

    Volume reopened = Volume.open(drive);
    assertThat(reopened.check(true).findings())
        .noneMatch(Finding::isDamage)
        .anyMatch(finding -> finding.text().contains("the clock was set back"));
    Recording recording = reopened.recording("a");
    assertThat(recording.streamBytes()).isEqualTo(offset);
    assertThat(TestStream.verifyAll(recording, seed)).isEqualTo(offset);
    try (RecordingReader reader = recording.read(4)) {
      for (Chunk chunk : chunks) {
        long found = reader.seekTime(chunk.time);
        // The first that was under way then: the clock may have shown that time several times.
        Chunk first =
            chunks.stream().filter(each -> isUnderWay(chunks, each, chunk.time)).findFirst().get();
        assertThat(found).isEqualTo(first.offset);
      }
    }
    try (Recorder next = reopened.record(RecordingOptions.named("b").withSlots(4096, 8))) {
      new TestStream(next.ring(), 1).commitUpTo(10_000, next.agent());
      next.ring().end();
      TestStream.run(next);
    }
    assertThat(Volume.open(drive).check(true).findings()).noneMatch(Finding::isDamage);
  }

  private static boolean isUnderWay(List<Chunk> chunks, Chunk chunk, long time) {
    int next = chunks.indexOf(chunk) + 1;
    return chunk.time == time
        || (chunk.time <= time && next < chunks.size() && time < chunks.get(next).time);
  }
}
