package sluice.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import sluice.recorder.ring.StreamRing;
import sluice.recorder.stream.Pattern;
import sluice.support.agent.Agent;

/**
 * A producer of a stream that can be verified anywhere, on the thread of the test; each turn it
 * commits what finds room.
 */
public final class TestStream {
  private final StreamRing ring;
  private final Pattern pattern;
  private long offset;
  private long time = 1_000_000;

  public TestStream(StreamRing ring, long seed) {
    this.ring = ring;
    this.pattern = new Pattern(seed);
  }

  /** Commits a slot of so many bytes; false when the ring is full. */
  public boolean commit(int length) {
    MemorySegment slot = ring.claimSegment();
    if (slot == null) {
      return false;
    }
    pattern.fill(slot.address(), length, offset);
    ring.commit(length, time);
    advance(length);
    return true;
  }

  /** Commits full slots until so many bytes are there in all, moving an agent meanwhile. */
  public void commitUpTo(long end, Agent agent) {
    long deadline = deadline();
    while (offset < end) {
      if (!commit((int) Math.min(ring.slotBytes(), end - offset))) {
        agent.doWork();
        assertThat(System.nanoTime()).as("stuck at %d of %d", offset, end).isLessThan(deadline);
      }
    }
  }

  public void lose(long bytes) {
    ring.lost(bytes, time, false);
    advance(bytes);
  }

  private void advance(long bytes) {
    offset += bytes;
    time += bytes;
  }

  /** The stream's bytes so far, gaps included. */
  public long offset() {
    return offset;
  }

  /** Moves a writer until it has ended. */
  public static void run(Recorder recorder) {
    long deadline = deadline();
    while (!recorder.hasEnded()) {
      recorder.agent().doWork();
      assertThat(System.nanoTime()).as("the writer does not end").isLessThan(deadline);
    }
  }

  private static long deadline() {
    return System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
  }

  /** A random length of a slot, full as a rule. */
  public static int randomLength(StreamRing ring, SplittableRandom random) {
    return random.nextInt(4) == 0 ? random.nextInt(1, ring.slotBytes() + 1) : ring.slotBytes();
  }

  /** Compares a range of a recording with the stream. */
  public static void verify(RecordingReader reader, long seed) {
    long wrong = new Pattern(seed).verify(reader.address(), reader.length(), reader.streamOffset());
    assertThat(wrong).as("wrong byte at").isEqualTo(-1);
  }

  /** Reads a recording to its end, compares it with the stream, and counts its bytes. */
  public static long verifyAll(Recording recording, long seed) {
    long bytes = 0;
    try (RecordingReader reader = recording.read(4)) {
      RecordingReader.Range range;
      long offset = 0;
      while ((range = reader.next()) != RecordingReader.Range.END) {
        assertThat(reader.streamOffset()).isEqualTo(offset);
        if (range == RecordingReader.Range.DATA) {
          verify(reader, seed);
          bytes += reader.length();
        }
        offset += reader.length();
      }
    }
    return bytes;
  }
}
