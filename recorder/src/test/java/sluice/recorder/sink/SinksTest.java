package sluice.recorder.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.recorder.Sink;
import sluice.recorder.StreamException;
import sluice.recorder.stream.Pattern;

class SinksTest {
  private static final InetAddress LOCAL = InetAddress.ofLiteral("127.0.0.1");
  private static final int SIZE = 3_000_001;
  private static final Pattern PATTERN = new Pattern(7);

  @TempDir Path directory;
  private final MemorySegment memory = Arena.ofAuto().allocate(SIZE, 8);
  private final long at = memory.address();
  private final byte[] bytes = fill();
  private final ExecutorService reader = Executors.newSingleThreadExecutor();
  private final AtomicLong ticks = new AtomicLong(1000);
  private Sink sink;

  private byte[] fill() {
    PATTERN.fill(at, SIZE, 0);
    return memory.toArray(ValueLayout.JAVA_BYTE);
  }

  @AfterEach
  void close() throws InterruptedException {
    if (sink != null) {
      sink.close();
    }
    reader.shutdownNow();
    assertThat(reader.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
  }

  /** Writes until all is taken. */
  private void writeAll(long from, long length) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    long done = 0;
    while (done < length) {
      assertThat(System.nanoTime()).as("deadline at %d of %d", done, length).isLessThan(deadline);
      done += sink.write(from + done, length - done);
    }
    assertThat(done).isEqualTo(length);
  }

  private void assertSame(byte[] actual) {
    assertThat(Arrays.mismatch(actual, bytes))
        .as("first difference, of %d and %d bytes", actual.length, bytes.length)
        .isEqualTo(-1);
  }

