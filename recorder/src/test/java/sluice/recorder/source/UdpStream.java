package sluice.recorder.source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;

/**
 * A source of datagrams against the real kernel, on the loopback. Sending there is delivering: a
 * datagram is in the receiver's queue, or dropped, when send returns; so one thread sees everything
 * exactly.
 */
abstract class UdpStream {
  static final int SLOT = 16384;

  /** What any user gets on a machine as it comes out of the box (net.core.rmem_max). */
  static final String ANY = "udp://127.0.0.1:0?rcvbuf=208K";

  /** Payload that is sure to fit that, with what the kernel adds to each datagram. */
  static final int WINDOW = 160_000;

  static final int KERNEL_OVERHEAD = 1500;

  final AtomicLong ticks = new AtomicLong();
  final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  RingReader reader = new RingReader(SLOT, 8);
  UdpSource source;
  DatagramSocket sender;
  InetSocketAddress to;
  int outstanding;

  @AfterEach
  void close() {
    if (source != null) {
      source.close();
    }
    if (sender != null) {
      sender.close();
    }
  }

  void open(String text) throws IOException {
    source =
        (UdpSource)
            Sources.open(
                text, SourceOptions.defaults().withClocks(() -> 1000 + ticks.get(), ticks::get));
    source.attach(reader.ring);
    to = source.address();
    sender = new DatagramSocket();
  }

  /** Sends, and receives first when the kernel's buffer might not take one more. */
  void sendKept(SplittableRandom random, int length) throws IOException {
    outstanding += length + KERNEL_OVERHEAD;
    if (outstanding > WINDOW) {
      receiveAll();
      outstanding = length + KERNEL_OVERHEAD;
    }
    sendRandom(random, length);
  }

  void receiveAll() {
    while (source.doWork() > 0) {
      reader.take();
    }
  }

  void send(byte[] bytes) throws IOException {
    sender.send(new DatagramPacket(bytes, bytes.length, to));
    sent.writeBytes(bytes);
  }

  /** A datagram of the stream's next bytes. */
  void sendRandom(SplittableRandom random, int length) throws IOException {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    send(bytes);
  }

  /** A datagram that carries its number in every word. */
  void sendNumbered(int number, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.remaining() >= Integer.BYTES) {
      buffer.putInt(number);
    }
    send(buffer.array());
  }

  void runDry() {
    while (source.doWork() > 0) {}
  }

  /** 131 datagrams of 1000 bytes and the start of one more fill the ring. */
  void fillTheRing(SplittableRandom random) throws IOException {
    for (int i = 0; i < 132; i++) {
      sendRandom(random, 1000);
      if (i == 66) {
        runDry();
      }
    }
    runDry();
  }

  /** All that is received, with the partial slot. */
  byte[] received() {
    source.stop();
    reader.runToEnd(source);
    return reader.bytes();
  }
}
