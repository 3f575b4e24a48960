package sluice.qemu;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * QEMU's qtest protocol: one request and one reply, each a line, as in {@code readl 0xe0000008} and
 * {@code OK 0x0000000000010400}. One request at a time, from any thread.
 */
final class QtestSocket {
  private static final byte[] INL = ascii("inl 0x");
  private static final byte[] OUTL = ascii("outl 0x");
  private static final byte[] OUTW = ascii("outw 0x");
  private static final byte[] READL = ascii("readl 0x");
  private static final byte[] WRITEL = ascii("writel 0x");
  private static final byte[] DIGITS = ascii("0123456789abcdef");

  private final LineSocket socket;
  private final ByteBuffer request = ByteBuffer.allocateDirect(64);

  QtestSocket(LineSocket socket) {
    this.socket = socket;
  }

  /** Reads 32 bits from an I/O port. */
  int inl(int port) {
    return (int) exchange(INL, port, false, 0);
  }

  /** Writes 32 bits to an I/O port. */
  void outl(int port, int value) {
    long _ = exchange(OUTL, port, true, value);
  }

  /** Writes 16 bits to an I/O port. */
  void outw(int port, int value) {
    long _ = exchange(OUTW, port, true, value & 0xffff);
  }

  /** Reads 32 bits of physical memory. */
  int readl(long address) {
    return (int) exchange(READL, address, false, 0);
  }

  /** Writes 32 bits of physical memory. */
  void writel(long address, int value) {
    long _ = exchange(WRITEL, address, true, value);
  }

  private synchronized long exchange(byte[] verb, long address, boolean write, int value) {
    request.clear();
    request.put(verb);
    putHex(address);
    if (write) {
      request.put((byte) ' ').put((byte) '0').put((byte) 'x');
      putHex(Integer.toUnsignedLong(value));
    }
    request.put((byte) '\n').flip();
    socket.send(request);
    ByteBuffer reply = socket.receive();
    int start = reply.position();
    if (reply.remaining() < 2 || reply.get(start) != 'O' || reply.get(start + 1) != 'K') {
      throw refused(reply);
    }
    return write ? 0 : parseHex(reply, start + "OK 0x".length());
  }

  private void putHex(long value) {
    int digits = Math.max(1, (67 - Long.numberOfLeadingZeros(value)) / 4);
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
      request.put(DIGITS[(int) (value >>> shift) & 0xf]);
    }
  }

  private long parseHex(ByteBuffer reply, int from) {
    if (from >= reply.limit()) {
      throw refused(reply);
    }
    long value = 0;
    for (int i = from; i < reply.limit(); i++) {
      int digit = Character.digit(reply.get(i), 16);
      if (digit < 0) {
        throw refused(reply);
      }
      value = value << 4 | digit;
    }
    return value;
  }

  private QemuException refused(ByteBuffer reply) {
    String asked = StandardCharsets.US_ASCII.decode(request.flip()).toString().strip();
    String answer = StandardCharsets.US_ASCII.decode(reply).toString().strip();
    return new QemuException("QEMU answered \"" + answer + "\" to \"" + asked + "\"");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
