package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.recorder.stream.Pattern;

/** Datagrams over the loopback: those that need not be lost are not, and the others are told of. */
class UdpIT {
  private static final int DATAGRAM = 8192;
  private static final long SEED = 4711;
  private static final long AT_ONCE = Long.MAX_VALUE;
  private static final long LATE_NANOS = 10_000_000;

  @TempDir Path directory;
  private Launcher sluice;
  private int port;

  @BeforeEach
  void init() throws Exception {
    sluice = new Launcher(directory);
    sluice.here("init", "virtual:d.img", "--size", "512M").expect(ExitStatus.OK);
    port = freePort();
  }

  private Launcher.Running record(String drive, String options, String... more) throws Exception {
    String[] arguments = {
      "record",
      drive,
      "--from",
      "udp://127.0.0.1:" + port + options,
      "--name",
      "udp",
      "--progress",
      "events",
      "-o",
      "json"
    };
    String[] all = java.util.Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    Launcher.Running recorder = sluice.start(new File("/dev/null"), all);
    recorder.awaitLine("started ");
    return recorder;
  }

  private void verify(long bytes) throws Exception {
    Path played = sluice.run("play", "virtual:d.img", "udp").expect(ExitStatus.OK).outFile();
    assertThat(played).hasSize(bytes);
    PatternFile.verify(played, 0, bytes, SEED, 0);
  }

  @Test
  void recordsEveryDatagramOfAFixedRate() throws Exception {
    int count = 10_000;
    Launcher.Running recorder =
        record("virtual:d.img?pause=50ms&every=500ms", "?count=" + count + "&idle=5s");
    send(count, 20_000_000);
    recorder.await().expect(ExitStatus.OK);
    verify((long) DATAGRAM * count);
  }

  /** 20 MB/s for 2 s are 40 MB: the ring has 16 MiB, and the kernel's buffer 64 MiB more. */
  @Test
  void aPauseThatTheRingCannotRideOutIsRiddenOutInTheKernel() throws Exception {
    int count = 12_000;
    Launcher.Running recorder =
        record(
            "virtual:d.img?pause=2s&every=4s&seed=1",
            "?count=" + count + "&idle=10s",
            "--ring",
            "16M");
    assumeTrue(
        recorder.lines("sluice record: receive buffer in the kernel: 64 MiB").count() == 1,
        "this user may not have a buffer of 64 MiB");
    send(count, 20_000_000);
    Map<String, Object> result = recorder.await().expect(ExitStatus.OK).json();
    assertThat(result)
        .containsEntry("gaps", 0)
        .containsEntry("lostBytes", 0)
        .containsEntry("kernelDrops", 0)
        .containsEntry("ringHighWaterBytes", 16 << 20);
    verify((long) DATAGRAM * count);
  }

  @Test
  void whatIsInTheKernelWhenItIsToldToStopIsRecorded() throws Exception {
    int count = 2500;
    Launcher.Running recorder = record("virtual:d.img", "");
    assumeTrue(
        recorder.lines("sluice record: receive buffer in the kernel: 64 MiB").count() == 1,
        "this user may not have a buffer of 64 MiB");
    recorder.signal("STOP");
    send(count, AT_ONCE);
    recorder.signal("TERM");
    recorder.signal("CONT");
    Map<String, Object> result = recorder.await().expect(ExitStatus.OK).json();
    assertThat(result)
        .containsEntry("bytes", DATAGRAM * count)
        .containsEntry("datagrams", count)
        .containsEntry("gaps", 0);
    verify((long) DATAGRAM * count);
  }

  @Test
  @SuppressWarnings("unchecked")
  void aGapOfWhatTheKernelDroppedIsCalledAnEstimateEverywhere() throws Exception {
    Launcher.Running recorder = record("virtual:d.img", "?rcvbuf=128K");
    recorder.signal("STOP");
    send(200, AT_ONCE);
    recorder.signal("CONT");
    recorder.awaitLine("durable ");
    send(1, AT_ONCE);
    recorder.awaitLine("estimated ");
    recorder.signal("TERM");
    Launcher.Result ended = recorder.await().expect(ExitStatus.GAPS);
    Map<String, Object> result = ended.json();
    Object lost = result.get("lostBytes");
    assertThat(result).containsEntry("estimatedLostBytes", lost);
    assertThat((int) result.get("kernelDrops")).isPositive();
    assertThat(ended.err()).contains("about " + lost + " bytes were lost", "kernel-drops ");

    Launcher.Result played =
        sluice.here("play", "virtual:d.img", "udp", "--to", "null:").expect(ExitStatus.GAPS);
    assertThat(played.err()).contains("gap: about " + lost + " bytes lost");
    assertThat(sluice.here("check", "virtual:d.img").expect(ExitStatus.OK).out())
        .contains("about ");
    Map<String, Object> checked =
        ((List<Map<String, Object>>)
                sluice
                    .here("check", "virtual:d.img", "-o", "json")
                    .expect(ExitStatus.OK)
                    .json()
                    .get("recordings"))
            .getFirst();
    assertThat((Map<String, Object>) checked.get("certificate"))
        .containsEntry("estimatedLostBytes", lost);
  }

  /** Each datagram is the next piece of the pattern, so that its place in the stream is proven. */
  private void send(int count, long bytesPerSecond) throws IOException {
    Pattern pattern = new Pattern(SEED);
    try (DatagramChannel channel = DatagramChannel.open();
        Arena arena = Arena.ofConfined()) {
      channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      MemorySegment memory = arena.allocate(DATAGRAM, Long.BYTES);
      ByteBuffer buffer = memory.asByteBuffer();
      long start = System.nanoTime();
      for (int i = 0; i < count; i++) {
        long due = start + (long) ((double) i * DATAGRAM * 1e9 / bytesPerSecond);
        while (System.nanoTime() - due < 0) {
          LockSupport.parkNanos(Math.max(1, due - System.nanoTime()));
        }
        if (bytesPerSecond != AT_ONCE && System.nanoTime() - due > LATE_NANOS) {
          // A sender that was held up goes on at its rate: no source sends faster after a pause.
          start += System.nanoTime() - due;
        }
        pattern.fill(memory.address(), DATAGRAM, (long) i * DATAGRAM);
        int sent = channel.write(buffer.clear());
        assertThat(sent).isEqualTo(DATAGRAM);
      }
    }
  }

  private static int freePort() throws IOException {
    try (DatagramChannel channel = DatagramChannel.open()) {
      channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }
  }
}
