package sluice.nvme.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/**
 * A target whose PDUs are spoiled at random: each request ends in time, and no byte beside its
 * memory changes; the controller is reset for most of them. {@code -Dsluice.fuzz.pdus} says how
 * many, a request for 100 PDUs, and {@code -Dsluice.seed} which. See {@link ConnectionFuzzTest} for
 * a connection alone, and more of them.
 */
class TcpFuzzTest {
  private static final int REQUESTS = Integer.getInteger("sluice.fuzz.pdus", 30_000) / 100;
  private static final long DEADLINE_NANOS = Duration.ofSeconds(30).toNanos();
  private static final int GUARD = 16 << 10;
  private static final int MOST_BYTES = 32 << 10;
  private static final byte GUARDED = 0x33;

  private final long seed = Long.getLong("sluice.seed", System.nanoTime());
  private final Random spoiling = new Random(seed);
  private final Random asking = new Random(~seed);
  private int reported;

  @ParameterizedTest
  @ValueSource(strings = {"", "&hdgst=yes&ddgst=yes"})
  void everyRequestEndsAndNothingElseChanges(String options) throws IOException {
    TestTarget target = new TestTarget();
    target.inCapsule = 0;
    target.readyBytes = 6000;
    target.dataBytes = 5000;
    target.spoilIo = this::spoil;
    try (NvmeController controller =
            Drives.open(
                DriveAddress.parse(target.address() + "?kato=0s&fence=0s" + options),
                ControllerOptions.defaults().withIoTimeout(Duration.ofMillis(40)));
        IoQueue queue = controller.createIoQueue(8)) {
      Namespace namespace = controller.namespace(1);
      DmaMemory memory = controller.dma().allocate(2L * GUARD + MOST_BYTES);
      memory.segment().fill(GUARDED);
      for (int request = 0; request < REQUESTS; request++) {
        run(queue, namespace, memory, request);
      }
    } finally {
      // It meets what it did itself.
      target.failures.clear();
      target.close();
    }
  }

  private synchronized byte[] spoil(byte[] pdu) {
    if (spoiling.nextInt(4) > 0) {
      return pdu;
    }
    return switch (spoiling.nextInt(8)) {
      case 0 -> null;
      case 1 -> Arrays.copyOf(pdu, spoiling.nextInt(pdu.length));
      case 2 -> Arrays.copyOf(pdu, pdu.length + 1 + spoiling.nextInt(64));
      default -> changed(pdu.clone());
    };
  }

  private byte[] changed(byte[] pdu) {
    int changes = 1 + spoiling.nextInt(3);
    for (int i = 0; i < changes; i++) {
      pdu[spoiling.nextInt(Math.min(pdu.length, 28))] = (byte) spoiling.nextInt();
    }
    return pdu;
  }

  private void run(IoQueue queue, Namespace namespace, DmaMemory memory, int request) {
    int blocks = 1 + asking.nextInt(MOST_BYTES / TestTarget.BLOCK);
    boolean writes = asking.nextBoolean();
    reported = 0;
    long start = System.nanoTime();
    while (!ask(queue, namespace, memory, blocks, writes)) {
      poll(queue, start, request);
    }
    while (reported == 0) {
      poll(queue, start, request);
    }
    long end = GUARD + (long) blocks * TestTarget.BLOCK;
    requireGuarded(memory, 0, GUARD, request);
    requireGuarded(memory, end, memory.size(), request);
    memory.segment().asSlice(GUARD, end - GUARD).fill(GUARDED);
  }

  private static boolean ask(
      IoQueue queue, Namespace namespace, DmaMemory memory, int blocks, boolean writes) {
    return writes
        ? queue.write(namespace, 8, blocks, memory, GUARD, 1)
        : queue.read(namespace, 8, blocks, memory, GUARD, 1);
  }

  private void poll(IoQueue queue, long start, int request) {
    assertThat(System.nanoTime() - start)
        .as("time of request %d, seed %d, %s", request, seed, queue)
        .isLessThan(DEADLINE_NANOS);
    int _ = queue.poll((tag, status) -> reported++);
  }

  private void requireGuarded(DmaMemory memory, long from, long to, int request) {
    for (long at = from; at < to; at++) {
      if (OffHeap.getByte(memory.address() + at) != GUARDED) {
        throw new AssertionError(
            "byte %d was changed by request %d, seed %d".formatted(at, request, seed));
      }
    }
  }
}
