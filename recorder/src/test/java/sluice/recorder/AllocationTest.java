package sluice.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import sluice.nvme.drive.NvmeDrive;
import sluice.recorder.ring.StreamRing;
import sluice.recorder.write.FlushPolicy;

/**
 * Steady state allocates nothing on the heap per chunk: neither the producer's side of the ring,
 * nor the writer with its index, marks and flushes, nor the driver, nor the reader and the player.
 */
class AllocationTest {
  private static final int SLOT = 16384;
  private static final int CHUNKS = 2_000;
  private static final int ROUNDS = 60;

  /** For what is not the recorder's: a method compiled anew, a class loaded late. */
  private static final long NOISE = 1024;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private interface Round {
    void run();
  }

  /** The JIT settles in the first rounds. */
  private void assertAllocatesNothing(Round round) {
    long bytes = Long.MAX_VALUE;
    for (int i = 0; i < ROUNDS && bytes > NOISE; i++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      round.run();
      bytes = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertThat(bytes).as("bytes allocated for %d chunks", CHUNKS).isLessThanOrEqualTo(NOISE);
  }

  private static void produce(Recorder recorder) {
    StreamRing ring = recorder.ring();
    for (int i = 0; i < CHUNKS; ) {
      if (ring.claim() == 0) {
        recorder.agent().doWork();
        continue;
      }
      if (i % 100 == 7) {
        ring.lost(33, i, false);
      }
      // Now and then a part of a slot, with padding behind it.
      ring.commit(i % 50 == 3 ? 5000 : SLOT, i);
      i++;
    }
  }

  @Test
  void recordingAndPlaying() {
    try (Volume volume =
        Volume.create(
            NvmeDrive.open("virtual:memory?size=4G&thread=shared&latency=0us"),
            VolumeOptions.standard())) {
      RecordingOptions options = RecordingOptions.named("a").withSlots(SLOT, 32);
      try (Recorder recorder =
          volume.record(
              options.withWriter(options.writer().withFlush(FlushPolicy.every(1 << 20))))) {
        assertAllocatesNothing(() -> produce(recorder));
        assertThat(recorder.status().durableBytes()).isGreaterThan(1 << 20);
        recorder.ring().end();
        TestStream.run(recorder);
        assertThat(recorder.await(Duration.ofSeconds(1)).closed()).isTrue();
      }
      NothingSink sink = new NothingSink();
      try (RecordingReader reader = volume.recording("a").read(16)) {
        Player player = new Player(reader, sink, Player.Gaps.TELL);
        assertAllocatesNothing(() -> {
          // From the start again when it is over: a recording may be short.
          long end = player.playedBytes() + (long) CHUNKS * SLOT / 2;
          while (player.playedBytes() < end && !player.hasEnded()) {
            player.doWork();
          }
        });
      }
    }
  }

  private static final class NothingSink implements Sink {
    @Override
    public long write(long address, long length) {
      return length;
    }

    @Override
    public void close() {}
  }
}
