package sluice.nvme.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import sluice.queues.CommandSlots;
import sluice.queues.CompletionEntry;
import sluice.queues.SubmissionEntry;
import sluice.support.linux.TcpSocket;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/**
 * A connection whose other end sends right PDUs, and then such that are not, whole, in pieces and
 * byte by byte, and closes or resets it anywhere: it ends at once and says why in a line, no byte
 * but those of a read that is out ever changes, none but those of a write is ever sent, and nothing
 * is left behind. {@code -Dsluice.fuzz.pdus} says how many PDUs, {@code -Dsluice.seed} which.
 */
class ConnectionFuzzTest {
  private static final int PDUS = Integer.getInteger("sluice.fuzz.pdus", 30_000);
  private static final int MOST_IN_A_CONNECTION = 40;
  private static final int MAX_DEPTH = 8;
  private static final int REGION = 16 << 10;
  private static final int GUARD = 4 << 10;
  private static final int MOST_BYTES = 8 << 10;

  /** The rest of a PDU that comes in pieces comes at once. */
  private static final int MOST_TRICKLED = 80;

  private static final int ID = 3;
  private static final long DEADLINE_NANOS = Duration.ofSeconds(20).toNanos();

  private final long seed = Long.getLong("sluice.seed", System.nanoTime());
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment reference = arena.allocate((long) MAX_DEPTH * REGION, Long.BYTES);
  private final DmaMemory memory =
      new DmaMemory(arena.allocate((long) MAX_DEPTH * REGION, Long.BYTES), 0);

  private Random random;
  private int pdus;
  private int ended;
  private int completed;

  /** A connection, both its ends. */
  private final class Case implements AutoCloseable, FuzzPeer.Checks {
    private final int depth = 1 + random.nextInt(MAX_DEPTH);
    private final CommandSlots slots = new CommandSlots(depth);
    private final int[] opcodes = new int[depth];
    private final int[] offsets = new int[depth];
    private final int[] bytes = new int[depth];

    /** Where the data of each write is, and how much, by its identifier. */
    private final Map<Integer, int[]> writes = new HashMap<>();

    private final SocketChannel channel;
    private final TcpSocket socket;
    private final FuzzPeer peer;
    private final Connection connection;

    Case(ServerSocketChannel server) throws IOException {
      socket = TcpSocket.connect((InetSocketAddress) server.getLocalAddress());
      channel = server.accept();
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      boolean headerDigest = random.nextBoolean();
      boolean dataDigest = random.nextBoolean();
      int alignment = random.nextBoolean() ? 4 : 4 * (1 + random.nextInt(8));
      int maxData = 4096 + 4 * random.nextInt(2048);
      Negotiated agreed = new Negotiated(headerDigest, dataDigest, alignment, maxData);
      peer = new FuzzPeer(channel, random, headerDigest, dataDigest, alignment, this);
      int inCapsule = random.nextBoolean() ? 0 : 2048;
      connection = new Connection(ID, depth, socket, agreed, inCapsule, new Loss());
    }

    /** What the host sends is of the command's own memory. */
    @Override
    public void sent(int identifier, int offset, byte[] data) {
      int[] write = writes.get(identifier);
      assertThat(write).as("command %d writes, %s", identifier, this).isNotNull();
      assertThat(offset).isBetween(0, write[1] - data.length);
      MemorySegment due = reference.asSlice(write[0] + offset, data.length);
      assertThat(due.mismatch(MemorySegment.ofArray(data))).as("data sent, %s", this).isEqualTo(-1);
    }

    void post() {
      while (random.nextInt(3) > 0 && slots.outstanding() < depth) {
        int slot = slots.acquire();
        int opcode = random.nextInt(5) == 0 ? 0 : 1 + random.nextInt(2);
        opcodes[slot] = opcode;
        bytes[slot] = opcode == 0 ? 0 : 4 + 4 * random.nextInt(MOST_BYTES / 4 - 1);
        offsets[slot] = slot * REGION + GUARD + 4 * random.nextInt(64);
        if (opcode == 1) {
          writes.put(slots.identifier(slot), new int[] {offsets[slot], bytes[slot]});
        }
        long entry = connection.claim();
        assertThat(entry).isNotZero();
        SubmissionEntry.begin(entry, opcode, slots.identifier(slot), 1);
        if (opcode != 0) {
          connection.describe(entry, memory, offsets[slot], bytes[slot]);
        }
        connection.post(slot, entry);
      }
      connection.ring();
    }

    /** Gives both ends their turns until nothing is on its way. */
    void turn() throws IOException {
      int quiet = 0;
      while (quiet < 3) {
        int received = connection.poll();
        boolean any = received > 0;
        long entry;
        while ((entry = connection.peek()) != 0) {
          complete(entry);
          connection.pop();
          any = true;
        }
        peer.receive();
        quiet = any ? 0 : quiet + 1;
      }
    }