  private static byte[] readAll(InputStream in) {
    try (in) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void writesANewFile() throws Exception {
    Path file = directory.resolve("a");
    sink = Sinks.open("file:" + file);
    writeAll(at, SIZE);
    sink.gap(1000);
    sink.finish();
    sink.close();
    assertSame(Files.readAllBytes(file));
  }

  @Test
  void leavesRoomForGapsWhenItIsTold() throws Exception {
    Path file = directory.resolve("a");
    sink = Sinks.open("file:" + file + "?gaps=zero");
    sink.gap(2);
    writeAll(at, 3);
    sink.gap(1);
    writeAll(at + 3, 1);
    sink.gap(5);
    sink.finish();
    assertThat(Files.readAllBytes(file))
        .containsExactly(0, 0, bytes[0], bytes[1], bytes[2], 0, bytes[3], 0, 0, 0, 0, 0);
  }

  @Test
  void doesNotOverwriteAFileUnlessItIsTold() throws Exception {
    Path file = Files.writeString(directory.resolve("a"), "something longer than what follows");
    assertThatExceptionOfType(StreamException.class)
        .isThrownBy(() -> Sinks.open("file:" + file))
        .withMessage(
            "file:%s: it exists already; add overwrite to the options to replace it"
                .formatted(file));
    assertThat(file).hasSize(34);
    sink = Sinks.open("file:" + file + "?overwrite");
    writeAll(at, 3);
    sink.finish();
    assertThat(Files.readAllBytes(file)).containsExactly(bytes[0], bytes[1], bytes[2]);
  }

  @Test
  void writesADevice() {
    sink = Sinks.open("file:/dev/null");
    writeAll(at, SIZE);
    sink.finish();
  }

  @Test
  void saysWhenTheDiskIsFull() {
    sink = Sinks.open("file:/dev/full");
    assertThatExceptionOfType(StreamException.class)
        .isThrownBy(() -> sink.write(at, 1))
        .withMessageStartingWith("cannot write to file:/dev/full: write(fd ")
        .withMessageEndingWith("1 bytes): No space left on device (errno 28)");
  }

  @Test
  void waitsForTheReaderOfAFifo() throws Exception {
    Path fifo = directory.resolve("fifo");
    Process mkfifo = new ProcessBuilder("mkfifo", fifo.toString()).inheritIO().start();
    assertThat(mkfifo.waitFor(20, TimeUnit.SECONDS)).isTrue();
    sink = Sinks.open("file:" + fifo);
    assertThat(sink.write(at, SIZE)).isZero();
    assertThat(sink.write(at, SIZE)).isZero();
    CompletableFuture<byte[]> read =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return readAll(Files.newInputStream(fifo));
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            },
            reader);
    writeAll(at, SIZE);
    sink.finish();
    sink.close();
    assertSame(read.get(20, TimeUnit.SECONDS));
  }

  @Test
  void connects() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, LOCAL)) {
      sink = Sinks.open("tcp://127.0.0.1:" + server.getLocalPort());
      CompletableFuture<byte[]> read =
          CompletableFuture.supplyAsync(
              () -> {
                try (Socket socket = server.accept()) {
                  return readAll(socket.getInputStream());
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              },
              reader);
      writeAll(at, SIZE);
      sink.finish();
      sink.close();
      assertSame(read.get(20, TimeUnit.SECONDS));
    }
  }

  @Test
  void takesNothingWhenNobodyReads() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, LOCAL)) {
      sink = Sinks.open("tcp://127.0.0.1:" + server.getLocalPort());
      long written = 0;
      int stuck = 0;
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (stuck < 1000) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        long n = sink.write(at, SIZE);
        stuck = n > 0 ? 0 : stuck + 1;
        written += n;
      }
      assertThat(written).isPositive();
    }
    // The server's end is closed and the connection, which nobody accepted, reset.
    assertThatExceptionOfType(StreamException.class)
        .isThrownBy(() -> writeAll(at, SIZE))
        .withMessageStartingWith("cannot write to tcp://127.0.0.1:");
  }

  @Test
  void sendsDatagramsOfOneLengthWhateverThePieces() throws Exception {
    try (DatagramSocket receiver = new DatagramSocket(0, LOCAL)) {
      receiver.setSoTimeout(20_000);
      sink = Sinks.open("udp://127.0.0.1:" + receiver.getLocalPort() + "?datagram=1000");
      int size = 60_123;
      int offset = 0;
      for (int i = 0; offset < size; i++) {
        int piece = Math.min(size - offset, new int[] {1, 999, 1000, 1, 20_000, 2500}[i % 6]);
        writeAll(at + offset, piece);
        offset += piece;
      }
      sink.finish();
      byte[] received = new byte[size];
      DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
      for (int at = 0; at < size; at += packet.getLength()) {
        packet.setLength(2000);
        receiver.receive(packet);
        assertThat(packet.getLength()).isEqualTo(Math.min(1000, size - at));
        System.arraycopy(packet.getData(), 0, received, at, packet.getLength());
      }
      assertThat(Arrays.mismatch(received, 0, size, bytes, 0, size)).isEqualTo(-1);
    }
  }

  @Test
  void holdsItsRate() throws Exception {
    try (DatagramSocket receiver = new DatagramSocket(0, LOCAL)) {
      sink =
          Sinks.open(
              "udp://127.0.0.1:" + receiver.getLocalPort() + "?datagram=1000&rate=10MB/s",
              ticks::get);
      assertThat(sink.write(at, 100_000)).isZero();
      ticks.addAndGet(999_999);
      assertThat(sink.write(at, 100_000)).as("not a millisecond's worth").isZero();
      ticks.addAndGet(1);
      assertThat(sink.write(at, 100_000)).isEqualTo(10_000);
      ticks.addAndGet(1_050_000);
      assertThat(sink.write(at, 100_000)).isEqualTo(10_000);
      ticks.addAndGet(950_000);
      assertThat(sink.write(at, 100_000)).as("no error adds up").isEqualTo(10_000);
      sink.gap(20_000);
      ticks.addAndGet(2_999_999);
      assertThat(sink.write(at, 100_000)).as("a gap takes its time").isZero();
      ticks.addAndGet(1);
      assertThat(sink.write(at, 100_000)).isEqualTo(10_000);
      // The stream's last bytes are sent when they are due, however few.
      ticks.addAndGet(10_000);
      assertThat(sink.write(at, 50)).isEqualTo(50);
      ticks.addAndGet(1_000_000);
      sink.finish();
    }
  }

  @Test
  void comparesWithThePattern() {
    VerifySink verify = (VerifySink) Sinks.open("verify:seed=7");
    sink = verify;
    writeAll(at, 1000);
    sink.gap(24);
    writeAll(at + 1024, 1976);
    assertThatNoException().isThrownBy(sink::finish);
    assertThat(verify.verifiedBytes()).isEqualTo(2976);
    assertThat(verify.missingBytes()).isEqualTo(24);
    writeAll(at + 3000, 500);
    memory.set(ValueLayout.JAVA_BYTE, 3600, (byte) ~bytes[3600]);
    writeAll(at + 3500, 500);
    writeAll(at + 4001, 500);
    assertThat(verify.mismatch()).isEqualTo(3600);
    assertThat(verify.verifiedBytes()).isEqualTo(3576);
    assertThatExceptionOfType(StreamException.class)
        .isThrownBy(sink::finish)
        .withMessage("the stream is not the pattern: it differs at byte 3600");
  }

  @Test
  void takesEverythingToNowhere() {
    sink = Sinks.open("null:");
    assertThat(sink.write(at, SIZE)).isEqualTo(SIZE);
  }

  @Test
  void writesStandardOutput() throws Exception {
    for (boolean pipe : new boolean[] {true, false}) {
      Path file = directory.resolve("out");
      ProcessBuilder builder =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  System.getProperty("java.class.path"),
                  StandardOutputChild.class.getName(),
                  String.valueOf(SIZE))
              .redirectError(ProcessBuilder.Redirect.INHERIT);
      Process child = (pipe ? builder : builder.redirectOutput(file.toFile())).start();
      byte[] out = pipe ? readAll(child.getInputStream()) : null;
      assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(child.exitValue()).isZero();
      assertSame(pipe ? out : Files.readAllBytes(file));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "udp://127.0.0.1:0 | bad port \"0\": it must be a number from 1 to 65535",
        "udp://:5000 | there is no host to connect to",
        "udp://127.0.0.1:5000?datagram=65508 | option datagram: it cannot be more than 65507",
        "udp://239.1.1.1:5000?ttl=256 | option ttl: it cannot be more than 255",
        "udp://127.0.0.1:5000?rate=2TB/s | impossible rate: 2 TB/s; it must be up to 100 GB/s",
        "tcp://127.0.0.1:5000?listen | there is no option listen; there are rate, timeout",
        "file: | that is not a file",
        "file:/tmp | that is not a file",
        "file:/tmp/x?gaps=fill | option gaps: write zero or skip",
        "null:?x | there is no option x",
        "verify:sed=7 | there is no option sed; there are seed",
      })
  void saysWhatIsWrong(String text, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sinks.open(text).close())
        .withMessage(text + ": " + message);
  }

  @Test
  void saysWhatSinksThereAre() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sinks.open("ftp://x").close())
        .withMessage(
            "there is no sink \"ftp:\"; write - (standard output), file:PATH, udp://host:port,"
                + " tcp://host:port, verify:seed=7 or null:");
    assertThatExceptionOfType(StreamException.class)
        .isThrownBy(() -> Sinks.open("file:/no/such/folder/a").close())
        .withMessage(
            "cannot open file:/no/such/folder/a: open(/no/such/folder/a): No such file or"
                + " directory (errno 2)");
  }
}
