package sluice.virtual.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.nvme.DriveAddress;
import sluice.support.linux.Events;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.linux.LocalSocket;
import sluice.support.memory.OffHeap;

/**
 * Valid messages that were changed at random: the server answers, or ends the connection, goes on
 * with the next one, and keeps nothing. The full number is had with {@code
 * -Dsluice.fuzz.messages=1000000}.
 */
class FuzzTest {
  private static final int MESSAGES = Integer.getInteger("sluice.fuzz.messages", 100_000);
  private static final int MOST = 4096;
  private static final int RECEIVED = 2 << 20;

  @TempDir Path folder;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment out = arena.allocate(MOST, 8);
  private final MemorySegment in = arena.allocate(RECEIVED, 8);
  private final int memory = Linux.memfd("fuzz", 1 << 20, 0);
  private final int event = Events.eventfd();
  private LocalSocket socket;
  private int connections;

  /** Bodies of one valid message each, and how many descriptors go with it: memory or events. */
  private record Valid(int command, String body, int memories, int events) {
    Valid(int command, String body) {
      this(command, body, 0, 0);
    }
  }

  private static final List<Valid> VALID =
      List.of(
          new Valid(1, "00000100"),
          new Valid(2, "20000000 03000000" + zeros(16) + "0000100000000000", 1, 0),
          new Valid(2, "20000000 03000000" + zeros(8) + "00001000000000000000010000000000", 1, 0),
          new Valid(2, "20000000 01000000" + zeros(8) + "00002000000000000000010000000000"),
          new Valid(3, "18000000 00000000" + zeros(8) + "0000100000000000"),
          new Valid(3, "18000000 02000000" + zeros(16)),
          new Valid(4, "10000000" + zeros(12)),
          new Valid(5, "40000000" + zeros(28)),
          new Valid(6, "10000000" + zeros(12)),
          new Valid(7, "10000000 00000000 02000000 00000000"),
          new Valid(8, "14000000 24000000 02000000 00000000 03000000", 0, 3),
          new Valid(8, "14000000 21000000 02000000 00000000 02000000"),
          new Valid(8, "14000000 09000000 02000000 00000000 02000000"),
          new Valid(8, "14000000 21000000 02000000 00000000 00000000"),
          new Valid(9, "0000000000000000 00000000 08000000"),
          new Valid(9, "0000000000000000 07000000 00010000"),
          new Valid(10, "0400000000000000 07000000 02000000 0704"),
          new Valid(10, "2400000000000000 00000000 04000000 1f001f00"),
          new Valid(10, "2800000000000000 00000000 08000000 0000000000000000"),
          new Valid(10, "3000000000000000 00000000 08000000 0010000000000000"),
          new Valid(10, "1400000000000000 00000000 04000000 01004600"),
          new Valid(10, "1400000000000000 00000000 04000000 00004600"),
          new Valid(10, "0010000000000000 00000000 04000000 01000000"),
          new Valid(10, "0000000000000000 04000000 04000000 00100000"),
          new Valid(13, ""),
          new Valid(15, "0100000000000000 2400000000000000 00000000 04000000 1f001f0000000000"),
          new Valid(16, "0800000001000000"));

  private static String zeros(int bytes) {
    return "00".repeat(bytes);
  }

