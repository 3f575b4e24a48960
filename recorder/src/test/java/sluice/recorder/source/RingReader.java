package sluice.recorder.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import sluice.recorder.ring.StreamRing;
import sluice.recorder.stream.Pattern;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/** A ring, and a consumer that keeps what it takes, for tests that step the source themselves. */
final class RingReader {
  /** Bytes missing at a place in the stream; the place counts what is missing before it too. */
  record Gap(long streamOffset, long bytes, boolean isEstimated) {
    Gap(long streamOffset, long bytes) {
      this(streamOffset, bytes, false);
    }
  }

  /** A committed slot. */
  record Slot(int length, long time) {}

  final StreamRing ring;
  final List<Slot> slots = new ArrayList<>();
  final List<Gap> gaps = new ArrayList<>();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private long position;
  private long streamOffset;
  private boolean sawEnd;

  RingReader(int slotBytes, int slotCount) {
    ring =
        new StreamRing(
            new DmaMemory(Arena.ofAuto().allocate((long) slotBytes * slotCount, 4096), 0x10000),
            slotBytes,
            slotCount);
  }

  /** Takes one slot, or the end. */
  void takeOne() {
    assertThat(position).as("nothing is committed").isLessThan(ring.committed());
    addGap(ring.gapBefore(position), ring.isGapEstimated(position));
    int length = ring.length(position);
    slots.add(new Slot(length, ring.time(position)));
    bytes.writeBytes(
        OffHeap.segment(ring.address(position), length).toArray(ValueLayout.JAVA_BYTE));
    streamOffset += length;
    ring.release(++position);
  }

  /** Takes all that is committed. */
  RingReader take() {
    while (position < ring.committed()) {
      takeOne();
    }
    if (!sawEnd && ring.endPosition() == position) {
      sawEnd = true;
      addGap(ring.finalGap(), ring.isFinalGapEstimated());
    }
    return this;
  }

  /** Verifies and forgets all that is committed, without keeping or allocating anything. */
  long verify(Pattern pattern) {
    long committed = ring.committed();
    for (; position < committed; position++) {
      streamOffset += ring.gapBefore(position);
      int length = ring.length(position);
      long bad = pattern.verify(ring.address(position), length, streamOffset);
      if (bad >= 0) {
        throw new AssertionError("the stream differs at offset " + bad);
      }
      streamOffset += length;
    }
    ring.release(position);
    return streamOffset;
  }

  private void addGap(long missing, boolean isEstimated) {
    if (missing > 0) {
      gaps.add(new Gap(streamOffset, missing, isEstimated));
      streamOffset += missing;
    }
  }

  /** The bytes taken so far, without the gaps. */
  byte[] bytes() {
    return bytes.toByteArray();
  }

  /** Like isEqualTo, for arrays too long to print. */
  static void assertSame(byte[] actual, byte[] expected, String what) {
    assertThat(Arrays.mismatch(actual, expected))
        .as("%s: first difference, of %d and %d bytes", what, actual.length, expected.length)
        .isEqualTo(-1);
  }

  /** Steps a source and takes what it commits, until a condition holds. */
  void runUntil(Source source, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime())
          .as(
              "deadline; received %d bytes, failure %s",
              source.counters().receivedBytes(), source.failure())
          .isLessThan(deadline);
      int _ = source.doWork();
      take();
    }
  }

  /** Steps a source to its end. */
  void runToEnd(Source source) {
    runUntil(source, source::hasEnded);
    assertThat(sawEnd).as("the ring has its end").isTrue();
  }
}
