package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import sluice.nvme.CompletionHandler;
import sluice.nvme.ControllerOptions;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.IdentifyCns;
import sluice.nvme.spec.Registers;
import sluice.queues.CompletionEntry;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.vfio.PciFunction;

/**
 * Whole lives of a controller (brought up, a few requests, shut down) on drives that say and do
 * anything. Whatever it is, the driver ends what it began in time, with nothing but an {@link
 * NvmeException}, and gives the function back. Each life has a seed; time passes with each look at
 * the clock. They are virtual drives wherever it runs.
 */
@Tag(GuestSuite.NOT_IN_GUESTS)
class HostileDriveTest {
  private static final int LIVES = Integer.getInteger("sluice.lives", 150);
  private static final int REQUESTS = 20;
  private static final long TICK = Duration.ofMillis(1).toNanos();

  /** Longer than all timeouts of one life after each other. */
  private static final Duration LONGEST_LIFE = Duration.ofMinutes(10);

  private static final int MEMORY_BYTES = 1 << 17;

  private final AtomicLong now = new AtomicLong();
  private final PciRig rig = new VirtualRig();

  private void live(LongFunction<WatchedFunction> drives) {
    long first = Long.getLong("sluice.seed", 1);
    for (long seed = first; seed < first + LIVES; seed++) {
      WatchedFunction function = drives.apply(seed);
      long born = now.get();
      try {
        live(function);
      } catch (NvmeException e) {
        // It has said what is wrong.
      } catch (RuntimeException | Error e) {
        throw new AssertionError("with -Dsluice.seed=" + seed, e);
      }
      assertThat(function.isClosed()).as("given back, seed %d", seed).isTrue();
      assertThat(Duration.ofNanos(now.get() - born))
          .as("how long life lasted, seed %d", seed)
          .isLessThan(LONGEST_LIFE);
    }
  }

  private void live(PciFunction function) {
    ControllerOptions options =
        ControllerOptions.defaults()
            .withIoTimeout(Duration.ofMillis(200))
            .withAdminTimeout(Duration.ofMillis(500))
            .withIdle(() -> work -> {})
            .withNanoClock(() -> now.addAndGet(TICK));
    try (NvmeController controller = PcieTransport.open(function, options)) {
      for (Namespace namespace : controller.namespaces()) {
        if (namespace.isUsable()) {
          use(controller, namespace);
          break;
        }
      }
      controller.admin().smartLog();
      controller.admin().errorLog(4);
      int _ = controller.poll();
    }
  }

  private void use(NvmeController controller, Namespace namespace) {
    try (IoQueue queue = controller.createIoQueue(Math.min(8, controller.maxQueueDepth()))) {
      DmaMemory memory = controller.dma().allocate(MEMORY_BYTES);
      int most =
          (int) Math.min(namespace.blocks(), Math.max(1, MEMORY_BYTES / namespace.blockSize()));
      int[] reported = new int[REQUESTS];
      CompletionHandler handler = (tag, status) -> reported[(int) tag]++;
      long start = now.get();
      for (int i = 0; i < REQUESTS || queue.outstanding() > 0; ) {
        int blocks = 1 + i * i % most;
        while (i < REQUESTS && request(queue, namespace, blocks, memory, i)) {
          i++;
        }
        int _ = queue.poll(handler);
        assertThat(Duration.ofNanos(now.get() - start)).isLessThan(LONGEST_LIFE);
      }
      assertThat(reported).as("each request is reported once").containsOnly(1);
    }
  }

  private static boolean request(
      IoQueue queue, Namespace namespace, int blocks, DmaMemory memory, int i) {
    return switch (i % 4) {
      case 0 -> queue.write(namespace, 0, blocks, memory, 0, i);
      case 1 -> queue.flush(namespace, i);
      case 2 -> queue.deallocate(namespace, 0, blocks, i);
      default -> queue.read(namespace, 0, blocks, memory, 0, i);
    };
  }

  @Test
  void drivesThatSayAnythingOfThemselves() {
    live(seed -> new Boasting(rig.function(TestDrive.TWO_NAMESPACES), new Random(seed)));
  }

  @Test
  void drivesWhoseRegistersSayAnything() {
    live(seed -> new Flickering(rig.function(TestDrive.BLOCKS_OF_512), new Random(seed)));
  }

  @Test
  void drivesThatAreGoneAtAnyAccessOfTheirRegisters() {
    live(seed -> new Leaving(rig.function(TestDrive.BLOCKS_OF_512), seed));
  }

  @Test
  void drivesThatStandStillFromAnyAccessOn() {
    live(seed -> new Standing(rig.function(TestDrive.BLOCKS_OF_512), seed));
  }

  @Test
  void drivesThatCompleteAnything() {
    live(seed -> new Lying(rig.function(TestDrive.BLOCKS_OF_512), new Random(seed)));
  }

  /** Identifies itself, and its namespaces, by what chance has made. */
  private static final class Boasting extends OddFunction {
    private final Random random;

    Boasting(PciFunction inner, Random random) {
      super(inner);
      this.random = random;
    }

    @Override
    void admin(long entry) {
      int opcode = SubmissionEntry.opcode(entry);
      int way = random.nextInt(4);
      if (opcode == AdminOpcode.GET_LOG_PAGE && way == 0) {
        fill(answer(entry), 1);
      } else if (opcode == AdminOpcode.IDENTIFY && way > 0) {
        int cns = IdentifyCns.cns(SubmissionEntry.cdw(entry, 10));
        long page = answer(entry);
        fill(page, way == 1 ? 1 : 9);
        if (cns == IdentifyCns.NAMESPACE && way == 2) {
          plausible(page);
        } else if (cns == IdentifyCns.ACTIVE_NAMESPACES && way > 1) {
          OffHeap.zero(page, 4096);
          OffHeap.putInt(page, 1);
        }
      }
    }

