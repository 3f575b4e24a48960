package sluice.recorder.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Datagrams that find no room: what is lost is counted, in its place. */
class UdpLossTest extends UdpStream {
  @Test
  void whatFindsTheRingFullStaysInTheKernelWhileThatHasRoom() throws Exception {
    open(ANY);
    SplittableRandom random = new SplittableRandom(3);
    fillTheRing(random);
    assertThat(reader.ring.claim()).isZero();
    // With the kernel's own needs they take less than half of its buffer.
    for (int i = 0; i < 60; i++) {
      sendRandom(random, 900);
    }
    for (int i = 0; i < 100; i++) {
      assertThat(source.doWork()).isZero();
    }
    assertThat(source.counters().receivedBytes()).as("the kernel has the rest").isEqualTo(132_000);
    RingReader.assertSame(received(), sent.toByteArray(), "the stream");
    assertThat(reader.gaps).isEmpty();
    assertThat(source.counters().lostBytes()).isZero();
  }

  @Test
  void whatFindsTheRingFullAndTheKernelNearlySoIsCountedToTheByte() throws Exception {
    open(ANY);
    SplittableRandom random = new SplittableRandom(3);
    int ring = 8 * SLOT;
    fillTheRing(random);
    assertThat(source.counters().lostBytes()).as("its rest still waits").isZero();

    ticks.set(7);
    int count = 0;
    while (source.counters().lostBytes() == 0) {
      sendRandom(random, 900);
      count++;
      int _ = source.doWork();
    }
    runDry();
    SourceCounters counters = source.counters();
    assertThat(counters.kernelDrops()).isZero();
    assertThat(counters.estimatedLostBytes()).isZero();
    int lostDatagrams = (int) counters.lostDatagrams() - 1;
    assertThat(lostDatagrams).as("of %d, the oldest", count).isBetween(1, count - 1);
    int lost = 132_000 - ring + lostDatagrams * 900;
    assertThat(counters.lostBytes()).isEqualTo(lost);

    byte[] received = received();
    assertThat(reader.gaps).containsExactly(new RingReader.Gap(ring, lost));
    byte[] expected = new byte[sent.size() - lost];
    System.arraycopy(sent.toByteArray(), 0, expected, 0, ring);
    System.arraycopy(sent.toByteArray(), ring + lost, expected, ring, expected.length - ring);
    RingReader.assertSame(received, expected, "the stream");
    assertThat(counters.datagrams()).isEqualTo(132 + count);
    assertThat(counters.receivedBytes()).isEqualTo(sent.size());
  }

  @Test
  void whatIsInTheKernelWhenNobodyTakesMoreIsLostAndCounted() throws Exception {
    open(ANY);
    SplittableRandom random = new SplittableRandom(3);
    fillTheRing(random);
    for (int i = 0; i < 60; i++) {
      sendRandom(random, 900);
    }
    source.stop();
    assertThat(source.doWork()).as("the ring is full").isZero();
    reader.ring.stop();
    reader.runToEnd(source);
    int ring = 8 * SLOT;
    assertThat(reader.gaps)
        .containsExactly(new RingReader.Gap(ring, 132_000 - ring + 60 * 900, false));
    assertThat(source.counters().lostBytes()).isEqualTo(sent.size() - ring);
    assertThat(source.counters().lostDatagrams()).isEqualTo(61);
  }

  @Test
  void aShortFullRingLosesNothingWhenNothingComes() throws Exception {
    open(ANY);
    SplittableRandom random = new SplittableRandom(4);
    fillTheRing(random);
    for (int i = 0; i < 10; i++) {
      assertThat(source.doWork()).isZero();
    }
    reader.takeOne();
    for (int i = 0; i < 3; i++) {
      sendRandom(random, 1000);
    }
    RingReader.assertSame(received(), sent.toByteArray(), "the stream");
    assertThat(reader.gaps).isEmpty();
    assertThat(source.counters().lostBytes()).isZero();
  }

  @Test
  void whatWaitsForASlotAtTheEndGetsIt() throws Exception {
    open(ANY);
    SplittableRandom random = new SplittableRandom(4);
    fillTheRing(random);
    source.stop();
    for (int i = 0; i < 10; i++) {
      assertThat(source.doWork()).isZero();
    }
    assertThat(source.hasEnded()).isFalse();
    reader.takeOne();
    assertThat(source.doWork()).isOne();
    assertThat(source.hasEnded()).isTrue();
    RingReader.assertSame(reader.take().bytes(), sent.toByteArray(), "the stream");
    assertThat(source.counters().lostBytes()).isZero();
  }

