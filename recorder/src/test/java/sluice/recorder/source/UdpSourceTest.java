package sluice.recorder.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.recorder.stream.Pace;
import sluice.recorder.stream.Pattern;
import sluice.recorder.stream.Sockets;

/**
 * Against the real kernel, on the loopback. Sending there is delivering: a datagram is in the
 * receiver's queue, or dropped, when send returns; so one thread sees everything exactly.
 */
class UdpSourceTest {
  private static final int SLOT = 16384;

  /** What any user gets on a machine as it comes out of the box (net.core.rmem_max). */
  private static final String ANY = "udp://127.0.0.1:0?rcvbuf=208K";

  /** Payload that is sure to fit that, with what the kernel adds to each datagram. */
  private static final int WINDOW = 160_000;

  private static final int KERNEL_OVERHEAD = 1500;

  private final AtomicLong ticks = new AtomicLong();
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private RingReader reader = new RingReader(SLOT, 8);
  private UdpSource source;
  private DatagramSocket sender;
  private InetSocketAddress to;
  private int outstanding;

  @AfterEach
  void close() {
    if (source != null) {
      source.close();
    }
    if (sender != null) {
      sender.close();
    }
  }

  private void open(String text) throws IOException {
    source =
        (UdpSource)
            Sources.open(
                text, SourceOptions.defaults().withClocks(() -> 1000 + ticks.get(), ticks::get));
    source.attach(reader.ring);
    to = source.address();
    sender = new DatagramSocket();
  }

  /** Sends, and receives first when the kernel's buffer might not take one more. */
  private void sendKept(SplittableRandom random, int length) throws IOException {
    outstanding += length + KERNEL_OVERHEAD;
    if (outstanding > WINDOW) {
      receiveAll();
      outstanding = length + KERNEL_OVERHEAD;
    }
    sendRandom(random, length);
  }

  private void receiveAll() {
    while (source.doWork() > 0) {
      reader.take();
    }
  }

  private void send(byte[] bytes) throws IOException {
    sender.send(new DatagramPacket(bytes, bytes.length, to));
    sent.writeBytes(bytes);
  }

  /** A datagram of the stream's next bytes. */
  private void sendRandom(SplittableRandom random, int length) throws IOException {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    send(bytes);
  }