  private static long openDescriptors() {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long mappings() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.filter(line -> line.contains("memfd:fuzz")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long residentBytes() {
    try {
      return 4096 * Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long usedHeap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  @Test
  void malformedMessages() {
    DriveAddress drive = DriveAddress.parse("virtual:memory?size=1M&queues=4");
    DriveServer server =
        DriveServer.open(folder.resolve("cntrl"), drive, System::nanoTime, _ -> {});
    long seed = Long.getLong("sluice.fuzz.seed", 20_261_121);
    SplittableRandom random = new SplittableRandom(seed);
    long descriptors = openDescriptors();
    long heap = usedHeap();
    long resident = 0;
    for (int i = 0; i < MESSAGES; i++) {
      if (socket == null) {
        connect(server);
      }
      try {
        boolean isGone = !send(random, random.nextInt(8) == 0);
        step(server);
        if (isGone || !drain() || random.nextInt(2000) == 0) {
          disconnect(server);
        }
        if (i % 10_000 == 0) {
          disconnect(server);
          // What the first messages took stays for those that follow.
          resident = i == 10_000 ? residentBytes() : resident;
          assertThat(openDescriptors()).as("seed %d, message %d", seed, i).isEqualTo(descriptors);
          assertThat(mappings()).as("seed %d, message %d", seed, i).isZero();
        }
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + ", message " + i, e);
      }
    }
    disconnect(server);
    assertThat(openDescriptors()).isEqualTo(descriptors);
    assertThat(mappings()).isZero();
    assertThat(connections).as("clients that came and went").isGreaterThan(MESSAGES / 1000);
    assertThat(usedHeap()).as("heap").isLessThan(heap + (8 << 20));
    assertThat(residentBytes() - resident).as("memory of all kinds").isLessThan(64 << 20);
    server.close();
    assertThat(openDescriptors()).as("less the server's own").isLessThan(descriptors);
    Linux.close(memory);
    Linux.close(event);
    arena.close();
  }

  private void connect(DriveServer server) {
    connections++;
    LocalSocket[] pair = LocalSocket.pair();
    socket = pair[0];
    assertThat(server.admit(pair[1])).isEqualTo(1);
    put(VALID.getFirst(), 1);
    assertThat(socket.send(out.address(), 20)).isEqualTo(20);
    step(server);
    assertThat(drain()).as("the first message is good").isTrue();
  }

  private void disconnect(DriveServer server) {
    if (socket != null) {
      socket.close();
      socket = null;
      step(server);
    }
  }

  /** Turns until the socket has been looked at, and what was asked for has been done. */
  private static void step(DriveServer server) {
    for (int turns = 0; turns < 1100; turns++) {
      if (server.doWork() > 0) {
        turns = Math.max(turns, 1000);
      }
    }
  }

  /**
   * @return false when the server has closed
   */
  private boolean drain() {
    try {
      long n;
      do {
        n = socket.receive(in.address(), RECEIVED);
        for (int i = 0; i < socket.descriptors() && n > 0; i++) {
          Linux.close(socket.descriptor(i));
        }
      } while (n > 0);
      return n != 0;
    } catch (LinuxException e) {
      return false;
    }
  }

  private int put(Valid valid, int id) {
    byte[] body = HexFormat.of().parseHex(valid.body.replace(" ", ""));
    long at = out.address();
    OffHeap.putShort(at, (short) id);
    OffHeap.putShort(at + 2, (short) valid.command);
    OffHeap.putInt(at + 4, 16 + body.length);
    OffHeap.putLong(at + 8, 0);
    for (int i = 0; i < body.length; i++) {
      OffHeap.putByte(at + 16 + i, body[i]);
    }
    return 16 + body.length;
  }

  /**
   * @param isGood whether nothing is changed
   * @return false when the server has closed
   */
  private boolean send(SplittableRandom random, boolean isGood) {
    Valid valid = VALID.get(random.nextInt(VALID.size()));
    int bytes = put(valid, random.nextInt(65536));
    int memories = valid.memories;
    int events = valid.events;
    if (!isGood) {
      bytes = mutate(random, bytes);
      if (random.nextInt(10) == 0) {
        memories = random.nextInt(4);
        events = random.nextInt(16);
      }
    }
    int[] fds = new int[memories + events];
    for (int i = 0; i < fds.length; i++) {
      fds[i] = i < memories ? memory : event;
    }
    try {
      return socket.send(out.address(), bytes, fds) == bytes;
    } catch (LinuxException e) {
      return false;
    }
  }

  private int mutate(SplittableRandom random, int bytes) {
    int length = bytes;
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      long at = out.address();
      // Mostly in the body: a bad header only ends the connection.
      int first = random.nextInt(20) == 0 ? 0 : 16;
      int place = length > first ? first + random.nextInt(length - first) : 2;
      switch (random.nextInt(6)) {
        case 0 -> OffHeap.putByte(at + place, (byte) random.nextInt());
        case 1 -> OffHeap.putByte(at + place, (byte) (1 << random.nextInt(8)));
        case 2 -> putWord(random, at, place, length);
        case 3 -> OffHeap.putShort(at + 2, (short) random.nextInt(20));
        case 4 -> {
          // Shorter or longer, as the header says.
          length = 16 + random.nextInt(random.nextInt(10) == 0 ? MOST - 16 : 64);
          OffHeap.putInt(at + 4, length);
        }
        default -> {
          if (random.nextInt(50) == 0) {
            OffHeap.putInt(at + 4L * random.nextInt(4), random.nextInt());
          }
        }
      }
    }
    return length;
  }

  /** One of the numbers that are nobody's friends. */
  private static void putWord(SplittableRandom random, long at, int place, int length) {
    int[] words = {0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, 4096, 0xfffff000, 1 << 20};
    int offset = place & ~3;
    if (offset + 4 <= length) {
      OffHeap.putInt(at + offset, words[random.nextInt(words.length)]);
    }
  }
}