    private void complete(long entry) {
      int identifier = CompletionEntry.commandId(entry);
      int slot = slots.slotOf(identifier);
      if (slot < 0) {
        assertThat(peer.hasSpoiled()).as("completes what is not out, %s", this).isTrue();
        return;
      }
      if (!peer.hasSpoiled()) {
        assertThat(CompletionEntry.status(entry)).isZero();
        checkRead(identifier, slot);
      }
      requireGuarded(slot);
      restore(slot);
      slots.release(slot);
      completed++;
    }

    private void checkRead(int identifier, int slot) {
      for (int i = 0; opcodes[slot] == 2 && i < bytes[slot]; i += 13) {
        assertThat(OffHeap.getByte(memory.address() + offsets[slot] + i))
            .as("byte %d of a read, %s", i, this)
            .isEqualTo(FuzzPeer.readByte(identifier, i));
      }
    }

    /** Nothing of a slot's region has changed but what its read may change. */
    private void requireGuarded(int slot) {
      int from = slot * REGION;
      boolean reads = slots.isOutstanding(slot) && opcodes[slot] == 2;
      int begin = reads ? offsets[slot] : from + REGION;
      int end = reads ? begin + bytes[slot] : from + REGION;
      requireSame(from, begin);
      requireSame(end, from + REGION);
    }

    private void requireSame(int from, int to) {
      long at = MemorySegment.mismatch(memory.segment(), from, to, reference, from, to);
      assertThat(at).as("where from %d to %d memory was changed, %s", from, to, this).isEqualTo(-1);
    }

    private void restore(int slot) {
      if (opcodes[slot] == 2) {
        MemorySegment.copy(
            reference, (long) slot * REGION, memory.segment(), (long) slot * REGION, REGION);
      }
    }

    void send(byte[] pdu) throws IOException {
      pdus++;
      ByteBuffer bytes = ByteBuffer.wrap(pdu);
      int step = random.nextInt(12) == 0 ? 1 : random.nextInt(4) == 0 ? 1 + random.nextInt(40) : -1;
      long start = System.nanoTime();
      while (bytes.hasRemaining()) {
        boolean isWhole = step < 0 || bytes.position() > MOST_TRICKLED;
        bytes.limit(isWhole ? pdu.length : Math.min(pdu.length, bytes.position() + step));
        try {
          int _ = channel.write(bytes);
        } catch (IOException e) {
          // The host has reset it.
          return;
        }
        bytes.limit(pdu.length);
        if (step > 0 || bytes.hasRemaining()) {
          int _ = connection.poll();
        }
        assertThat(System.nanoTime() - start).as("%s", this).isLessThan(DEADLINE_NANOS);
      }
    }

    void end() throws IOException {
      turn();
      if (random.nextInt(4) == 0) {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      }
      channel.close();
      long start = System.nanoTime();
      while (connection.poll() != Connection.ENDED && slots.outstanding() > 0) {
        while (connection.peek() != 0) {
          complete(connection.peek());
          connection.pop();
        }
        boolean _ = socket.awaitInput(1_000_000);
        assertThat(System.nanoTime() - start).as("%s", this).isLessThan(DEADLINE_NANOS);
      }
      if (connection.failure() != null) {
        ended++;
        assertThat(connection.failure()).isNotBlank().doesNotContain("\n").hasSizeLessThan(200);
      }
      for (int slot = 0; slot < depth; slot++) {
        requireGuarded(slot);
        restore(slot);
      }
    }

    @Override
    public void close() throws IOException {
      socket.abort();
      channel.close();
    }

    @Override
    public String toString() {
      return "seed %d, PDU %d, %s".formatted(seed, pdus, connection);
    }
  }

  private void run(Case each) throws IOException {
    int right = random.nextInt(MOST_IN_A_CONNECTION);
    for (int i = 0; i < MOST_IN_A_CONNECTION && each.connection.failure() == null; i++) {
      each.post();
      each.turn();
      boolean spoils = i >= right && random.nextInt(3) == 0;
      for (byte[] pdu : each.peer.next(spoils)) {
        each.send(pdu);
      }
      if (random.nextInt(3) > 0) {
        each.turn();
      }
      if (!each.peer.hasSpoiled()) {
        assertThat(each.connection.failure()).as("%s", each).isNull();
      }
    }
    each.end();
  }

  private static int descriptors() {
    return new File("/proc/self/fd").list().length;
  }

  @Test
  void whateverComesNothingElseChangesAndItEnds() throws IOException {
    random = new Random(seed);
    byte[] bytes = new byte[MAX_DEPTH * REGION];
    new Random(1).nextBytes(bytes);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, reference, 0, bytes.length);
    memory.segment().copyFrom(reference);
    int threads = Thread.activeCount();
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int descriptors = descriptors();
      while (pdus < PDUS) {
        try (Case each = new Case(server)) {
          run(each);
        }
      }
      assertThat(descriptors()).as("descriptors, seed %d", seed).isEqualTo(descriptors);
    }
    assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads);
    assertThat(completed).as("commands completed").isGreaterThan(PDUS / 20);
    assertThat(ended).as("connections ended by fault").isGreaterThan(PDUS / 200);
  }
}
