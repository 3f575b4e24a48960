package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.recorder.source.Pattern;

/** Datagrams at a fixed rate over the loopback: none is lost, and their sequence is right. */
class UdpIT {
  private static final int DATAGRAM = 8192;
  private static final int DATAGRAMS = 20_000;
  private static final long BYTES_PER_SECOND = 40_000_000;
  private static final long SEED = 4711;

  @TempDir Path directory;

  @Test
  void recordsEveryDatagramOfAFixedRate() throws Exception {
    Launcher sluice = new Launcher(directory);
    sluice.run("init", "virtual:d.img", "--size", "512M").expect(ExitStatus.OK);
    int port = freePort();
    Launcher.Running recorder =
        sluice.start(
            new File("/dev/null"),
            "record",
            "virtual:d.img?pause=50ms&every=500ms",
            "--from",
            "udp://127.0.0.1:" + port + "?count=" + DATAGRAMS + "&idle=5s",
            "--name",
            "udp",
            "--progress",
            "events");
    recorder.awaitLine("started ");
    send(port);
    recorder.await().expect(ExitStatus.OK);
    long bytes = (long) DATAGRAM * DATAGRAMS;
    Path played = sluice.run("play", "virtual:d.img", "udp").expect(ExitStatus.OK).outFile();
    assertThat(played).hasSize(bytes);
    PatternFile.verify(played, 0, bytes, SEED, 0);
  }

  /** Each datagram is the next piece of the pattern, so that its place in the stream is proven. */
  private static void send(int port) throws IOException {
    Pattern pattern = new Pattern(SEED);
    try (DatagramChannel channel = DatagramChannel.open();
        Arena arena = Arena.ofConfined()) {
      channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      MemorySegment memory = arena.allocate(DATAGRAM, Long.BYTES);
      ByteBuffer buffer = memory.asByteBuffer();
      long start = System.nanoTime();
      for (int i = 0; i < DATAGRAMS; i++) {
        long due = start + i * (long) DATAGRAM * 1_000_000_000L / BYTES_PER_SECOND;
        while (System.nanoTime() - due < 0) {
          LockSupport.parkNanos(Math.max(1, due - System.nanoTime()));
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