  /** A datagram that carries its number in every word. */
  private void sendNumbered(int number, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.remaining() >= Integer.BYTES) {
      buffer.putInt(number);
    }
    send(buffer.array());
  }

  private void runDry() {
    while (source.doWork() > 0) {}
  }

  /** 131 datagrams of 1000 bytes and the start of one more fill the ring. */
  private void fillTheRing(SplittableRandom random) throws IOException {
    for (int i = 0; i < 132; i++) {
      sendRandom(random, 1000);
      if (i == 66) {
        runDry();
      }
    }
    runDry();
  }

  /** All that is received, with the partial slot. */
  private byte[] received() {
    source.stop();
    reader.runToEnd(source);
    return reader.bytes();
  }

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
  void whatFindsTheRingFullStaysInTheKernelWhileThatHasRoom() throws Exception {
    open(ANY);
    SplittableRandom random = new SplittableRandom(3);
    fillTheRing(random);
    assertThat(reader.ring.claim()).isZero();
    // With the kernel's own needs they take less than half of its buffer.
    for (int i = 0; i < 60; i++) {
      sendRandom(random, 900);
    }
    for (int i = 0; i < 100; i++) {
      assertThat(source.doWork()).isZero();
    }
    assertThat(source.counters().receivedBytes()).as("the kernel has the rest").isEqualTo(132_000);
    RingReader.assertSame(received(), sent.toByteArray(), "the stream");
    assertThat(reader.gaps).isEmpty();
    assertThat(source.counters().lostBytes()).isZero();
  }

  @Test
  void whatFindsTheRingFullAndTheKernelNearlySoIsCountedToTheByte() throws Exception {
    open(ANY);
    SplittableRandom random = new SplittableRandom(3);
    int ring = 8 * SLOT;
    fillTheRing(random);
    assertThat(source.counters().lostBytes()).as("its rest still waits").isZero();

    ticks.set(7);
    int count = 0;
    while (source.counters().lostBytes() == 0) {
      sendRandom(random, 900);
      count++;
      int _ = source.doWork();
    }
    runDry();
    SourceCounters counters = source.counters();
    assertThat(counters.kernelDrops()).isZero();
    assertThat(counters.estimatedLostBytes()).isZero();
    int lostDatagrams = (int) counters.lostDatagrams() - 1;
    assertThat(lostDatagrams).as("of %d, the oldest", count).isBetween(1, count - 1);
    int lost = 132_000 - ring + lostDatagrams * 900;
    assertThat(counters.lostBytes()).isEqualTo(lost);

    byte[] received = received();
    assertThat(reader.gaps).containsExactly(new RingReader.Gap(ring, lost));
    byte[] expected = new byte[sent.size() - lost];
    System.arraycopy(sent.toByteArray(), 0, expected, 0, ring);
    System.arraycopy(sent.toByteArray(), ring + lost, expected, ring, expected.length - ring);
    RingReader.assertSame(received, expected, "the stream");
    assertThat(counters.datagrams()).isEqualTo(132 + count);
    assertThat(counters.receivedBytes()).isEqualTo(sent.size());
  }

  @Test
  void whatIsInTheKernelWhenNobodyTakesMoreIsLostAndCounted() throws Exception {
    open(ANY);
    SplittableRandom random = new SplittableRandom(3);
    fillTheRing(random);
    for (int i = 0; i < 60; i++) {
      sendRandom(random, 900);
    }
    source.stop();
    assertThat(source.doWork()).as("the ring is full").isZero();
    reader.ring.stop();
    reader.runToEnd(source);
    int ring = 8 * SLOT;
    assertThat(reader.gaps)
        .containsExactly(new RingReader.Gap(ring, 132_000 - ring + 60 * 900, false));
    assertThat(source.counters().lostBytes()).isEqualTo(sent.size() - ring);
    assertThat(source.counters().lostDatagrams()).isEqualTo(61);
  }

  @Test
  void aShortFullRingLosesNothingWhenNothingComes() throws Exception {
    open(ANY);
    SplittableRandom random = new SplittableRandom(4);
    fillTheRing(random);
    for (int i = 0; i < 10; i++) {
      assertThat(source.doWork()).isZero();
    }
    reader.takeOne();
    for (int i = 0; i < 3; i++) {
      sendRandom(random, 1000);
    }
    RingReader.assertSame(received(), sent.toByteArray(), "the stream");
    assertThat(reader.gaps).isEmpty();
    assertThat(source.counters().lostBytes()).isZero();
  }

  @Test
  void whatWaitsForASlotAtTheEndGetsIt() throws Exception {
    open(ANY);
    SplittableRandom random = new SplittableRandom(4);
    fillTheRing(random);
    source.stop();
    for (int i = 0; i < 10; i++) {
      assertThat(source.doWork()).isZero();
    }
    assertThat(source.hasEnded()).isFalse();
    reader.takeOne();
    assertThat(source.doWork()).isOne();
    assertThat(source.hasEnded()).isTrue();
    RingReader.assertSame(reader.take().bytes(), sent.toByteArray(), "the stream");
    assertThat(source.counters().lostBytes()).isZero();
  }

  @Test
  void whatWaitsForASlotWhenTheSourceIsClosedIsLostAtTheEnd() throws Exception {
    open(ANY);
    fillTheRing(new SplittableRandom(4));
    source.close();
    reader.take();
    assertThat(reader.gaps).containsExactly(new RingReader.Gap(8 * SLOT, 132_000 - 8 * SLOT));
    assertThat(source.counters().lostBytes()).isEqualTo(132_000 - 8 * SLOT);
    assertThat(source.counters().lostDatagrams()).isOne();
  }

  @Test
  void eachDatagramThatWaitsInVainIsCounted() throws Exception {
    reader = new RingReader(4096, 2);
    open(ANY);
    SplittableRandom random = new SplittableRandom(4);
    // Many short ones, so that many are received at a time.
    for (int i = 0; i < 40; i++) {
      sendRandom(random, 64);
      receiveAll();
    }
    for (int i = 0; i < 10; i++) {
      sendRandom(random, 3000);
    }
    runDry();
    // More than one of those that were received waits, and the rest is in the kernel.
    assertThat(source.counters().datagrams()).isBetween(43L, 49L);
    source.close();
    assertThat(source.counters().datagrams()).isEqualTo(50);
    reader.take();
    long kept = reader.bytes().length;
    long whole = (kept - 40 * 64) / 3000;
    assertThat(source.counters().lostDatagrams()).isEqualTo(10 - whole);
    assertThat(source.counters().lostBytes()).isEqualTo(40 * 64 + 30_000 - kept);
  }

  /**
   * The kernel's buffer overflows now and then, in a stream of numbered datagrams. Each gap must
   * stand just where numbers are missing, and be as long as they are.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void whatTheKernelDropsIsAGapInItsPlace(long seed) throws Exception {
    int length = 1000;
    reader = new RingReader(4096, 64);
    open("udp://127.0.0.1:0?rcvbuf=32K");
    SplittableRandom random = new SplittableRandom(seed);
    int number = 0;
    for (int round = 0; round < 200; round++) {
      for (int i = random.nextInt(60); i > 0; i--) {
        sendNumbered(number++, length);
      }
      for (int i = random.nextInt(20); i > 0; i--) {
        int _ = source.doWork();
      }
      reader.take();
    }
    byte[] bytes = received();
    SourceCounters counters = source.counters();
    assertThat(counters.kernelDrops()).as("seed %d", seed).isPositive();
    assertThat(counters.datagrams() + counters.kernelDrops()).isEqualTo(number);
    assertThat(counters.lostBytes()).isEqualTo(counters.kernelDrops() * length);
    assertThat(counters.estimatedLostBytes()).isEqualTo(counters.lostBytes());
    assertThat(reader.gaps)
        .hasSizeGreaterThan(10)
        .allSatisfy(gap -> assertThat(gap.isEstimated()).isTrue());

    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int gap = 0;
    long offset = 0;
    while (buffer.hasRemaining()) {
      if (gap < reader.gaps.size() && reader.gaps.get(gap).streamOffset() == offset) {
        offset += reader.gaps.get(gap++).bytes();
      }
      assertThat(offset % length).isZero();
      for (int i = 0; i < length; i += Integer.BYTES) {
        assertThat(buffer.getInt())
            .as("seed %d at %d", seed, offset)
            .isEqualTo((int) (offset / length));
      }
      offset += length;
    }
  }

  @Test
  void dropsAfterTheLastDatagramAreTheEndOfTheStream() throws Exception {
    open("udp://127.0.0.1:0?rcvbuf=8K");
    for (int i = 0; i < 100; i++) {
      sendNumbered(i, 1000);
    }
    byte[] bytes = received();
    long drops = source.counters().kernelDrops();
    assertThat(drops).isPositive();
    assertThat(bytes).hasSize((int) (100 - drops) * 1000);
    assertThat(reader.gaps).containsExactly(new RingReader.Gap(bytes.length, drops * 1000, true));
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

  /** The loopback's addresses: of IPv4, and of IPv6 where the machine has it. */
  static Stream<String> loopbackAddresses() throws SocketException {
    return NetworkInterface.getByName("lo")
        .inetAddresses()
        .map(address -> Sockets.text(new InetSocketAddress(address, 0)));
  }

  @ParameterizedTest
  @MethodSource("loopbackAddresses")
  void receivesOverEitherProtocol(String address) throws Exception {
    open("udp://" + address);
    send(new byte[] {1, 2, 3});
    assertThat(received()).containsExactly(1, 2, 3);
  }

  @Test
  void receivesAtEveryAddressOfTheMachine() throws Exception {
    open("udp://:0");
    to = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), source.address().getPort());
    send(new byte[] {1, 2, 3});
    assertThat(received()).containsExactly(1, 2, 3);
  }

  @Test
  void receivesFromAMulticastGroup() throws Exception {
    open("udp://239.77.1.2:0?interface=lo");
    try (MulticastSocket out = new MulticastSocket()) {
      out.setNetworkInterface(NetworkInterface.getByName("lo"));
      byte[] bytes = {1, 2, 3};
      out.send(new DatagramPacket(bytes, 3, to));
      // Not to the group, but to its port: that is for somebody else.
      out.send(new DatagramPacket(bytes, 3, InetAddress.getLoopbackAddress(), to.getPort()));
    }
    reader.runUntil(source, () -> source.counters().datagrams() == 1);
    assertThat(received()).containsExactly(1, 2, 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"udp://[ff02::1234]:0?interface=lo", "udp://[ff02::1234%lo]:0"})
  void joinsAMulticastGroupOfASingleLink(String address) throws Exception {
    Assumptions.assumeTrue(loopbackAddresses().anyMatch(text -> text.startsWith("[")));
    open(address);
    assertThat(((Inet6Address) to.getAddress()).getScopeId())
        .isEqualTo(NetworkInterface.getByName("lo").getIndex());
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
