package sluice.nvme.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * The other end of a connection, without a thread: reads what the host has sent, and makes PDUs
 * that are right, or, from some moment on, one that is not and whatever follows from it. Its bytes
 * are put together by hand.
 */
final class FuzzPeer {
  private static final int LAST = 4;
  private static final int SUCCESS = 8;
  private static final int DIGEST = 4;
  private static final int HEADER = 24;
  private static final int MAX_READY = 16;

  private final SocketChannel channel;
  private final Random random;
  private final boolean headerDigest;
  private final boolean dataDigest;
  private final int alignment;
  private final ByteBuffer input =
      ByteBuffer.allocate(1 << 17).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  private final Map<Integer, Command> out = new LinkedHashMap<>();
  private final Checks checks;

  /** Identifiers that have been used, so that some can be used again. */
  private final List<Integer> known = new ArrayList<>();

  private boolean hasSpoiled;
  private boolean isTerminated;

  /** What the host's test knows of its memory. */
  interface Checks {
    /** Data that the host has sent for a command, from an offset of its data. */
    void sent(int identifier, int offset, byte[] data);
  }

  /** A command that is out. */
  private static final class Command {
    private final int identifier;
    private final int opcode;
    private final int bytes;
    private final Deque<int[]> asked = new ArrayDeque<>();
    private int moved;
    private int next;

    Command(int identifier, int opcode, int bytes, boolean hasAll) {
      this.identifier = identifier;
      this.opcode = opcode;
      this.bytes = bytes;
      this.moved = hasAll ? bytes : 0;
      this.next = moved;
    }

    boolean reads() {
      return (opcode & 3) == 2;
    }
  }

  FuzzPeer(
      SocketChannel channel,
      Random random,
      boolean headerDigest,
      boolean dataDigest,
      int alignment,
      Checks checks) {
    this.channel = channel;
    this.random = random;
    this.headerDigest = headerDigest;
    this.dataDigest = dataDigest;
    this.alignment = alignment;
    this.checks = checks;
  }

  /** Whether something was sent that is not right. */
  boolean hasSpoiled() {
    return hasSpoiled;
  }

  boolean hasCommands() {
    return !out.isEmpty();
  }

  /** What a read of a command's data brings. */
  static byte readByte(int identifier, int offset) {
    return (byte) (identifier * 31 + offset * 7 + (offset >> 8) * 13 | 0x80);
  }

  /** Reads what the host has sent. */
  void receive() throws IOException {
    boolean isMore = true;
    while (isMore) {
      input.compact();
      isMore = channel.read(input) > 0;
      input.flip();
      while (!isTerminated && input.remaining() >= 8 && takePdu()) {
        // The next one.
      }
    }
  }

  private boolean takePdu() {
    int start = input.position();
    int type = input.get(start);
    int flags = input.get(start + 1);
    int header = input.get(start + 2) & 0xff;
    int dataAt = input.get(start + 3) & 0xff;
    int length = input.getInt(start + 4);
    assertThat(length).as("length of a PDU of type %d", type).isBetween(24, 1 << 16);
    if (input.remaining() < length) {
      return false;
    }
    byte[] all = new byte[length];
    input.get(all);
    if (type == 2) {
      assertThat(hasSpoiled).as("the host finds fault with nothing").isTrue();
      isTerminated = true;
      return true;
    }
    assertThat(flags & 1).isEqualTo(headerDigest ? 1 : 0);
    if (headerDigest) {
      assertThat(ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getInt(header))
          .isEqualTo(crc(all, 0, header));
    }
    byte[] data = new byte[0];
    if (dataAt > 0) {
      assertThat(dataAt % alignment).isZero();
      int end = length - (dataDigest ? DIGEST : 0);
      data = Arrays.copyOfRange(all, dataAt, end);
      if (dataDigest) {
        assertThat(ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getInt(end))
            .isEqualTo(crc(all, dataAt, data.length));
      }
    }
    ByteBuffer pdu = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
    if (type == 4) {
      takeCommand(pdu, data);
    } else {
      assertThat(type).isEqualTo(6);
      takeData(pdu, data);
    }
    return true;
  }