  @Test
  void whatWaitsForASlotWhenTheSourceIsClosedIsLostAtTheEnd() throws Exception {
    open(ANY);
    fillTheRing(new SplittableRandom(4));
    source.close();
    reader.take();
    assertThat(reader.gaps).containsExactly(new RingReader.Gap(8 * SLOT, 132_000 - 8 * SLOT));
    assertThat(source.counters().lostBytes()).isEqualTo(132_000 - 8 * SLOT);
    assertThat(source.counters().lostDatagrams()).isOne();
  }

  @Test
  void eachDatagramThatWaitsInVainIsCounted() throws Exception {
    reader = new RingReader(4096, 2);
    open(ANY);
    SplittableRandom random = new SplittableRandom(4);
    // Many short ones, so that many are received at a time.
    for (int i = 0; i < 40; i++) {
      sendRandom(random, 64);
      receiveAll();
    }
    for (int i = 0; i < 10; i++) {
      sendRandom(random, 3000);
    }
    runDry();
    // More than one of those that were received waits, and the rest is in the kernel.
    assertThat(source.counters().datagrams()).isBetween(43L, 49L);
    source.close();
    assertThat(source.counters().datagrams()).isEqualTo(50);
    reader.take();
    long kept = reader.bytes().length;
    long whole = (kept - 40 * 64) / 3000;
    assertThat(source.counters().lostDatagrams()).isEqualTo(10 - whole);
    assertThat(source.counters().lostBytes()).isEqualTo(40 * 64 + 30_000 - kept);
  }

  /**
   * The kernel's buffer overflows now and then, in a stream of numbered datagrams. Each gap must
   * stand just where numbers are missing, and be as long as they are.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void whatTheKernelDropsIsAGapInItsPlace(long seed) throws Exception {
    int length = 1000;
    reader = new RingReader(4096, 64);
    open("udp://127.0.0.1:0?rcvbuf=32K");
    SplittableRandom random = new SplittableRandom(seed);
    int number = 0;
    for (int round = 0; round < 200; round++) {
      for (int i = random.nextInt(60); i > 0; i--) {
        sendNumbered(number++, length);
      }
      for (int i = random.nextInt(20); i > 0; i--) {
        int _ = source.doWork();
      }
      reader.take();
    }
    byte[] bytes = received();
    SourceCounters counters = source.counters();
    assertThat(counters.kernelDrops()).as("seed %d", seed).isPositive();
    assertThat(counters.datagrams() + counters.kernelDrops()).isEqualTo(number);
    assertThat(counters.lostBytes()).isEqualTo(counters.kernelDrops() * length);
    assertThat(counters.estimatedLostBytes()).isEqualTo(counters.lostBytes());
    assertThat(reader.gaps)
        .hasSizeGreaterThan(10)
        .allSatisfy(gap -> assertThat(gap.isEstimated()).isTrue());

    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int gap = 0;
    long offset = 0;
    while (buffer.hasRemaining()) {
      if (gap < reader.gaps.size() && reader.gaps.get(gap).streamOffset() == offset) {
        offset += reader.gaps.get(gap++).bytes();
      }
      assertThat(offset % length).isZero();
      for (int i = 0; i < length; i += Integer.BYTES) {
        assertThat(buffer.getInt())
            .as("seed %d at %d", seed, offset)
            .isEqualTo((int) (offset / length));
      }
      offset += length;
    }
  }

  @Test
  void dropsAfterTheLastDatagramAreTheEndOfTheStream() throws Exception {
    open("udp://127.0.0.1:0?rcvbuf=8K");
    for (int i = 0; i < 100; i++) {
      sendNumbered(i, 1000);
    }
    byte[] bytes = received();
    long drops = source.counters().kernelDrops();
    assertThat(drops).isPositive();
    assertThat(bytes).hasSize((int) (100 - drops) * 1000);
    assertThat(reader.gaps).containsExactly(new RingReader.Gap(bytes.length, drops * 1000, true));
  }
}
