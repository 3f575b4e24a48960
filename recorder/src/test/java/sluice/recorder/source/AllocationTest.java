package sluice.recorder.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.recorder.Sink;
import sluice.recorder.sink.Sinks;
import sluice.recorder.stream.Pattern;

/** In the steady state, neither a source nor a sink leaves anything to the garbage collector. */
class AllocationTest {
  private static final int SLOT = 1 << 16;
  private static final int WARM_UP = 15_000;
  private static final int WINDOW = 3_000;
  private static final int WINDOWS = 20;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final int ERRNO_SLICE_BYTES = 40;

  private final RingReader reader = new RingReader(SLOT, 4);

  /**
   * Steps until a window has passed without an allocation. The first ones may see the compiler at
   * work; something that allocates per chunk never gets through.
   */
  private static void allocatesNothing(LongSupplier step) {
    allocatesAtMost(0, step);
  }

  /**
   * As {@link #allocatesNothing}, but for the slices of the errno segment that the JDK's own linker
   * makes: one a system call, wherever the JIT does not inline the call to its bottom.
   */
  private static void allocatesOnlyErrnoSlices(int systemCallsPerStep, LongSupplier step) {
    allocatesAtMost(systemCallsPerStep * ERRNO_SLICE_BYTES, step);
  }

  private static void allocatesAtMost(int bytesPerStep, LongSupplier step) {
    long sum = 0;
    for (int i = 0; i < WARM_UP; i++) {
      sum += step.getAsLong();
    }
    long allocated = 0;
    for (int window = 0; window < WINDOWS; window++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < WINDOW; i++) {
        sum += step.getAsLong();
      }
      allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      if (allocated <= (long) bytesPerStep * WINDOW) {
        assertThat(sum).as("bytes moved").isGreaterThan(SLOT);
        return;
      }
    }
    assertThat(allocated)
        .as("bytes allocated in %d steps", WINDOW)
        .isLessThanOrEqualTo((long) bytesPerStep * WINDOW);
  }

  private Source open(String text) {
    Source source = Sources.open(text, SourceOptions.defaults());
    source.attach(reader.ring);
    return source;
  }

  /** Bytes through a sink to a source, in one thread. */
  private void through(Sink sink, Source source, int piece) {
    Pattern pattern = new Pattern(5);
    long memory = Arena.global().allocate(piece, 8).address();
    long[] sent = {0};
    allocatesOnlyErrnoSlices(
        4,
        () -> {
          pattern.fill(memory, piece, sent[0]);
          sent[0] += sink.write(memory, piece);
          int _ = source.doWork();
          return reader.verify(pattern);
        });
    assertThat(source.counters().lostBytes()).isZero();
    assertThat(source.failure()).isNull();
    source.close();
    sink.close();
  }

  @Test
  void generator() {
    Pattern pattern = new Pattern(0);
    try (Source source = open("generator:rate=1GB/s")) {
      allocatesNothing(() -> {
        int _ = source.doWork();
        return reader.verify(pattern);
      });
    }
  }

  @Test
  void feed() {
    Pattern pattern = new Pattern(0);
    long[] position = {0};
    Source source =
        Sources.of(
            "feed",
            room -> {
              int length = Math.min(1000, room.remaining());
              for (int i = 0; i < length; i++) {
                room.put(pattern.byteAt(position[0]++));
              }
              return length;
            },
            SourceOptions.defaults());
    source.attach(reader.ring);
    allocatesNothing(() -> {
      int _ = source.doWork();
      return reader.verify(pattern);
    });
    assertThat(source.failure()).isNull();
    source.close();
  }

  @Test
  void pushed() {
    Pattern pattern = new Pattern(5);
    ByteBuffer data = ByteBuffer.allocateDirect(1000);
    long address = MemorySegment.ofBuffer(data).address();
    long[] position = {0};
    RingOutput output = new RingOutput(reader.ring, SourceOptions.defaults());
    allocatesNothing(() -> {
      pattern.fill(address, 1000, position[0]);
      data.clear();
      position[0] += output.write(data);
      return reader.verify(pattern);
    });
    output.close();
  }

  @Test
  void pushedFromAnArray() {
    ByteBuffer data = ByteBuffer.wrap(new byte[1000]);
    RingOutput output = new RingOutput(reader.ring, SourceOptions.defaults());
    allocatesNothing(() -> {
      data.clear();
      int written = output.write(data);
      reader.ring.release(reader.ring.committed());
      return written;
    });
    output.close();
  }

  @Test
  void pushedOrLost() {
    ByteBuffer data = ByteBuffer.allocateDirect(1000);
    RingOutput output = new RingOutput(reader.ring, SourceOptions.defaults());
    allocatesNothing(() -> {
      data.clear();
      int lost = output.writeOrLose(data);
      return lost + 1L;
    });
    output.close();
  }

  @Test
  void generatorThatLoses() {
    try (Source source = open("generator:rate=1GB/s")) {
      allocatesNothing(() -> {
        int _ = source.doWork();
        return source.counters().lostBytes();
      });
    }
  }

  @Test
  void file() {
    try (Source source = open("file:/dev/zero")) {
      allocatesOnlyErrnoSlices(
          4,
          () -> {
            int work = source.doWork();
            reader.ring.release(reader.ring.committed());
            return (long) work * SLOT;
          });
    }
  }

  @Test
  void fifo(@TempDir Path directory) throws Exception {
    String fifo = directory.resolve("fifo").toString();
    Process mkfifo = new ProcessBuilder("mkfifo", fifo).inheritIO().start();
    assertThat(mkfifo.waitFor(20, TimeUnit.SECONDS)).isTrue();
    Source source = open("file:" + fifo);
    through(Sinks.open("file:" + fifo), source, 10_000);
  }

  @Test
  void tcp() {
    Source source = open("tcp://127.0.0.1:0?listen");
    int port = ((ByteStreamSource) source).address().getPort();
    through(Sinks.open("tcp://127.0.0.1:" + port), source, 10_000);
  }

  @Test
  void udp() {
    Source source = open("udp://127.0.0.1:0");
    int port = ((UdpSource) source).address().getPort();
    through(Sinks.open("udp://127.0.0.1:" + port), source, 14_720);
  }

  /**
   * Pieces that leave a remainder make datagrams of two lengths, which have to be moved together.
   */
  @Test
  void udpWithUnevenDatagrams() {
    Source source = open("udp://127.0.0.1:0");
    int port = ((UdpSource) source).address().getPort();
    long memory = Arena.global().allocate(10_000, 8).address();
    try (source;
        Sink small = Sinks.open("udp://127.0.0.1:" + port + "?datagram=100");
        Sink large = Sinks.open("udp://127.0.0.1:" + port + "?datagram=5000")) {
      allocatesNothing(() -> {
        long sent = small.write(memory, 300) + large.write(memory, 5000) + small.write(memory, 100);
        int _ = source.doWork();
        reader.ring.release(reader.ring.committed());
        return sent;
      });
      assertThat(source.counters().lostBytes()).isZero();
    }
  }

  @Test
  void udpThatFindsTheRingFull() {
    Source source = open("udp://127.0.0.1:0");
    int port = ((UdpSource) source).address().getPort();
    long memory = Arena.global().allocate(10_000, 8).address();
    try (source;
        Sink sink = Sinks.open("udp://127.0.0.1:" + port + "?datagram=1000")) {
      allocatesNothing(() -> {
        long _ = sink.write(memory, 10_000);
        int _ = source.doWork();
        return source.counters().lostBytes();
      });
    }
  }
}