  private void takeCommand(ByteBuffer pdu, byte[] data) {
    int identifier = Short.toUnsignedInt(pdu.getShort(10));
    int opcode = pdu.get(8) & 0xff;
    int bytes = pdu.getInt(8 + 32);
    if (data.length > 0) {
      assertThat(data).hasSize(bytes);
      checks.sent(identifier, 0, data);
    }
    out.put(identifier, new Command(identifier, opcode, bytes, data.length > 0));
    known.add(identifier);
  }

  private void takeData(ByteBuffer pdu, byte[] data) {
    int identifier = Short.toUnsignedInt(pdu.getShort(8));
    int offset = pdu.getInt(12);
    assertThat(pdu.getInt(16)).isEqualTo(data.length);
    checks.sent(identifier, offset, data);
    Command command = out.get(identifier);
    if (hasSpoiled && (command == null || command.asked.isEmpty())) {
      return;
    }
    int[] first = command.asked.element();
    if (!hasSpoiled) {
      assertThat(Short.toUnsignedInt(pdu.getShort(10))).as("tag").isEqualTo(first[0]);
      assertThat(offset).as("offset").isEqualTo(first[1]);
    }
    first[1] += data.length;
    first[2] -= data.length;
    command.moved = Math.min(command.bytes, command.moved + data.length);
    if (!hasSpoiled) {
      assertThat((pdu.get(1) & LAST) != 0).as("last").isEqualTo(first[2] == 0);
    }
    if (first[2] <= 0) {
      command.asked.remove();
    }
  }

  /** The next PDU that is right; null if there is nothing to say. */
  private byte[] next() {
    List<Command> all = new ArrayList<>(out.values());
    while (!all.isEmpty()) {
      Command command = all.remove(random.nextInt(all.size()));
      byte[] pdu = next(command);
      if (pdu != null) {
        return pdu;
      }
    }
    return null;
  }

  private byte[] next(Command command) {
    int left = command.bytes - command.next;
    if (left > 0 && command.reads()) {
      int length = random.nextInt(3) == 0 ? left : 1 + random.nextInt(left);
      boolean isLast = length == left;
      boolean succeeds = isLast && random.nextBoolean();
      byte[] data = new byte[length];
      for (int i = 0; i < length; i++) {
        data[i] = readByte(command.identifier, command.next + i);
      }
      int flags = (isLast ? LAST : 0) | (succeeds ? SUCCESS : 0);
      byte[] pdu = pdu(7, flags, words(command.identifier, 0, command.next, length), data);
      command.next += length;
      command.moved = command.next;
      if (succeeds) {
        out.remove(command.identifier);
      }
      return pdu;
    }
    if (left > 0 && command.asked.size() < MAX_READY) {
      int length = random.nextInt(3) == 0 ? left : 1 + random.nextInt(left);
      int tag = random.nextInt(1 << 16);
      byte[] pdu = pdu(9, 0, words(command.identifier, tag, command.next, length), new byte[0]);
      command.asked.add(new int[] {tag, command.next, length});
      command.next += length;
      return pdu;
    }
    if (command.moved < command.bytes) {
      return null;
    }
    out.remove(command.identifier);
    return response(command.identifier, 0);
  }

  private byte[] response(int identifier, int status) {
    byte[] bytes = new byte[16];
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort(12, (short) identifier)
        .putShort(14, (short) (status << 1));
    return pdu(5, 0, bytes, new byte[0]);
  }

  private static byte[] words(int identifier, int tag, int offset, int length) {
    byte[] bytes = new byte[16];
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort(0, (short) identifier)
        .putShort(2, (short) tag)
        .putInt(4, offset)
        .putInt(8, length);
    return bytes;
  }

