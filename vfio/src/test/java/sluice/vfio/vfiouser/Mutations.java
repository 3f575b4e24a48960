package sluice.vfio.vfiouser;

import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import sluice.support.linux.LocalSocket;
import sluice.support.memory.OffHeap;

/**
 * Ways to spoil what a server sends: its bytes, its length, its descriptors, what comes before it
 * and what never comes.
 */
final class Mutations {
  private static final long[] ODD_VALUES = {
    0,
    1,
    -1,
    3,
    15,
    16,
    17,
    0x20,
    0x1000,
    0x4000,
    0x10000,
    0x11000,
    1 << 20,
    1L << 31,
    1L << 32,
    Integer.MAX_VALUE,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -4096,
    0x7fff_ffff_ffff_f000L,
  };

  private static final int WAYS = 12;

  private final Random random;
  private final LocalSocket socket;
  private final int[] spareDescriptors;
  private final AtomicLong ahead;
  private final long timeout;
  private long count;

  /**
   * @param spareDescriptors to be sent where they do not belong
   * @param ahead by how much the client's clock is; goes on when it may be left waiting
   */
  Mutations(
      Random random, LocalSocket socket, int[] spareDescriptors, AtomicLong ahead, long timeout) {
    this.random = random;
    this.socket = socket;
    this.spareDescriptors = spareDescriptors;
    this.ahead = ahead;
    this.timeout = timeout;
  }

  /** How many malformed messages were sent. */
  long count() {
    return count;
  }

  /**
   * Sends a message, spoiled in some way.
   *
   * @param message its header, and then its body; of its own memory with some room behind
   * @param bytes with the header
   * @return false if the connection is to be closed
   */
  boolean send(long message, int bytes, int... fds) {
    count++;
    switch (random.nextInt(WAYS)) {
      case 0 -> flip(message, MessageSocket.HEADER_BYTES);
      case 1 -> flip(message, bytes);
      case 2, 3 -> odd32(message, bytes);
      case 4 -> odd64(message, bytes);
      case 5 -> {
        // Shorter or longer than the command has it, and it says so.
        int body = bytes - MessageSocket.HEADER_BYTES;
        int other = random.nextBoolean() ? random.nextInt(body + 1) : body + random.nextInt(64);
        bytes = MessageSocket.HEADER_BYTES + other;
        OffHeap.putInt(message + 4, bytes);
      }
      case 6 -> {
        // Cut off: the rest never comes.
        put(message, random.nextInt(bytes), fds);
        return random.nextBoolean();
      }
      case 7 -> {
        ahead.addAndGet(timeout);
        return random.nextInt(4) == 0;
      }
      case 8 -> fds = descriptors(random.nextInt(12));
      case 9 -> {
        put(message, bytes, fds);
        return put(message, bytes);
      }
      case 10 -> {
        byte[] noise = new byte[1 + random.nextInt(bytes)];
        random.nextBytes(noise);
        for (int i = 0; i < noise.length; i++) {
          OffHeap.putByte(message + i, noise[i]);
        }
      }
      default -> {
        // An error, perhaps with a number that is none.
        OffHeap.putInt(message + 8, MessageSocket.FLAG_REPLY | MessageSocket.FLAG_ERROR);
        OffHeap.putInt(message + 12, (int) ODD_VALUES[random.nextInt(ODD_VALUES.length)]);
      }
    }
    return put(message, bytes, fds);
  }

  /** Asks for memory that is not there, or in ways that cannot be, before an answer. */
  void ask(long message) {
    count++;
    OffHeap.putShort(message, (short) random.nextInt());
    OffHeap.putShort(message + 2, (short) (Command.DMA_READ + random.nextInt(2)));
    OffHeap.putInt(message + 8, random.nextInt(8) == 0 ? MessageSocket.FLAG_NO_REPLY : 0);
    OffHeap.putInt(message + 12, random.nextInt(3));
    boolean isWrite = OffHeap.getShort(message + 2) == Command.DMA_WRITE;
    int data = isWrite ? random.nextInt(64) : 0;
    OffHeap.putInt(message + 4, MessageSocket.HEADER_BYTES + DmaAccess.BYTES + data);
    long iova = random.nextBoolean() ? odd() : 0x10000 + random.nextInt(0x2000);
    DmaAccess.write(message + MessageSocket.HEADER_BYTES, iova, isWrite ? data : odd());
    if (random.nextInt(200) == 0) {
      odd32(message, MessageSocket.HEADER_BYTES + DmaAccess.BYTES);
    }
    long _ = socket.send(message, MessageSocket.HEADER_BYTES + DmaAccess.BYTES + data);
  }

  private long odd() {
    return ODD_VALUES[random.nextInt(ODD_VALUES.length)] + random.nextInt(3) - 1;
  }

  private void flip(long message, int bytes) {
    long at = message + random.nextInt(bytes);
    OffHeap.putByte(at, (byte) (OffHeap.getByte(at) ^ 1 << random.nextInt(Byte.SIZE)));
  }

  private void odd32(long message, int bytes) {
    OffHeap.putInt(message + 4L * random.nextInt(bytes / 4), (int) odd());
  }

  private void odd64(long message, int bytes) {
    OffHeap.putLong(message + 8L * random.nextInt(bytes / 8), odd());
  }

  private int[] descriptors(int number) {
    int[] some = new int[number];
    for (int i = 0; i < number; i++) {
      some[i] = spareDescriptors[random.nextInt(spareDescriptors.length)];
    }
    return some;
  }

  /** Sends what there is room for; what the client makes of it may be waiting for more. */
  private boolean put(long message, int bytes, int... fds) {
    if (bytes > 0) {
      long _ = socket.send(message, bytes, fds);
    }
    ahead.addAndGet(timeout);
    return true;
  }
}
