package sluice.nvme.tcp;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32C;

/** One connection of a {@link TestTarget}. */
final class TestSession {
  private static final int HDGST = 1;
  private static final int DDGST = 2;
  private static final int LAST = 4;
  private static final int SUCCESS = 8;

  private final TestTarget target;
  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private boolean headerDigest;
  private boolean dataDigest;
  private int maxReady;
  private int queue = -1;
  private boolean isSilent;

  /** Commands that came between another one's data. */
  private final Queue<Received> later = new ArrayDeque<>();

  private int cc;
  private int sqHead;

  /** A PDU of the host's. */
  private static final class Received {
    private final int type;
    private final int flags;
    private final ByteBuffer header;
    private final byte[] data;

    Received(int type, int flags, ByteBuffer header, byte[] data) {
      this.type = type;
      this.flags = flags;
      this.header = header;
      this.data = data;
    }

    int type() {
      return type;
    }

    int flags() {
      return flags;
    }

    ByteBuffer header() {
      return header;
    }

    byte[] data() {
      return data;
    }
  }

  TestSession(TestTarget target, Socket socket) throws IOException {
    this.target = target;
    this.socket = socket;
    this.in = new DataInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  void run() throws IOException {
    initialize();
    while (true) {
      Received pdu = later.poll();
      try {
        pdu = pdu == null ? receive() : pdu;
      } catch (EOFException e) {
        end();
        return;
      } catch (SocketException e) {
        if (!target.endsWithKeepAlive) {
          throw e;
        }
        // The host has cut it already, and what was kept is done all the same.
        end();
        return;
      }
      if (pdu.type() == 2) {
        return;
      }
      check(pdu.type() == 4, "type " + pdu.type());
      command(pdu);
    }
  }

  /** The host sends no more. */
  private void end() throws IOException {
    while (target.ignoresEnd) {
      Thread.onSpinWait();
    }
    if (target.resetsAtEnd && queue > 0) {
      socket.setSoLinger(true, 0);
    }
    if (target.endsWithKeepAlive) {
      until(target.heardAt + target.keepAliveMillis * 1_000_000);
      socket.close();
      until(System.nanoTime() + 100_000_000);
      target.hasDoneLate |= queue > 0;
    }
  }

  private static void until(long time) {
    while (System.nanoTime() - time < 0) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static void check(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }

  private void initialize() throws IOException {
    byte[] bytes = in.readNBytes(128);
    ByteBuffer request = little(bytes);
    check(bytes.length == 128 && request.get(0) == 0, "no ICReq");
    headerDigest = (request.get(11) & 1) != 0;
    dataDigest = (request.get(11) & 2) != 0;
    maxReady = request.getInt(12) + 1;
    byte[] answer = new byte[128];
    ByteBuffer response = little(answer);
    response.put(0, (byte) 1).put(2, (byte) 128).putInt(4, 128);
    response.put(10, (byte) target.alignment).put(11, request.get(11));
    response.putInt(12, target.maxData);
    write(answer);
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int crc(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  private Received receive() throws IOException {
    byte[] common = new byte[8];
    in.readFully(common);
    ByteBuffer head = little(common);
    int length = head.getInt(4);
    check(length >= 8 && length <= 16 << 20, "PDU of " + length + " bytes");
    byte[] all = Arrays.copyOf(common, length);
    in.readFully(all, 8, length - 8);
    int type = all[0];
    int flags = all[1];
    int headerBytes = all[2] & 0xff;
    int offset = all[3] & 0xff;
    if (type == 2) {
      return new Received(type, flags, little(all), new byte[0]);
    }
    check(((flags & HDGST) != 0) == headerDigest, "header digest flag");
    int behind = headerBytes + (headerDigest ? 4 : 0);
    if (headerDigest) {
      check(little(all).getInt(headerBytes) == crc(all, 0, headerBytes), "header digest");
    }
    if (offset == 0) {
      check(length == behind, "PDU without data of " + length + " bytes");
      return new Received(type, flags, little(all), new byte[0]);
    }
    check(offset >= behind && offset % (4 * (target.alignment + 1)) == 0, "data at " + offset);
    check(((flags & DDGST) != 0) == dataDigest, "data digest flag");
    int end = length - (dataDigest ? 4 : 0);
    if (dataDigest) {
      check(little(all).getInt(end) == crc(all, offset, end - offset), "data digest");
    }
    return new Received(type, flags, little(all), Arrays.copyOfRange(all, offset, end));
  }

  private void command(Received pdu) throws IOException {
    while (target.stalls && queue > 0) {
      Thread.onSpinWait();
    }
    ByteBuffer entry = pdu.header().slice(8, 64).order(ByteOrder.LITTLE_ENDIAN);
    sqHead++;
    int opcode = entry.get(0) & 0xff;
    check((entry.get(1) & 0xc0) == 0x40, "PSDT " + entry.get(1));
    if (opcode == 0x7f) {
      fabrics(entry, pdu.data());
    } else if (queue == 0) {
      admin(entry, opcode);
    } else {
      io(entry, opcode, pdu.data());
    }
  }

  private void fabrics(ByteBuffer entry, byte[] data) throws IOException {
    switch (entry.get(4)) {
      case 0 -> {
        check(entry.getInt(44) == 0x14, "property " + entry.getInt(44));
        cc = entry.getInt(48);
        respond(entry, 0, 0);
      }
      case 1 -> connect(entry, data);
      case 4 -> {
        if (isLost(target.lostInBringUp)) {
          return;
        }
        respond(entry, property(entry.getInt(44)), 0);
      }
      case 8 -> respond(entry, 0, 0);
      default -> respond(entry, 0, 0x0001);
    }
  }

  /** Resets the connection if there is a loss left. */
  private boolean isLost(AtomicInteger losses) throws IOException {
    boolean isLost = losses.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
    if (isLost) {
      socket.setSoLinger(true, 0);
      socket.close();
    }
    return isLost;
  }

  private void connect(ByteBuffer entry, byte[] data) throws IOException {
    if (isLost(target.lostInConnect)) {
      return;
    }
    check(data.length == 1024, "Connect with " + data.length + " bytes");
    String name = new String(data, 256, 256, StandardCharsets.US_ASCII).trim();
    int controller = Short.toUnsignedInt(little(data).getShort(16));
    queue = Short.toUnsignedInt(entry.getShort(42));
    if (!name.equals(TestTarget.NQN) && !name.equals("nqn.2014-08.org.nvmexpress.discovery")) {
      respond(entry, 1 << 16 | 256, 0x4182);
      return;
    }
    if (queue > 0 && target.isQueueLost.getAsBoolean()) {
      socket.close();
      return;
    }
    if (queue == 0) {
      check(controller == 0xffff, "admin Connect to controller " + controller);
      check(entry.getShort(44) >= 31, "admin queue of " + entry.getShort(44));
      target.keepAliveMillis = entry.getInt(48);
      target.heardAt = System.nanoTime();
      int _ = target.associations.incrementAndGet();
      respond(entry, target.controllerOf.applyAsInt(0), 0);
    } else if (target.hasForgotten.getAsBoolean()) {
      respond(entry, 1 << 16 | 16, 0x4182);
    } else if (target.refuses.test(queue)) {
      respond(entry, 0, 0x4181);
    } else {
      check(controller == target.associations.get(), "Connect to controller " + controller);
      respond(entry, target.controllerOf.applyAsInt(queue), 0);
    }
  }

  private long property(int property) {
    return switch (property) {
      case 0 -> 127L | 1L << 16 | 2L << 24 | 1L << 37;
      case 8 -> 0x00010400;
      case 0x14 -> cc;
      case 0x1c -> (cc & 1) | ((cc >>> 14 & 3) != 0 ? 2 << 2 : 0);
      default -> throw new AssertionError("property " + property);
    };
  }

  private void admin(ByteBuffer entry, int opcode) throws IOException {
    switch (opcode) {
      case 0x02 -> {
        check((entry.getInt(40) & 0xff) == 0x70, "log page");
        int bytes = ((entry.getInt(40) >>> 16) + 1) * 4;
        int from = entry.getInt(48);
        byte[] log = Arrays.copyOf(target.discovery.get(), from + bytes);
        sendData(entry, log, from, bytes);
      }
      case 0x06 -> sendData(entry, identify(entry.getInt(40) & 0xff), 0, 4096);
      case 0x09 ->
          respond(entry, (entry.getInt(40) & 0xff) == 7 ? (target.grants - 1) * 0x10001 : 0, 0);
      case 0x0c -> {
        // An event that never comes.
      }
      case 0x18 -> {
        check((cc & 1) != 0, "Keep Alive to a controller that is not enabled");
        target.heardAt = System.nanoTime();
        target.keepAlives.incrementAndGet();
        if (!target.ignoresKeepAlive) {
          respond(entry, 0, 0);
        }
      }
      default -> respond(entry, 0, 0x4001);
    }
  }

  private byte[] identify(int cns) {
    byte[] bytes = new byte[4096];
    ByteBuffer page = little(bytes);
    switch (cns) {
      case 1 -> {
        page.put(77, (byte) 6).put(111, (byte) 1).put(512, (byte) 0x66).put(513, (byte) 0x44);
        page.putInt(516, 1).putShort(520, (short) 0x0c).putShort(320, (short) 1);
        page.putInt(1792, (target.inCapsule + 64) / 16).putInt(1796, 1);
        page.putShort(1804, (short) (target.offersDisconnect ? 1 : 0));
        target.identity.accept(page);
      }
      case 2 -> page.putInt(0, 1);
      case 0 -> {
        page.putLong(0, TestTarget.BYTES / TestTarget.BLOCK);
        page.put(130, (byte) 9);
      }
      default -> throw new AssertionError("identify " + cns);
    }
    return bytes;
  }

  private void io(ByteBuffer entry, int opcode, byte[] inCapsule) throws IOException {
    if (target.holds) {
      int _ = target.held.incrementAndGet();
      return;
    }
    int at = (int) entry.getLong(40) * TestTarget.BLOCK;
    int bytes = (Short.toUnsignedInt(entry.getShort(48)) + 1) * TestTarget.BLOCK;
    switch (opcode) {
      case 0x00 -> respond(entry, 0, 0);
      case 0x01 -> {
        byte[] data = fetch(entry, bytes, inCapsule);
        System.arraycopy(data, 0, target.disk, at, bytes);
        respond(entry, 0, 0);
      }
      case 0x02 -> sendData(entry, target.disk, at, bytes);
      case 0x09 -> {
        byte[] range = fetch(entry, entry.getInt(32), inCapsule);
        int from = (int) little(range).getLong(8) * TestTarget.BLOCK;
        Arrays.fill(target.disk, from, from + little(range).getInt(4) * 512, (byte) 0);
        respond(entry, 0, 0);
      }
      default -> respond(entry, 0, 0x4001);
    }
  }

  /** Data of a write: what was in its capsule, or what comes when it is asked for. */
  private byte[] fetch(ByteBuffer entry, int bytes, byte[] inCapsule) throws IOException {
    check(entry.getInt(32) == bytes, "SGL of %d bytes for %d".formatted(entry.getInt(32), bytes));
    int type = entry.get(39) & 0xff;
    if (inCapsule.length > 0) {
      check(type == 0x01 && inCapsule.length == bytes, "SGL " + type + " in the capsule");
      check(bytes <= target.inCapsule, bytes + " bytes in a capsule");
      target.inCapsules.incrementAndGet();
      return inCapsule;
    }
    check(type == 0x5a, "SGL " + type);
    byte[] data = new byte[bytes];
    Queue<int[]> asked = new ArrayDeque<>();
    int next = 0;
    for (int done = 0; done < bytes; ) {
      int most = target.asksAhead ? maxReady : 1;
      while (next < bytes && asked.size() < most) {
        int length = Math.min(target.readyBytes, bytes - next);
        int tag = target.ready.incrementAndGet() & 0xffff;
        asked.add(new int[] {tag, next, length, 0});
        send(0x09, 0, words(entry, tag, next, length), new byte[0]);
        next += length;
        if (target.answersEarly) {
          target.stalls = true;
          respond(entry, 0, 0);
        }
      }
      done += takeData(entry, data, asked);
    }
    return data;
  }

  private int takeData(ByteBuffer entry, byte[] data, Queue<int[]> asked) throws IOException {
    Received pdu = receive();
    if (pdu.type() == 4) {
      later.add(pdu);
      return 0;
    }
    check(pdu.type() == 6, "type " + pdu.type() + " instead of data");
    int[] first = asked.element();
    ByteBuffer header = pdu.header();
    check(header.getShort(8) == entry.getShort(2), "identifier");
    check(Short.toUnsignedInt(header.getShort(10)) == first[0], "tag");
    check(header.getInt(12) == first[1] + first[3], "offset " + header.getInt(12));
    int length = header.getInt(16);
    check(length == pdu.data().length && length <= target.maxData, "length " + length);
    System.arraycopy(pdu.data(), 0, data, header.getInt(12), length);
    first[3] += length;
    check(((pdu.flags() & LAST) != 0) == (first[3] == first[2]), "last flag");
    if (first[3] == first[2]) {
      asked.remove();
    }
    return length;
  }

  private static byte[] words(ByteBuffer entry, int tag, int offset, int length) {
    byte[] bytes = new byte[16];
    ByteBuffer words = little(bytes);
    words.putShort(0, entry.getShort(2)).putShort(2, (short) tag);
    words.putInt(4, offset).putInt(8, length);
    return bytes;
  }

  private void sendData(ByteBuffer entry, byte[] from, int at, int bytes) throws IOException {
    check((entry.get(39) & 0xff) == 0x5a && entry.getInt(32) == bytes, "SGL of a read");
    boolean endsSo = target.saysSuccess;
    for (int done = 0; done < bytes; ) {
      int length = Math.min(target.dataBytes, bytes - done);
      boolean isLast = done + length == bytes;
      int flags = isLast ? LAST | (endsSo ? SUCCESS : 0) : 0;
      byte[] data = Arrays.copyOfRange(from, at + done, at + done + length);
      send(0x07, flags, words(entry, 0, done, length), data);
      done += length;
    }
    if (!endsSo) {
      respond(entry, 0, 0);
    }
  }

  /** Answers a command. */
  private void respond(ByteBuffer entry, long result, int status) throws IOException {
    byte[] bytes = new byte[16];
    ByteBuffer completion = little(bytes);
    completion.putLong(0, result).putShort(8, (short) sqHead).putShort(10, (short) queue);
    completion.putShort(12, entry.getShort(2)).putShort(14, (short) (status << 1));
    send(0x05, 0, bytes, new byte[0]);
  }

  /** Sends a PDU: the words behind its common header, and its data. */
  private void send(int type, int flags, byte[] words, byte[] data) throws IOException {
    int header = 24;
    int behind = header + (headerDigest ? 4 : 0);
    int offset = data.length > 0 ? behind + 4 * target.padDwords : 0;
    boolean hasDigest = dataDigest && data.length > 0;
    int length = data.length > 0 ? offset + data.length + (hasDigest ? 4 : 0) : behind;
    byte[] bytes = new byte[length];
    ByteBuffer pdu = little(bytes);
    pdu.put(0, (byte) type).put(2, (byte) header).put(3, (byte) offset).putInt(4, length);
    pdu.put(1, (byte) (flags | (headerDigest ? HDGST : 0) | (hasDigest ? DDGST : 0)));
    pdu.put(8, words);
    if (headerDigest) {
      pdu.putInt(header, crc(bytes, 0, header));
    }
    pdu.put(offset, data, 0, offset == 0 ? 0 : data.length);
    if (hasDigest) {
      pdu.putInt(length - 4, crc(data, 0, data.length));
    }
    write(bytes);
  }

  private void write(byte[] pdu) throws IOException {
    if (isSilent) {
      return;
    }
    byte[] bytes = target.spoil.apply(queue > 0 && sqHead > 1 ? target.spoilIo.apply(pdu) : pdu);
    if (bytes == null) {
      socket.setSoLinger(true, 0);
      socket.close();
      return;
    }
    boolean isCut = bytes.length < pdu.length;
    if (isCut && target.isResetAfterCut) {
      out.write(bytes);
      socket.setSoLinger(true, 0);
      socket.close();
      return;
    }
    isSilent = target.isSilentAfterCut && isCut;
    if (!target.trickles) {
      out.write(bytes);
      return;
    }
    for (byte each : bytes) {
      out.write(each);
      out.flush();
    }
  }
}
