package sluice.recorder.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.recorder.stream.Sockets;

class ByteStreamSourceTest {
  private static final int SLOT = 16384;
  private static final InetAddress LOCAL = InetAddress.ofLiteral("127.0.0.1");

  @TempDir Path directory;
  private final RingReader reader = new RingReader(SLOT, 4);
  private final ExecutorService writer = Executors.newSingleThreadExecutor();
  private Source source;

  @AfterEach
  void close() throws InterruptedException {
    if (source != null) {
      source.close();
    }
    writer.shutdownNow();
    assertThat(writer.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
  }

  private Source open(String text, SourceOptions options) {
    source = Sources.open(text, options);
    source.attach(reader.ring);
    return source;
  }

  private Source open(String text) {
    return open(text, SourceOptions.defaults());
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private Path fifo() throws Exception {
    Path fifo = directory.resolve("fifo");
    Process mkfifo = new ProcessBuilder("mkfifo", fifo.toString()).inheritIO().start();
    assertThat(mkfifo.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(mkfifo.exitValue()).isZero();
    return fifo;
  }

  @Test
  void readsAFileToItsEnd() throws Exception {
    byte[] bytes = random(10 * SLOT + 123);
    Path file = Files.write(directory.resolve("a 100%+1.bin"), bytes);
    reader.runToEnd(open("file:" + file));
    RingReader.assertSame(reader.bytes(), bytes, "the stream");
    assertThat(reader.slots).hasSize(11);
    assertThat(source.canStall()).isTrue();
    assertThat(source.counters().receivedBytes()).isEqualTo(bytes.length);
    assertThat(source.failure()).isNull();
  }

  @Test
  void readsAnEmptyFile() throws Exception {
    Path file = Files.createFile(directory.resolve("empty"));
    reader.runToEnd(open("file:" + file));
    assertThat(reader.slots).isEmpty();
    assertThat(reader.ring.endPosition()).isZero();
  }

  @Test
  void readsNoMoreThanTheSize() throws Exception {
    byte[] bytes = random(5 * SLOT);
    Path file = Files.write(directory.resolve("a"), bytes);
    reader.runToEnd(open("file:" + file + "?size=17001"));
    RingReader.assertSame(reader.bytes(), Arrays.copyOf(bytes, 17001), "the stream");
  }

  @Test
  void aFullRingHoldsItBack() throws Exception {
    byte[] bytes = random(10 * SLOT);
    Path file = Files.write(directory.resolve("a"), bytes);
    open("file:" + file);
    for (int i = 0; i < 4; i++) {
      assertThat(source.doWork()).isOne();
    }
    for (int i = 0; i < 4; i++) {
      assertThat(source.doWork()).isZero();
    }
    assertThat(source.counters().receivedBytes()).isEqualTo(4 * SLOT);
    reader.takeOne();
    assertThat(source.doWork()).isOne();
    assertThat(source.doWork()).isZero();
    reader.runToEnd(source);
    RingReader.assertSame(reader.bytes(), bytes, "the stream");
    assertThat(reader.gaps).isEmpty();
  }

  @Test
  void waitsForTheWriterOfAFifoAndEndsWithIt() throws Exception {
    Path fifo = fifo();
    open("file:" + fifo, SourceOptions.defaults().withPollMillis(1));
    for (int i = 0; i < 5; i++) {
      assertThat(source.doWork()).as("no writer yet").isZero();
    }
    assertThat(source.hasEnded()).isFalse();
    byte[] bytes = random(3_000_000);
    CompletableFuture<Void> written =
        CompletableFuture.runAsync(
            () -> {
              try (OutputStream out = Files.newOutputStream(fifo)) {
                out.write(bytes);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            },
            writer);
    reader.runToEnd(source);
    written.get(20, TimeUnit.SECONDS);
    RingReader.assertSame(reader.bytes(), bytes, "the stream");
  }

  @Test
  void commitsAPartialSlotWhenItIsOld() throws Exception {
    AtomicLong ticks = new AtomicLong();
    Path fifo = fifo();
    open(
        "file:" + fifo,
        SourceOptions.defaults().withClocks(() -> 5, ticks::get).withMaxSlotAgeNanos(100));
    CompletableFuture<OutputStream> opened =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                OutputStream out = Files.newOutputStream(fifo);
                out.write(new byte[] {1, 2, 3});
                return out;
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            },
            writer);
    try (OutputStream _ = opened.get(20, TimeUnit.SECONDS)) {
      reader.runUntil(source, () -> source.counters().receivedBytes() == 3);
      ticks.set(99);
      assertThat(source.doWork()).isZero();
      assertThat(reader.ring.committed()).isZero();
      ticks.set(100);
      assertThat(source.doWork()).isZero();
      assertThat(reader.take().slots).containsExactly(new RingReader.Slot(3, 5));
    }
    reader.runToEnd(source);
    assertThat(reader.bytes()).containsExactly(1, 2, 3);
  }

  @Test
  void endsWhenNothingComesAnyMore() throws Exception {
    AtomicLong ticks = new AtomicLong();
    Path fifo = fifo();
    open("file:" + fifo + "?idle=1us", SourceOptions.defaults().withClocks(() -> 5, ticks::get));
    ticks.set(1_000_000);
    assertThat(source.doWork()).as("nothing has come yet").isZero();
    CompletableFuture<OutputStream> opened =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                OutputStream out = Files.newOutputStream(fifo);
                out.write(1);
                return out;
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            },
            writer);
    try (OutputStream _ = opened.get(20, TimeUnit.SECONDS)) {
      reader.runUntil(source, () -> source.counters().receivedBytes() == 1);
      ticks.set(1_000_999);
      assertThat(source.doWork()).isZero();
      assertThat(source.hasEnded()).isFalse();
      ticks.set(1_001_000);
      reader.runToEnd(source);
    }
    assertThat(reader.bytes()).containsExactly(1);
  }

