package sluice.recorder.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import sluice.recorder.stream.Pattern;

class GeneratorSourceTest {
  private static final int SLOT = 1 << 16;

  private final AtomicLong ticks = new AtomicLong(77);
  private final SourceOptions options =
      SourceOptions.defaults().withClocks(() -> 1_000_000 + ticks.get(), ticks::get);

  private Source open(String text) {
    return Sources.open(text, options);
  }

  private static void runDry(Source source) {
    while (source.doWork() > 0) {}
  }

  @Test
  void holdsItsRateExactly() {
    RingReader reader = new RingReader(SLOT, 64);
    Source source = open("generator:rate=400MB/s,seed=42");
    source.attach(reader.ring);
    assertThat(source.canStall()).isFalse();
    runDry(source);
    assertThat(source.counters().receivedBytes()).isZero();
    // 64 KiB take 163,840 ns.
    ticks.addAndGet(163_839);
    assertThat(source.doWork()).isZero();
    ticks.addAndGet(1);
    assertThat(source.doWork()).isOne();
    assertThat(reader.verify(new Pattern(42))).isEqualTo(SLOT);

    // A quarter of an hour in odd steps: the position is always the due one, in whole words, less
    // what is not yet worth a turn.
    SplittableRandom random = new SplittableRandom(5);
    long elapsed = 163_840;
    for (int i = 0; i < 1000; i++) {
      long step = random.nextLong(1, 4_000_000);
      ticks.addAndGet(step);
      elapsed += step;
      runDry(source);
      long due = elapsed * 2 / 5;
      assertThat(source.counters().receivedBytes()).isBetween(due - SLOT + 1, due);
      reader.verify(new Pattern(42));
    }
    assertThat(source.counters().lostBytes()).isZero();
    assertThat(source.counters().maxBehindNanos()).isBetween(3_900_000L, 4_200_000L);
  }

  @Test
  void losesWhatIsDueWhileTheRingIsFull() {
    RingReader reader = new RingReader(SLOT, 2);
    Source source = open("generator:rate=1GB/s,size=1000001B,seed=3");
    source.attach(reader.ring);
    runDry(source);
    ticks.addAndGet(2 * SLOT);
    runDry(source);
    assertThat(source.counters().receivedBytes()).isEqualTo(2 * SLOT);
    assertThat(source.counters().lostBytes()).isZero();

    ticks.addAndGet(SLOT + 3);
    assertThat(source.doWork()).isOne();
    assertThat(source.counters().lostBytes()).as("due, in whole words").isEqualTo(SLOT);
    ticks.addAndGet(2 * SLOT);
    runDry(source);
    assertThat(source.counters().lostBytes()).isEqualTo(3 * SLOT);

    reader.take();
    ticks.addAndGet(100_000);
    runDry(source);
    reader.take();
    assertThat(reader.gaps).containsExactly(new RingReader.Gap(2 * SLOT, 3 * SLOT));

    // The end: the odd byte too, and nothing beyond it.
    ticks.addAndGet(1_000_000_000);
    runDry(source);
    assertThat(source.hasEnded()).isTrue();
    reader.take();
    assertThat(source.counters().receivedBytes()).isEqualTo(1_000_001);
    assertThat(reader.bytes().length + source.counters().lostBytes()).isEqualTo(1_000_001);
    assertThat(source.doWork()).isZero();
  }

  @Test
  void theBytesAfterAGapAreThoseOfTheirPlace() {
    RingReader reader = new RingReader(4096, 3);
    Source source = open("generator:rate=10MB/s,size=3MB,seed=9");
    source.attach(reader.ring);
    SplittableRandom random = new SplittableRandom(1);
    Pattern pattern = new Pattern(9);
    while (!source.hasEnded()) {
      ticks.addAndGet(random.nextLong(3_000_000));
      runDry(source);
      if (random.nextInt(3) == 0) {
        reader.verify(pattern);
      }
    }
    long end = reader.verify(pattern) + reader.ring.finalGap();
    assertThat(end).isEqualTo(3_000_000);
    assertThat(source.counters().lostBytes()).isEqualTo(reader.ring.lostBytes()).isPositive();
  }

  @Test
  void isHeldBackWhenItMay() {
    for (String text :
        new String[] {
          "generator:size=1M,seed=4", "generator:rate=50GB/s,stall=yes,size=1M,seed=4"
        }) {
      RingReader reader = new RingReader(SLOT, 2);
      Source source = open(text);
      source.attach(reader.ring);
      assertThat(source.canStall()).isTrue();
      runDry(source);
      ticks.addAndGet(1_000_000_000);
      runDry(source);
      assertThat(reader.ring.fillBytes()).isEqualTo(2 * SLOT);
      Pattern pattern = new Pattern(4);
      while (!source.hasEnded()) {
        reader.verify(pattern);
        runDry(source);
      }
      assertThat(reader.verify(pattern)).isEqualTo(1 << 20);
      assertThat(source.counters().lostBytes()).isZero();
    }
  }

  @Test
  void commitsAPartialSlotWhenItIsOld() {
    RingReader reader = new RingReader(SLOT, 4);
    Source source =
        Sources.open("generator:rate=1kB/s,seed=1", options.withMaxSlotAgeNanos(20_000_000));
    source.attach(reader.ring);
    runDry(source);
    ticks.addAndGet(8_000_000);
    assertThat(source.doWork()).isOne();
    ticks.addAndGet(8_000_000);
    assertThat(source.doWork()).isOne();
    ticks.addAndGet(11_999_999);
    assertThat(source.doWork()).isOne();
    assertThat(reader.ring.committed()).isZero();
    ticks.addAndGet(1);
    assertThat(source.doWork()).isZero();
    assertThat(reader.take().slots)
        .containsExactly(new RingReader.Slot(24, 1_000_000 + 77 + 8_000_000));
  }

  @Test
  void endsWhenItIsToldTo() {
    RingReader reader = new RingReader(SLOT, 4);
    Source source = open("generator:rate=1MB/s");
    source.attach(reader.ring);
    runDry(source);
    ticks.addAndGet(10_000_000);
    assertThat(source.doWork()).isOne();
    source.stop();
    assertThat(source.doWork()).isOne();
    assertThat(source.hasEnded()).isTrue();
    assertThat(reader.verify(new Pattern(0))).isEqualTo(10_000);
    assertThat(reader.ring.endPosition()).isOne();
  }

  @Test
  void endsWhenNobodyWantsMore() {
    RingReader reader = new RingReader(SLOT, 4);
    Source source = open("generator:");
    source.attach(reader.ring);
    assertThat(source.doWork()).isOne();
    reader.ring.stop();
    assertThat(source.doWork()).isOne();
    assertThat(source.hasEnded()).isTrue();
    assertThat(source.failure()).isNull();
  }
}
