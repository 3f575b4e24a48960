package sluice.virtual.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import sluice.virtual.tcp.RawHost.Received;

/**
 * Hosts that send nonsense, or what is nearly right: lengths, types, offsets, digests, order, in
 * pieces, and half of it. After each the target has nothing left of it, and serves on.
 */
class TargetFuzzTest {
  private static final int PDUS = Integer.getInteger("sluice.fuzz.pdus", 20_000);
  private static final int ENTRIES = 16;
  private static final int PDUS_OF_A_HOST = 60;
  private static final long MOST_BYTES = 32 << 20;

  private final long seed = Long.getLong("sluice.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final SteppedTarget target = new SteppedTarget("memory?size=16M&ns=2&mdts=7");
  private final Deque<Received> asked = new ArrayDeque<>();
  private int sent;

  @Test
  void nonsenseHarmsNobody() throws IOException {
    System.out.println("seed " + seed);
    int descriptors = descriptors();
    int hosts = 0;
    while (sent < PDUS) {
      hosts++;
      try {
        host();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ", host " + hosts + ", PDU " + sent, e);
      }
    }
    System.out.println(sent + " PDUs of " + hosts + " hosts");
    assertThat(descriptors()).as("descriptors").isLessThanOrEqualTo(descriptors + 2);
    target.close();
  }

  private static int descriptors() throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      int count = 0;
      for (Path _ : all) {
        count++;
      }
      return count;
    }
  }

  /** A host that comes, is right for a while, and then is not. */
  private void host() throws IOException {
    asked.clear();
    target.log.clear();
    boolean header = random.nextBoolean();
    boolean data = random.nextBoolean();
    try (RawHost admin = new RawHost(target)) {
      if (random.nextInt(10) == 0) {
        admin.send(spoil(RawHost.initialize(0, random.nextInt(4), random.nextInt(4), 0)));
        sent++;
        target.step();
        return;
      }
      int controller = admin.agree(header, data).connectAdmin(random.nextInt(3) * 1000);
      RawHost _ = admin.enable();
      try (RawHost io = new RawHost(target).agree(header, data).connectIo(1, ENTRIES, controller)) {
        for (int i = 0; i < PDUS_OF_A_HOST && !io.isGone() && !admin.isGone(); i++) {
          RawHost host = random.nextInt(8) == 0 ? admin : io;
          inPieces(host, random.nextInt(15) == 0 ? spoil(next(host)) : next(host));
          sent++;
          take(io.drain());
          take(admin.drain());
          assertThat(target.bytesOut()).as("kept for hosts").isLessThan(MOST_BYTES);
        }
      }
    }
    target.pass(3_000);
    target.assertIsEmpty();
  }

  private void take(List<Received> all) {
    for (Received pdu : all) {
      if (pdu.type() == 9) {
        asked.add(pdu);
      }
    }
  }

  private byte[] next(RawHost host) {
    int identifier = random.nextInt(2 * ENTRIES);
    return switch (random.nextInt(8)) {
      case 0 -> host.capsule(admin(identifier), new byte[random.nextInt(3) * 512]);
      case 1, 2 -> host.capsule(transfer(2, identifier), new byte[0]);
      case 3 -> {
        byte[] entry = transfer(1, identifier);
        yield host.capsule(entry, new byte[0]);
      }
      case 4 -> {
        int blocks = 1 + random.nextInt(16);
        byte[] entry = transfer(1, identifier);
        RawHost.set(entry, 48, blocks - 1);
        RawHost.set(entry, 32, blocks * 512);
        entry[39] = 1;
        yield host.capsule(entry, new byte[blocks * 512]);
      }
      case 5, 6 -> answer(host, identifier);
      default -> {
        byte[] noise = new byte[8 + random.nextInt(200)];
        random.nextBytes(noise);
        noise[0] = (byte) random.nextInt(12);
        yield random.nextInt(10) == 0 ? noise : host.capsule(transfer(9, identifier), new byte[16]);
      }
    };
  }

  /** Data that was asked for, or some that was not. */
  private byte[] answer(RawHost host, int identifier) {
    Received ready = asked.poll();
    if (ready == null && random.nextInt(20) > 0) {
      return host.capsule(RawHost.entry(0, identifier, 1, 0, 0), new byte[0]);
    }
    if (ready == null) {
      return host.data(identifier, random.nextInt(8), 0, new byte[512], true);
    }
    int length = ready.i32(16);
    if (random.nextInt(30) == 0) {
      length = 1 + random.nextInt(2 * length);
    }
    return host.data(ready.i16(8), ready.i16(10), ready.i32(12), new byte[length], true);
  }

  private byte[] admin(int identifier) {
    int[] opcodes = {0, 1, 2, 4, 5, 6, 8, 9, 0x0a, 0x0c, 0x18, 0x7f, 0x7c, random.nextInt(256)};
    byte[] entry =
        RawHost.entry(
            opcodes[random.nextInt(opcodes.length)],
            identifier,
            random.nextInt(4),
            random.nextInt(4) == 0 ? 1 : 0x5a,
            random.nextInt(3) * 2048);
    RawHost.set(entry, 40, random.nextInt(0x100) | random.nextInt(4) << 16);
    return RawHost.set(entry, 44, random.nextInt(64));
  }

  private byte[] transfer(int opcode, int identifier) {
    byte[] entry =
        RawHost.transfer(opcode, identifier, random.nextInt(20_000), 1 + random.nextInt(64));
    RawHost.set(entry, 4, 1 + random.nextInt(2));
    if (random.nextInt(20) == 0) {
      entry[1] |= (byte) (1 + random.nextInt(3));
    }
    return entry;
  }

  /** Changes some of what was right. */
  private byte[] spoil(byte[] pdu) {
    byte[] spoiled = pdu.clone();
    switch (random.nextInt(5)) {
      case 0 -> spoiled[random.nextInt(8)] ^= (byte) (1 << random.nextInt(8));
      case 1 -> {
        for (int i = 0; i < 1 + random.nextInt(4); i++) {
          spoiled[random.nextInt(Math.min(spoiled.length, 72))] = (byte) random.nextInt();
        }
      }
      case 2 -> spoiled[random.nextInt(spoiled.length)] ^= (byte) (1 << random.nextInt(8));
      case 3 -> spoiled = Arrays.copyOf(spoiled, random.nextInt(spoiled.length));
      default -> spoiled = Arrays.copyOf(spoiled, spoiled.length + random.nextInt(64));
    }
    return spoiled;
  }

  private void inPieces(RawHost host, byte[] pdu) throws IOException {
    int most = random.nextInt(4) == 0 ? 1 + random.nextInt(40) : pdu.length;
    for (int at = 0; at < pdu.length && !host.isGone(); at += most) {
      host.offer(Arrays.copyOfRange(pdu, at, Math.min(pdu.length, at + most)));
      int _ = target.turn();
    }
    for (int i = 0; i < 3; i++) {
      int _ = target.turn();
    }
  }
}