    private void fill(long page, int sparseness) {
      for (int at = 0; at < 4096; at += Integer.BYTES) {
        OffHeap.putInt(page + at, random.nextInt(sparseness) == 0 ? random.nextInt() : 0);
      }
    }

    /** A namespace that can be used, of any size, in blocks of any size. */
    private void plausible(long page) {
      OffHeap.zero(page, 4096);
      OffHeap.putLong(page, 1 + random.nextInt(200_000));
      for (int format = 0; format < 64; format++) {
        OffHeap.putInt(page + 128 + 4L * format, (9 + random.nextInt(8)) << 16);
      }
    }
  }

  /** Has other capabilities than it has, or registers of which now and then a bit turns over. */
  private static final class Flickering extends WatchedFunction {
    private final Random random;
    private final int otherCapabilities;
    private final int rate;

    Flickering(PciFunction inner, Random random) {
      super(inner);
      this.random = random;
      this.otherCapabilities = random.nextInt(3) == 0 ? 0 : 1 << random.nextInt(32);
      this.rate = 3 + random.nextInt(30);
    }

    @Override
    int read(long offset, int value) {
      if (offset <= Registers.CAP + 4) {
        return offset == Registers.CAP + 4 ? value ^ otherCapabilities : value;
      }
      if (random.nextInt(rate) != 0) {
        return value;
      }
      return random.nextInt(8) == 0 ? random.nextInt() : value ^ (1 << random.nextInt(32));
    }
  }

  /** Reads all ones from the given access on. */
  private static final class Leaving extends WatchedFunction {
    private long accesses;

    Leaving(PciFunction inner, long accesses) {
      super(inner);
      this.accesses = accesses;
    }

    @Override
    int read(long offset, int value) {
      return --accesses < 0 ? -1 : value;
    }

    @Override
    boolean passes(long offset, int value) {
      return --accesses >= 0;
    }

    @Override
    public boolean isPresent() {
      return accesses >= 0 && super.isPresent();
    }
  }

  /** Takes no write any more from the given one on, for good or until it is to be disabled. */
  private static final class Standing extends WatchedFunction {
    private final boolean isForGood;
    private long writes;
    private boolean stands;

    Standing(PciFunction inner, long seed) {
      super(inner);
      this.isForGood = seed % 2 == 0;
      this.writes = seed / 2;
    }

    @Override
    boolean passes(long offset, int value) {
      stands |= --writes == 0;
      stands &= isForGood || offset != Registers.CC;
      return !stands;
    }

    @Override
    public int poll() {
      return stands ? 0 : super.poll();
    }
  }

  /** Writes into completion queues what is none: other phases, commands, queues, statuses. */
  private static final class Lying extends OddFunction {
    private final Random random;
    private final int rate;
    private final List<Ring> rings = new ArrayList<>();
    private long acq;
    private boolean isOver;

    /** A completion queue, as the drive knows it. */
    private record Ring(long iova, int entries) {}

    Lying(PciFunction inner, Random random) {
      super(inner);
      this.random = random;
      this.rate = 1 + random.nextInt(60);
    }

    @Override
    boolean passes(long offset, int value) {
      if (offset == Registers.ACQ) {
        acq = Integer.toUnsignedLong(value);
      } else if (offset == Registers.ACQ + 4) {
        rings.clear();
        rings.add(new Ring(acq | (long) value << 32, 32));
      }
      return super.passes(offset, value);
    }

    @Override
    void admin(long entry) {
      int opcode = SubmissionEntry.opcode(entry);
      if (opcode == AdminOpcode.CREATE_IO_COMPLETION_QUEUE) {
        int entries = (SubmissionEntry.cdw(entry, 10) >>> 16) + 1;
        rings.add(new Ring(SubmissionEntry.prp1(entry), entries));
      } else if (opcode == AdminOpcode.DELETE_IO_SUBMISSION_QUEUE && rings.size() > 1) {
        rings.removeLast();
      }
    }

    @Override
    void beforeClose() {
      isOver = true;
    }

    @Override
    public int poll() {
      int work = super.poll();
      if (!isOver && !rings.isEmpty() && random.nextInt(rate) == 0) {
        lie(rings.get(random.nextInt(rings.size())));
      }
      return work;
    }

    private void lie(Ring ring) {
      long base;
      try {
        base = addressOf(ring.iova);
      } catch (NoSuchElementException e) {
        return;
      }
      long at = base + (long) CompletionEntry.BYTES * random.nextInt(ring.entries);
      long from = base + (long) CompletionEntry.BYTES * random.nextInt(ring.entries);
      switch (random.nextInt(4)) {
        case 0 -> OffHeap.putInt(at + 12, OffHeap.getInt(at + 12) ^ 1 << 16);
        case 1 -> OffHeap.putInt(at + 12, OffHeap.getInt(at + 12) ^ 1 << random.nextInt(32));
        case 2 -> OffHeap.putInt(at + 8, random.nextInt());
        default -> {
          OffHeap.putLong(at, OffHeap.getLong(from));
          OffHeap.putLong(at + 8, OffHeap.getLong(from + 8));
        }
      }
    }
  }
}