  @Test
  void stopsWhenItIsToldTo() throws Exception {
    byte[] bytes = random(10 * SLOT);
    Path file = Files.write(directory.resolve("a"), bytes);
    open("file:" + file);
    assertThat(source.doWork()).isOne();
    source.stop();
    reader.runToEnd(source);
    RingReader.assertSame(reader.bytes(), Arrays.copyOf(bytes, SLOT), "the stream");
  }

  @Test
  void closeEndsTheStreamToo() throws Exception {
    Path file = Files.write(directory.resolve("a"), random(100));
    open("file:" + file + "?size=200");
    assertThat(source.doWork()).isOne();
    source.close();
    assertThat(source.hasEnded()).isTrue();
    RingReader.assertSame(reader.take().bytes(), random(100), "the stream");
    assertThat(reader.ring.endPosition()).isOne();
    source.close();
  }

  @Test
  void connectsToASender() throws Exception {
    byte[] bytes = random(5_000_000);
    try (ServerSocket server = new ServerSocket(0, 1, LOCAL)) {
      CompletableFuture<Void> sent =
          CompletableFuture.runAsync(
              () -> {
                try (Socket socket = server.accept()) {
                  socket.getOutputStream().write(bytes);
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              },
              writer);
      open("tcp://127.0.0.1:" + server.getLocalPort() + "?rcvbuf=1M");
      reader.runToEnd(source);
      sent.get(20, TimeUnit.SECONDS);
    }
    RingReader.assertSame(reader.bytes(), bytes, "the stream");
  }

  @Test
  void listensForASender() throws Exception {
    byte[] bytes = random(5_000_000);
    open("tcp://127.0.0.1:0?listen");
    InetSocketAddress address = ((ByteStreamSource) source).address();
    assertThat(source.notes())
        .containsExactly("waiting for a connection to " + Sockets.text(address));
    assertThat(source.doWork()).isZero();
    CompletableFuture<Void> sent =
        CompletableFuture.runAsync(
            () -> {
              try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
                socket.getOutputStream().write(bytes);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            },
            writer);
    reader.runToEnd(source);
    sent.get(20, TimeUnit.SECONDS);
    RingReader.assertSame(reader.bytes(), bytes, "the stream");
  }

  @Test
  void aSenderThatIsHeldBackWaits() throws Exception {
    open("tcp://:0?listen&rcvbuf=8K");
    int port = ((ByteStreamSource) source).address().getPort();
    byte[] bytes = random(8 << 20);
    try (SocketChannel sender = SocketChannel.open(new InetSocketAddress(LOCAL, port))) {
      sender.setOption(StandardSocketOptions.SO_SNDBUF, 8192);
      sender.configureBlocking(false);
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      // Ring full, then the kernel's buffers full: then the sender's writes find no room.
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      int stuck = 0;
      while (stuck < 1000) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        stuck = sender.write(buffer) + source.doWork() > 0 ? 0 : stuck + 1;
      }
      assertThat(source.counters().receivedBytes()).isEqualTo(4 * SLOT);
      assertThat(buffer.position()).isLessThan(bytes.length);
      while (buffer.hasRemaining()) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        int _ = sender.write(buffer);
        int _ = source.doWork();
        reader.take();
      }
    }
    reader.runToEnd(source);
    RingReader.assertSame(reader.bytes(), bytes, "the stream");
    assertThat(reader.gaps).isEmpty();
  }

  @Test
  void aBrokenConnectionEndsTheStreamAndIsTold() throws Exception {
    open("tcp://127.0.0.1:0?listen");
    int port = ((ByteStreamSource) source).address().getPort();
    try (Socket sender = new Socket(LOCAL, port)) {
      sender.getOutputStream().write(new byte[] {1, 2, 3});
      reader.runUntil(source, () -> source.counters().receivedBytes() == 3);
      // Closing with linger 0 resets the connection.
      sender.setSoLinger(true, 0);
    }
    reader.runToEnd(source);
    assertThat(reader.bytes()).containsExactly(1, 2, 3);
    assertThat(source.failure())
        .startsWith("tcp://127.0.0.1:0?listen failed: read(fd ")
        .endsWith(", 16381 bytes): Connection reset by peer (errno 104)");
  }

  @Test
  void readsStandardInput() throws Exception {
    byte[] bytes = random(1_000_000);
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                StandardInputChild.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    CompletableFuture<Void> written =
        CompletableFuture.runAsync(
            () -> {
              try (OutputStream out = child.getOutputStream()) {
                out.write(bytes);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            },
            writer);
    byte[] back = child.getInputStream().readAllBytes();
    written.get(20, TimeUnit.SECONDS);
    assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(child.exitValue()).isZero();
    RingReader.assertSame(back, bytes, "the stream");
  }

  @Test
  void whatHadArrivedInAPipeBeforeTheStopIsKept() throws Exception {
    Path fifo = fifo();
    open("file:" + fifo);
    byte[] bytes = random(3 * SLOT + 99);
    try (OutputStream out = Files.newOutputStream(fifo)) {
      // All of it fits: a pipe has 64 KiB at least.
      out.write(bytes);
      source.stop();
      reader.runUntil(source, () -> source.counters().receivedBytes() > 0);
      // What comes later is not waited for, however much it is.
      out.write(1);
      reader.runToEnd(source);
    }
    RingReader.assertSame(reader.bytes(), bytes, "the stream");
    assertThat(source.counters().lostBytes()).isZero();
  }

  @Test
  void whatHadArrivedInAConnectionBeforeTheStopIsKept() throws Exception {
    open("tcp://127.0.0.1:0?listen");
    byte[] bytes = random(2 * SLOT + 7);
    InetSocketAddress to = ((ByteStreamSource) source).address();
    try (Socket socket = new Socket(to.getAddress(), to.getPort())) {
      socket.getOutputStream().write(bytes);
      // Not even accepted yet.
      source.stop();
      reader.runToEnd(source);
    }
    RingReader.assertSame(reader.bytes(), bytes, "the stream");
  }

  @Test
  void whatFindsNoRoomAfterTheStopIsLostAndCounted() throws Exception {
    Path fifo = fifo();
    open("file:" + fifo);
    byte[] bytes = random(4 * SLOT);
    try (OutputStream out = Files.newOutputStream(fifo)) {
      out.write(bytes);
      while (source.counters().receivedBytes() < bytes.length) {
        int _ = source.doWork();
      }
      out.write(bytes, 0, 1000);
      source.stop();
      assertThat(source.doWork()).as("the ring is full").isZero();
      assertThat(source.hasEnded()).isFalse();
      reader.ring.stop();
      reader.runToEnd(source);
    }
    RingReader.assertSame(reader.bytes(), bytes, "the stream");
    assertThat(reader.gaps).containsExactly(new RingReader.Gap(bytes.length, 1000));
    assertThat(source.counters().lostBytes()).isEqualTo(1000);
  }
}
