package sluice.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluice.nvme.DriveAddress;
import sluice.nvme.drive.NvmeDrive;
import sluice.recorder.format.EndReason;
import sluice.recorder.write.WriterResult;
import sluice.support.agent.AgentRunner;
import sluice.support.agent.IdleStrategy;
import sluice.virtual.tcp.Target;
import sluice.virtual.tcp.TargetOptions;

/**
 * A recording to a drive across a network that is lost ten times at random moments: what was
 * recorded is there byte for byte, and there are gaps only where the ring was too small, told as
 * they were. {@code -Dsluice.seed} says when.
 */
class NetworkLossTest {
  private static final String NQN = "nqn.2026-11.org.sluice.test:a";
  private static final int LOSSES = 10;
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private final long seed = Long.getLong("sluice.seed", System.nanoTime());
  private Target target;
  private AgentRunner runner;
  private CuttingRelay relay;

  @BeforeEach
  void listen() throws IOException {
    InetAddress here = InetAddress.getLoopbackAddress();
    target =
        Target.open(
            TargetOptions.defaults().withAddress(new InetSocketAddress(here, 0)),
            List.of(DriveAddress.parse("virtual:memory?size=256M&nqn=" + NQN)),
            System::nanoTime,
            line -> {});
    runner = AgentRunner.start(target, target.idle());
    relay = new CuttingRelay(target.address(), new Random(seed));
  }

  @AfterEach
  void close() throws IOException {
    relay.close();
    runner.close();
  }

  private Volume create() {
    String address = "tcp://127.0.0.1:" + relay.port() + "/" + NQN;
    return Volume.create(
        NvmeDrive.open(address + "?kato=200ms&timeout=2s&queues=2"), VolumeOptions.standard());
  }

  /** What is on the drive, read on a way that was never lost. */
  private Recording recorded(Volume volume) {
    assertThat(volume.check(true).hasDamage()).as("damage, seed %d", seed).isFalse();
    return volume.recording("a");
  }

  private Volume reopened() {
    return Volume.open("tcp://127.0.0.1:" + target.address().getPort() + "/" + NQN);
  }

  private void requireEnded(WriterResult result) {
    assertThat(result.failure()).as("failure, seed %d", seed).isEmpty();
    assertThat(result.reason()).as("seed %d", seed).isEqualTo(EndReason.STREAM_ENDED);
    assertThat(relay.losses()).as("losses, seed %d", seed).isEqualTo(LOSSES);
  }

  @Test
  void aSourceThatWaitsLosesNothing() {
    long end;
    try (Volume volume = create();
        Recorder recorder = volume.record(RecordingOptions.named("a").withSlots(64 << 10, 32))) {
      recorder.start(IdleStrategy.backingOff());
      relay.lose(LOSSES);
      TestStream stream = new TestStream(recorder.ring(), seed);
      IdleStrategy idle = IdleStrategy.backingOff();
      long start = System.nanoTime();
      while ((relay.hasLossesLeft() || stream.offset() < 8 << 20) && !recorder.hasEnded()) {
        idle.idle(stream.commit(64 << 10) ? 1 : 0);
        assertThat(System.nanoTime() - start).as("seed %d", seed).isLessThan(DEADLINE.toNanos());
      }
      recorder.ring().end();
      requireEnded(recorder.await(DEADLINE));
      end = stream.offset();
    }
    try (Volume volume = reopened()) {
      Recording recording = recorded(volume);
      assertThat(recording.gaps()).isZero();
      assertThat(recording.streamBytes()).isEqualTo(end);
      assertThat(TestStream.verifyAll(recording, seed)).isEqualTo(end);
    }
  }

  /** A ring that is full in no time: what found no room is told, each byte of it. */
  @Test
  void aSourceThatDoesNotWaitLosesWhatIsTold() {
    List<Long> lost = new ArrayList<>();
    long end;
    try (Volume volume = create();
        Recorder recorder = volume.record(RecordingOptions.named("a").withSlots(16 << 10, 8))) {
      recorder.start(IdleStrategy.backingOff());
      relay.lose(LOSSES);
      TestStream stream = new TestStream(recorder.ring(), seed);
      long start = System.nanoTime();
      while (relay.hasLossesLeft() && !recorder.hasEnded()) {
        // About 40 MB/s, whether there is room or not.
        LockSupport.parkNanos(400_000);
        if (!stream.commit(16 << 10)) {
          lost.add(stream.offset());
          stream.lose(16 << 10);
        }
        assertThat(System.nanoTime() - start).as("seed %d", seed).isLessThan(DEADLINE.toNanos());
      }
      recorder.ring().end();
      requireEnded(recorder.await(DEADLINE));
      end = stream.offset();
    }
    assertThat(lost).as("pieces that found no room, seed %d", seed).isNotEmpty();
    try (Volume volume = reopened()) {
      Recording recording = recorded(volume);
      assertThat(recording.streamBytes()).isEqualTo(end);
      assertThat(recording.lostBytes()).isEqualTo(lost.size() * 16384L);
      assertThat(TestStream.verifyAll(recording, seed)).isEqualTo(recording.recordedBytes());
      assertThat(told(recording)).as("where the gaps are, seed %d", seed).isEqualTo(lost);
    }
  }

  /** Where each piece begins that the recording tells to be missing. */
  private static List<Long> told(Recording recording) {
    List<Long> told = new ArrayList<>();
    try (RecordingReader reader = recording.read(4)) {
      RecordingReader.Range range;
      while ((range = reader.next()) != RecordingReader.Range.END) {
        for (long at = 0; range == RecordingReader.Range.GAP && at < reader.length(); at += 16384) {
          told.add(reader.streamOffset() + at);
        }
      }
    }
    return told;
  }
}
