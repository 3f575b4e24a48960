package sluice.recorder.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.recorder.stream.Pace;
import sluice.recorder.stream.Pattern;

/** Datagrams that all arrive, and where a stream of them ends. */
class UdpSourceTest extends UdpStream {
  @ParameterizedTest
  @ValueSource(ints = {1, 100, 1316, 1472, 4096, 9000, 16384, 16385, 40000, 65507})
  void datagramsOfOneLengthAreContiguous(int length) throws Exception {
    open(ANY);
    SplittableRandom random = new SplittableRandom(length);
    for (int round = 0; round < 100; round++) {
      for (int i = 0; i < 1 + round % 7; i++) {
        sendKept(random, length);
      }
      receiveAll();
    }
    RingReader.assertSame(received(), sent.toByteArray(), "the stream");
    assertThat(reader.gaps).isEmpty();
    assertThat(source.counters().lostBytes()).isZero();
    assertThat(reader.slots.subList(0, reader.slots.size() - 1))
        .as("no slot but the last is partial")
        .allSatisfy(slot -> assertThat(slot.length()).isEqualTo(SLOT));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void datagramsOfAllLengthsAreContiguous(long seed) throws Exception {
    open(ANY);
    SplittableRandom random = new SplittableRandom(seed);
    int datagrams = 0;
    int typical = 1000;
    for (int round = 0; round < 300; round++) {
      for (int i = random.nextInt(1, 90); i > 0 && sent.size() < 30_000_000; i--) {
        if (random.nextInt(12) == 0) {
          typical = random.nextInt(1, 2000);
        }
        int length =
            switch (random.nextInt(12)) {
              case 0 -> 0;
              case 1 -> random.nextInt(20);
              case 2 -> random.nextInt(3000);
              case 3 -> random.nextInt(40) == 0 ? random.nextInt(65508) : typical;
              default -> typical;
            };
        sendKept(random, length);
        datagrams++;
      }
      receiveAll();
    }
    RingReader.assertSame(received(), sent.toByteArray(), "seed " + seed);
    assertThat(reader.gaps).isEmpty();
    assertThat(source.counters().datagrams()).isEqualTo(datagrams);
    assertThat(source.counters().receivedBytes()).isEqualTo(sent.size());
    assertThat(source.counters().kernelDrops()).isZero();
  }

  @Test
  void endsAfterACountOfDatagrams() throws Exception {
    open("udp://127.0.0.1:0?rcvbuf=208K&count=100");
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 150; i++) {
      sendRandom(random, 50);
    }
    reader.runToEnd(source);
    assertThat(reader.bytes()).hasSize(5000);
    assertThat(source.counters().datagrams()).isEqualTo(100);
  }

  @Test
  void endsAfterASize() throws Exception {
    open("udp://127.0.0.1:0?rcvbuf=208K&size=100001");
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 110; i++) {
      sendRandom(random, 1000);
    }
    reader.runToEnd(source);
    assertThat(reader.bytes()).hasSize(101_000);
  }

  @Test
  void endsWhenNothingComesAnyMore() throws Exception {
    open("udp://127.0.0.1:0?idle=2s");
    ticks.set(50_000_000_000L);
    assertThat(source.doWork()).as("nothing has come yet").isZero();
    send(new byte[] {1, 2, 3});
    assertThat(source.doWork()).isOne();
    ticks.addAndGet(1_999_999_999);
    assertThat(source.doWork()).isZero();
    assertThat(source.hasEnded()).isFalse();
    ticks.addAndGet(1);
    reader.runToEnd(source);
    assertThat(reader.bytes()).containsExactly(1, 2, 3);
  }

  @Test
  void commitsAPartialSlotWhenItIsOld() throws Exception {
    open(ANY);
    send(new byte[] {1, 2, 3});
    assertThat(source.doWork()).isOne();
    ticks.set(999_999_999);
    assertThat(source.doWork()).isZero();
    assertThat(reader.ring.committed()).isZero();
    ticks.set(1_000_000_000);
    assertThat(source.doWork()).isZero();
    assertThat(reader.take().slots).containsExactly(new RingReader.Slot(3, 1000));
  }

  @Test
  void whatHadArrivedBeforeTheStopIsKept() throws Exception {
    open(ANY);
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 90; i++) {
      sendRandom(random, 700);
    }
    RingReader.assertSame(received(), sent.toByteArray(), "the stream");
  }

  @Test
  void tellsWhatBufferTheKernelGranted() throws Exception {
    open("udp://127.0.0.1:0?rcvbuf=64K");
    assertThat(source.notes()).containsExactly("receive buffer in the kernel: 64 KiB");
    assertThat(source.canStall()).isFalse();
    assertThat(Sources.bufferNotes(64 << 20, 4 << 20))
        .containsExactly(
            "receive buffer in the kernel: 4 MiB",
            "64 MiB was asked for: raise net.core.rmem_max, or run with CAP_NET_ADMIN");
  }

  /** Another thread sends at a fixed rate while this one receives. */
  @Test
  void losesNothingAtAFixedRate() throws Exception {
    reader = new RingReader(1 << 18, 16);
    open(ANY);
    Pattern pattern = new Pattern(12);
    int length = 1472;
    int count = 8_000;
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              Pace pace = new Pace(100_000_000, System::nanoTime);
              byte[] bytes = new byte[length];
              DatagramPacket packet = new DatagramPacket(bytes, length, to);
              try {
                for (long i = 0; i < count; i++) {
                  for (int k = 0; k < length; k++) {
                    bytes[k] = pattern.byteAt(i * length + k);
                  }
                  // The window is for a machine that holds the receiver up: nothing may be lost.
                  while (pace.due(pace.elapsed()) < i * length
                      || i - source.counters().datagrams() >= WINDOW / (length + KERNEL_OVERHEAD)) {
                    LockSupport.parkNanos(20_000);
                  }
                  sender.send(packet);
                }
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (source.counters().datagrams() < count) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      int _ = source.doWork();
      long _ = reader.verify(pattern);
    }
    thread.join(10_000);
    source.stop();
    while (!source.hasEnded()) {
      int _ = source.doWork();
    }
    assertThat(reader.verify(pattern)).isEqualTo((long) count * length);
    assertThat(source.counters().lostBytes()).isZero();
    assertThat(source.counters().kernelDrops()).isZero();
  }
}
