package sluice.nvme.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;

/**
 * A target that spoils what it says while a controller is brought up, from its first byte to what
 * it tells of itself: it comes up, or one line says why not, in time, and nothing is left behind.
 * {@code -Dsluice.fuzz.pdus} says how often, one time for 300 PDUs, and {@code -Dsluice.seed} what.
 */
class BringUpFuzzTest {
  private static final int TIMES = Integer.getInteger("sluice.fuzz.pdus", 30_000) / 300;
  private static final long DEADLINE_NANOS = Duration.ofSeconds(30).toNanos();

  private final long seed = Long.getLong("sluice.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final AtomicInteger left = new AtomicInteger();

  private byte[] spoil(byte[] pdu) {
    if (left.getAndDecrement() != 0) {
      return pdu;
    }
    return switch (random.nextInt(10)) {
      case 0 -> null;
      case 1 -> Arrays.copyOf(pdu, random.nextInt(pdu.length));
      case 2 -> Arrays.copyOf(pdu, pdu.length + 1 + random.nextInt(64));
      case 3 -> doubled(pdu);
      case 4 -> told(pdu.clone());
      default -> changed(pdu.clone());
    };
  }

  private static byte[] doubled(byte[] pdu) {
    byte[] twice = Arrays.copyOf(pdu, 2 * pdu.length);
    System.arraycopy(pdu, 0, twice, pdu.length, pdu.length);
    return twice;
  }

  /** Another result, or other data: a lie, and no fault of the PDU. */
  private byte[] told(byte[] pdu) {
    for (int i = 0; i < 64; i++) {
      int at = pdu[0] == 5 ? 8 + random.nextInt(8) : 8 + random.nextInt(pdu.length - 8);
      boolean isHeader = pdu[0] != 5 && at < 24;
      pdu[at] = isHeader ? pdu[at] : (byte) (random.nextBoolean() ? -1 : random.nextInt());
    }
    return pdu;
  }

  private byte[] changed(byte[] pdu) {
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes; i++) {
      pdu[random.nextInt(Math.min(pdu.length, 28))] = (byte) random.nextInt();
    }
    if (random.nextInt(4) == 0) {
      ByteBuffer.wrap(pdu).order(ByteOrder.LITTLE_ENDIAN).putInt(4, random.nextInt());
    }
    return pdu;
  }

  private static int descriptors() {
    return new File("/proc/self/fd").list().length;
  }

  private boolean open(TestTarget target, int time) {
    long start = System.nanoTime();
    try (NvmeController controller =
        Drives.open(
            DriveAddress.parse(target.address() + "?kato=0s&fence=0s&timeout=50ms"),
            ControllerOptions.defaults()
                .withIoTimeout(Duration.ofMillis(50))
                .withAdminTimeout(Duration.ofMillis(50)))) {
      use(controller);
      return true;
    } catch (NvmeException e) {
      assertThat(e.getMessage())
          .as("time %d, seed %d", time, seed)
          .isNotBlank()
          .startsWith("tcp://")
          .doesNotContain("\n");
      return false;
    } finally {
      assertThat(System.nanoTime() - start)
          .as("time %d, seed %d", time, seed)
          .isLessThan(DEADLINE_NANOS);
    }
  }

  private static void use(NvmeController controller) {
    if (controller.maxIoQueues() > 0) {
      try (IoQueue queue = controller.createIoQueue(Math.min(4, controller.maxQueueDepth()))) {
        assertThat(queue.outstanding()).isZero();
      }
    }
  }

  @Test
  void itComesUpOrSaysWhyNotAndLeavesNothingBehind() throws IOException, InterruptedException {
    int opened = 0;
    int first = 0;
    for (int time = 0; time < TIMES; time++) {
      TestTarget target = new TestTarget();
      target.spoil = this::spoil;
      left.set(random.nextInt(16));
      try {
        opened += open(target, time) ? 1 : 0;
      } finally {
        // It meets what it did itself.
        target.failures.clear();
        target.close();
      }
      target.awaitEnd();
      if (time == TIMES / 10) {
        first = descriptors();
      }
    }
    assertThat(descriptors()).as("descriptors, seed %d", seed).isLessThanOrEqualTo(first + 2);
    assertThat(opened).as("of %d, seed %d", TIMES, seed).isBetween(TIMES / 20, TIMES * 19 / 20);
  }
}
