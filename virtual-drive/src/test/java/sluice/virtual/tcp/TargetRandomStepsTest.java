package sluice.virtual.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.command.Subsystem;
import sluice.virtual.media.DriveIdentity;
import sluice.virtual.personality.PersonalityOptions;
import sluice.virtual.tcp.RawHost.Received;

/**
 * Hosts that come, work, reset their controllers, are silent, and go in the middle of things, over
 * media that takes its time: each command is answered once, with its own data, and of who has gone
 * nothing is left.
 */
class TargetRandomStepsTest {
  private static final int STEPS = Integer.getInteger("sluice.steps", 2_000);
  private static final int ENTRIES = 32;
  private static final int QUEUES = 3;
  private static final int HOSTS = 5;
  private static final int MOST_BLOCKS = 64;
  private static final long SIZE = 16 << 20;
  private static final int READ = 2;
  private static final int WRITE = 1;
  private static final int COMPARE = 5;

  private final long seed = Long.getLong("sluice.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final LateMedia media = new LateMedia(random, SIZE);
  private final SteppedTarget target = new SteppedTarget(this::subsystem);
  private final List<Host> hosts = new ArrayList<>();
  private int answered;
  private int failed;

  private Subsystem subsystem(SteppedTarget stepped) {
    DriveSettings settings = new DriveSettings();
    settings.shared(true);
    settings.mdts(5);
    settings.identity(DriveIdentity.of(Map.of("nqn", SteppedTarget.NQN), new UUID(1, 2)));
    return new Subsystem(settings, PersonalityOptions.parse(Map.of()), media, () -> stepped.nanos);
  }

  /** A command that is out. */
  private record Command(int opcode, long lba, int blocks) {
    byte[] data(int offset, int bytes) {
      ByteBuffer data = ByteBuffer.allocate(blocks * 512).order(ByteOrder.LITTLE_ENDIAN);
      for (int at = 0; at < blocks * 512; at += 8) {
        data.putLong(at, LateMedia.word(lba * 512 + at));
      }
      return Arrays.copyOfRange(data.array(), offset, offset + bytes);
    }
  }

  /** A connection, and what it waits for. */
  private final class Queue {
    private final RawHost raw;
    private final boolean hasDigests = random.nextBoolean();
    private final Map<Integer, Command> out = new HashMap<>();
    private final Map<Integer, byte[]> read = new HashMap<>();
    private final Deque<Received> asked = new ArrayDeque<>();
    private int given;
    private int nextId;

    Queue() throws IOException {
      raw = new RawHost(target).agree(hasDigests, hasDigests);
    }

    int newId() {
      do {
        nextId = (nextId + 1) % 500 + 1000;
      } while (out.containsKey(nextId));
      return nextId;
    }

    void take() throws IOException {
      for (Received pdu : raw.drain()) {
        switch (pdu.type()) {
          case 9 -> asked.add(pdu);
          case 7 -> {
            int identifier = pdu.i16(8);
            assertThat(read.put(identifier, pdu.data())).as("data twice").isNull();
            if ((pdu.flags() & 8) != 0) {
              end(identifier, 0);
            }
          }
          case 5 -> end(pdu.identifier(), pdu.status());
          default -> throw new AssertionError(pdu + ", log " + target.log);
        }
      }
    }

    private void end(int identifier, int status) {
      if (identifier < 1000) {
        // Of properties and the like.
        return;
      }
      Command command = out.remove(identifier);
      assertThat(command).as("answer of a command that is not out: " + identifier).isNotNull();
      byte[] data = read.remove(identifier);
      answered++;
      if (status != 0) {
        failed++;
        assertThat(data).as("data of a failed command").isNull();
      } else if (command.opcode == READ) {
        assertThat(data).as("data").isEqualTo(command.data(0, command.blocks * 512));
      }
    }

    void give() throws IOException {
      Received ready = asked.peek();
      if (ready == null) {
        return;
      }
      Command command = out.get(ready.i16(8));
      if (command == null) {
        // It has failed meanwhile; its data is due all the same.
        command = new Command(WRITE, 0, MOST_BLOCKS);
      }
      int left = ready.i32(16) - given;
      int bytes = random.nextInt(3) == 0 ? 1 + random.nextInt(left) : left;
      byte[] data = command.data(given, bytes);
      raw.offer(raw.data(ready.i16(8), ready.i16(10), given, data, bytes == left));
      given += bytes;
      if (bytes == left) {
        Received _ = asked.poll();
        given = 0;
      }
    }

    void begin(Command command, int fuse, boolean isInCapsule) {
      int identifier = newId();
      byte[] entry = RawHost.transfer(command.opcode, identifier, command.lba, command.blocks);
      entry[1] |= (byte) fuse;
      byte[] data = new byte[0];
      if (isInCapsule) {
        entry[39] = 1;
        data = command.data(0, command.blocks * 512);
      }
      Command before = out.put(identifier, command);
      assertThat(before).isNull();
      byte[] capsule = raw.capsule(entry, data);
      int cut = random.nextInt(4) == 0 ? random.nextInt(capsule.length) : 0;
      raw.offer(Arrays.copyOf(capsule, cut));
      if (cut > 0) {
        int _ = target.turn();
      }
      raw.offer(Arrays.copyOfRange(capsule, cut, capsule.length));
    }

    void admin(int opcode) {
      int identifier = newId();
      byte[] entry = RawHost.entry(opcode, identifier, 0, 0x5a, 4096);
      RawHost.set(entry, 40, opcode == 6 ? 1 : 1 | (1000 + random.nextInt(500)) << 16);
      Command before = out.put(identifier, new Command(opcode, 0, 0));
      assertThat(before).isNull();
      raw.offer(raw.capsule(entry, new byte[0]));
    }
  }

  /** A host with a controller. */
  private final class Host {
    private final Queue admin = new Queue();
    private final Queue[] queues = new Queue[QUEUES + 1];
    private final int controller;

    Host() throws IOException {
      controller = admin.raw.connectAdmin(random.nextInt(4) == 0 ? 1000 : 0);
      RawHost _ = admin.raw.enable();
    }

    void connect(int id) throws IOException {
      if (queues[id] == null) {
        queues[id] = new Queue();
        RawHost _ = queues[id].raw.connectIo(id, ENTRIES, controller);
      }
    }

    void cut(int id) throws IOException {
      Queue queue = queues[id];
      if (queue != null) {
        queues[id] = null;
        if (random.nextBoolean()) {
          byte[] capsule = queue.raw.capsule(RawHost.transfer(READ, 1, 0, 1), new byte[0]);
          queue.raw.offer(Arrays.copyOf(capsule, random.nextInt(capsule.length)));
        }
        queue.raw.close();
      }
    }

    void reset() throws IOException {
      byte[] entry = RawHost.set(RawHost.entry(0x7f, 1, 0, 0, 0), 44, 0x14);
      admin.raw.offer(admin.raw.capsule(RawHost.set(entry, 48, 0x460000), new byte[0]));
      target.step();
      // What was answered before the reset came before its answer.
      admin.take();
      admin.out.clear();
      admin.asked.clear();
      for (int id = 1; id <= QUEUES; id++) {
        if (queues[id] != null) {
          assertThat(queues[id].raw.hasEnded()).as("I/O queue after a reset").isTrue();
          cut(id);
        }
      }
      RawHost _ = admin.raw.enable();
    }

    void leave() throws IOException {
      if (random.nextBoolean()) {
        for (int id = 1; id <= QUEUES; id++) {
          cut(id);
        }
      }
      admin.raw.close();
      for (int id = 1; id <= QUEUES; id++) {
        cut(id);
      }
    }

    boolean isGone() throws IOException {
      return admin.raw.isGone() || admin.raw.hasEnded();
    }

    List<Queue> all() {
      List<Queue> all = new ArrayList<>(Arrays.asList(queues));
      all.removeIf(queue -> queue == null);
      all.add(admin);
      return all;
    }
  }

  @Test
  void eachCommandIsAnsweredOnceAndNothingIsLeft() throws IOException {
    System.out.println("seed " + seed);
    for (int step = 0; step < STEPS; step++) {
      try {
        step();
        if (step % 500 == 499) {
          settle();
        }
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ", step " + step + ", log " + target.log, e);
      }
    }
    System.out.println(answered + " answers, " + failed + " of failures");
    for (Host host : hosts) {
      host.leave();
    }
    settleMedia();
    target.assertIsEmpty();
    target.close();
  }