  private byte[] pdu(int type, int flags, byte[] words, byte[] data) {
    boolean hasData = data.length > 0;
    int behind = HEADER + (headerDigest ? DIGEST : 0);
    int offset = hasData ? behind + 4 * random.nextInt(3) : 0;
    int length = hasData ? offset + data.length + (dataDigest ? DIGEST : 0) : behind;
    byte[] bytes = new byte[length];
    ByteBuffer pdu = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int digests = (headerDigest ? 1 : 0) | (hasData && dataDigest ? 2 : 0);
    pdu.put(0, (byte) type).put(1, (byte) (flags | digests));
    pdu.put(2, (byte) HEADER).put(3, (byte) offset).putInt(4, length).put(8, words);
    if (hasData) {
      pdu.put(offset, data);
      if (dataDigest) {
        pdu.putInt(length - DIGEST, crc(data, 0, data.length));
      }
    }
    return sealed(bytes);
  }

  /** With a header digest that is right. */
  private byte[] sealed(byte[] pdu) {
    if (headerDigest && pdu.length >= HEADER + DIGEST) {
      ByteBuffer.wrap(pdu).order(ByteOrder.LITTLE_ENDIAN).putInt(HEADER, crc(pdu, 0, HEADER));
    }
    return pdu;
  }

  private static int crc(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  /**
   * The next PDUs, in the order in which they are sent.
   *
   * @param spoils whether one of them is not to be right
   * @return none if there is nothing to say
   */
  List<byte[]> next(boolean spoils) {
    byte[] right = next();
    if (!spoils) {
      return right == null ? List.of() : List.of(right);
    }
    hasSpoiled = true;
    byte[] pdu = right == null ? response(anyIdentifier(), 0) : right;
    return switch (random.nextInt(9)) {
      case 0 -> List.of(pdu, pdu.clone());
      case 1 -> {
        byte[] other = next();
        yield other == null ? List.of(pdu, pdu) : List.of(other, pdu);
      }
      case 2 -> List.of(Arrays.copyOf(pdu, random.nextInt(pdu.length)));
      case 3 -> List.of(Arrays.copyOf(pdu, pdu.length + 1 + random.nextInt(64)));
      case 4 -> List.of(pdu, response(anyIdentifier(), random.nextInt(1 << 15)));
      case 5 -> List.of(about(pdu));
      case 6 -> List.of(sealed(changed(pdu.clone())));
      default -> List.of(changed(pdu.clone()));
    };
  }

  private int anyIdentifier() {
    return known.isEmpty() || random.nextInt(4) == 0
        ? random.nextInt(1 << 16)
        : known.get(random.nextInt(known.size()));
  }

  /** A PDU of any kind, with fields that may be nearly right. */
  private byte[] about(byte[] pdu) {
    int identifier = anyIdentifier();
    int offset = random.nextBoolean() ? 0 : random.nextInt(1 << 14) - 64;
    int length = random.nextInt(8) == 0 ? random.nextInt() : random.nextInt(1 << 14);
    byte[] words = words(identifier, random.nextInt(), offset, length);
    return switch (random.nextInt(4)) {
      case 0 -> pdu(9, 0, words, new byte[0]);
      case 1 -> pdu(7, random.nextInt(16) & 12, words, new byte[length & 0x3fff]);
      case 2 -> pdu(random.nextInt(256), random.nextInt(256), words, new byte[0]);
      default -> {
        // Data of one command under another's name.
        byte[] other = pdu.clone();
        ByteBuffer.wrap(other).order(ByteOrder.LITTLE_ENDIAN).putShort(8, (short) identifier);
        yield sealed(other);
      }
    };
  }

  private byte[] changed(byte[] pdu) {
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(Math.min(pdu.length, 32));
      pdu[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (pdu[at] ^ 1 << (i & 7));
    }
    return pdu;
  }
}