  private void step() throws IOException {
    if (hosts.size() < HOSTS && random.nextInt(20) == 0) {
      hosts.add(new Host());
    }
    if (hosts.isEmpty()) {
      return;
    }
    Host host = hosts.get(random.nextInt(hosts.size()));
    switch (random.nextInt(400)) {
      case 0, 1 -> {
        host.leave();
        boolean _ = hosts.remove(host);
        return;
      }
      case 2, 3 -> host.reset();
      case 4, 5, 6, 7 -> host.cut(1 + random.nextInt(QUEUES));
      case 8 -> media.isStuck = !media.isStuck;
      case 9 -> {
        target.pass(random.nextInt(1500));
        List<Host> gone = new ArrayList<>();
        for (Host each : hosts) {
          if (each.isGone()) {
            gone.add(each);
          }
        }
        for (Host each : gone) {
          each.leave();
          boolean _ = hosts.remove(each);
        }
        return;
      }
      default -> io(host);
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      int _ = target.turn();
    }
    for (Queue queue : host.all()) {
      queue.take();
      if (random.nextInt(3) > 0) {
        queue.give();
      }
    }
  }

  private void io(Host host) throws IOException {
    int id = 1 + random.nextInt(QUEUES);
    if (host.queues[id] == null && random.nextInt(4) == 0) {
      host.connect(id);
    }
    Queue queue = host.queues[id];
    if (queue == null || queue.out.size() >= ENTRIES - 2) {
      return;
    }
    long lba = random.nextInt((int) (SIZE / 512) - MOST_BLOCKS);
    int blocks = 1 + random.nextInt(MOST_BLOCKS);
    int few = 1 + random.nextInt(16);
    switch (random.nextInt(8)) {
      case 0, 1 -> queue.begin(new Command(READ, lba, blocks), 0, false);
      case 2, 3 -> queue.begin(new Command(WRITE, lba, blocks), 0, false);
      case 4 -> queue.begin(new Command(WRITE, lba, few), 0, true);
      case 5 -> {
        queue.begin(new Command(COMPARE, lba, few), 1, random.nextBoolean());
        queue.begin(new Command(WRITE, lba, few), 2, random.nextBoolean());
      }
      case 6 -> queue.begin(new Command(COMPARE, lba, few), 0, random.nextBoolean());
      default -> {
        if (host.admin.out.size() < 20) {
          host.admin.admin(random.nextInt(2) == 0 ? 6 : 8);
        }
      }
    }
  }

  private void settleMedia() {
    media.isStuck = false;
    for (int i = 0; i < 100_000 && media.out() > 0; i++) {
      int _ = target.turn();
    }
    target.step();
  }

  /** All that is out is answered, when hosts give what they are asked for. */
  private void settle() throws IOException {
    settleMedia();
    for (Host host : hosts) {
      for (Queue queue : host.all()) {
        for (int i = 0; i < 100 && !queue.out.isEmpty(); i++) {
          queue.take();
          queue.give();
          settleMedia();
        }
        queue.take();
        assertThat(queue.out).as("commands without an answer").isEmpty();
      }
    }
  }
}
