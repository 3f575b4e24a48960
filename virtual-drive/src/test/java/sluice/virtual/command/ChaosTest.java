package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Aqa;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.QueueCommand;
import sluice.nvme.spec.Registers;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.pci.Host;
import sluice.virtual.pci.VirtualIommu;
import sluice.virtual.personality.Personalities;

/**
 * A host that does anything: queues, lists and data on top of each other, doorbells that cannot be,
 * registers at random, resets and unmappings at any time. The drive throws nothing, touches no
 * memory that is not mapped to it and no bytes that are not there, and is as good as new after a
 * reset.
 */
class ChaosTest {
  private static final int PAGE = 4096;
  private static final int PAGES = 32;
  private static final long FIRST_IOVA = 0x1000_0000L;
  private static final int STEPS = 20_000;
  private static final long BYTES = 1 << 20;

  /** Media that remembers whether it was asked for what is not there. */
  private static final class Guarded extends MediaProxy {
    String outside;

    Guarded() {
      super(new MemoryBackend(BYTES));
    }

    private void check(String what, long offset, long length) {
      if (offset < 0 || length < 0 || offset > BYTES - length || ((offset | length) & 511) != 0) {
        outside = what + " " + offset + " " + length;
      }
    }

    @Override
    public void read(long offset, long address, long length) {
      check("read", offset, length);
      super.read(offset, address, length);
    }

    @Override
    public void write(long offset, long address, long length) {
      check("write", offset, length);
      super.write(offset, address, length);
    }

    @Override
    public void zero(long offset, long length) {
      check("zero", offset, length);
      super.zero(offset, length);
    }
  }

  private final Guarded media = new Guarded();
  private SplittableRandom random;
  private Host host;
  private MemorySegment memory;
  private final boolean[] isMapped = new boolean[PAGES];

  @ParameterizedTest
  @CsvSource({
    "1, latency=0ns",
    "2, latency=20us",
    "3, latency=10us&stuck=count:5-60&error=lba:3-9:write-fault",
    "4, latency=5us&pause=100us&every=1ms&flip=lba:0-100",
    "5, latency=0ns"
  })
  void nothingButTheHostItselfIsHarmed(long seed, String options) {
    random = new SplittableRandom(seed);
    DriveSettings settings =
        new DriveSettings().namespaces(2).ioQueues(3).queueEntries(64).shadowDoorbells(seed > 2);
    try (Arena arena = Arena.ofConfined();
        Host made = new Host(settings, Personalities.of(options), media)) {
      host = made;
      memory = arena.allocate((long) PAGES * PAGE, PAGE);
      for (int page = 0; page < PAGES; page++) {
        map(page);
      }
      start();
      for (int i = 0; i < STEPS; i++) {
        act();
        if (random.nextInt(4) == 0) {
          host.step();
        }
        if (i % 8 == 0) {
          host.clock.advance(random.nextInt(100_000));
        }
        assertThat(media.outside).as("seed %d, step %d", seed, i).isNull();
      }
      recover();
    }
  }

  private static long iova(int page) {
    return FIRST_IOVA + (long) page * PAGE;
  }

  private long iova() {
    return iova(random.nextInt(PAGES));
  }

  private void map(int page) {
    if (!isMapped[page]) {
      isMapped[page] = true;
      host.function
          .iommu()
          .map(
              memory.address() + (long) page * PAGE,
              iova(page),
              PAGE,
              VirtualIommu.READ | VirtualIommu.WRITE);
    }
  }

  /** Takes a page away, has the drive work without it, and looks whether it was touched. */
  private void withoutAPage() {
    int page = random.nextInt(PAGES);
    if (!isMapped[page]) {
      return;
    }
    isMapped[page] = false;
    assertThat(host.function.iommu().unmap(iova(page), PAGE)).isEqualTo(PAGE);
    MemorySegment taken = memory.asSlice((long) page * PAGE, PAGE);
    byte[] before = taken.toArray(ValueLayout.JAVA_BYTE);
    for (int i = 0; i < 3; i++) {
      host.step();
      host.clock.advance(30_000);
    }
    assertThat(taken.mismatch(MemorySegment.ofArray(before))).as("page %d", page).isEqualTo(-1);
    map(page);
  }

  private void start() {
    host.bar.write32(Registers.AQA, Aqa.of(2 + random.nextInt(63), 2 + random.nextInt(63)));
    host.bar.write64(Registers.ASQ, iova());
    host.bar.write64(Registers.ACQ, iova());
    host.writeCc(Host.enabledCc());
  }

  private void act() {
    switch (random.nextInt(400)) {
      case 0 -> host.writeCc(random.nextInt());
      case 1, 2 -> {
        host.writeCc(0);
        start();
      }
      case 3 -> host.writeCc(host.bar.read32(Registers.CC) ^ (1 + random.nextInt(2)) << 14);
      case 4 -> host.function.reset();
      case 5 -> host.function.config().enableBusMaster();
      case 6 -> host.bar.write32(random.nextInt(0x400) * 4L, random.nextInt());
      case 7, 8, 9 -> withoutAPage();
      case 10 -> host.function.iommu().busMaster(false);
      case 11, 12 -> host.function.iommu().busMaster(true);
      case 13, 14 -> {
        if ((host.csts() & 3) != 1) {
          host.function.reset();
          host.function.config().enableBusMaster();
          start();
        }
      }
      default -> {
        if (random.nextInt(3) == 0) {
          ring();
        } else {
          write();
        }
      }
    }
  }

  private void ring() {
    int index = random.nextInt(10);
    int value =
        switch (random.nextInt(8)) {
          case 0 -> random.nextInt();
          case 1 -> 0xffff;
          default -> random.nextInt(70);
        };
    host.bar.write32(Registers.DOORBELLS + 4L * index, value);
  }

  /** A command somewhere in memory, where some queue may be. */
  private void write() {
    long entry = memory.address() + 64L * random.nextInt(PAGES * PAGE / 64);
    for (int i = 0; i < 64; i += 8) {
      OffHeap.putLong(entry + i, random.nextInt(4) == 0 ? random.nextLong() : 0);
    }
    boolean isAdmin = random.nextBoolean();
    int opcode =
        isAdmin
            ? new int[] {
                  AdminOpcode.CREATE_IO_COMPLETION_QUEUE,
                  AdminOpcode.CREATE_IO_SUBMISSION_QUEUE,
                  AdminOpcode.DELETE_IO_SUBMISSION_QUEUE,
                  AdminOpcode.DELETE_IO_COMPLETION_QUEUE,
                  AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST,
                  AdminOpcode.ABORT,
                  AdminOpcode.IDENTIFY,
                  AdminOpcode.GET_LOG_PAGE,
                  AdminOpcode.SET_FEATURES,
                  AdminOpcode.GET_FEATURES,
                  AdminOpcode.DOORBELL_BUFFER_CONFIG,
                  random.nextInt(256)
                }
                [random.nextInt(12)]
            : random.nextInt(12);
    int fuse = random.nextInt(6) == 0 ? random.nextInt(4) << 8 : 0;
    OffHeap.putInt(entry, opcode | fuse | random.nextInt(64) << 16);
    OffHeap.putInt(entry + 4, random.nextInt(8) == 0 ? random.nextInt() : random.nextInt(4));
    SubmissionEntry.prps(entry, iova() + small(), iova() + small());
    if (isAdmin) {
      SubmissionEntry.cdw(entry, 10, random.nextInt(4) | random.nextInt(64) << 16);
      SubmissionEntry.cdw(entry, 11, random.nextInt(8) | random.nextInt(4) << 16);
    } else {
      SubmissionEntry.cdw10And11(entry, random.nextInt(1100));
      SubmissionEntry.cdw(entry, 12, random.nextInt(64) | random.nextInt(4) << 30);
    }
  }

  private int small() {
    return random.nextInt(3) == 0 ? random.nextInt(PAGE) : 0;
  }

  private void recover() {
    host.function.reset();
    host.function.config().enableBusMaster();
    host.writeCc(0);
    host.settle();
    assertThat(host.csts()).isZero();
    host.admin.tail = 0;
    host.admin.head = 0;
    host.admin.phase = 1;
    host.admin.cq.segment().fill((byte) 0);
    host.bar.write32(Registers.AQA, Aqa.of(Host.ADMIN_ENTRIES, Host.ADMIN_ENTRIES));
    host.bar.write64(Registers.ASQ, host.admin.sq.iova());
    host.bar.write64(Registers.ACQ, host.admin.cq.iova());
    host.writeCc(Host.enabledCc());
    turns();
    assertThat(host.csts()).isEqualTo(Csts.rdy(0, true));
    Host.Queue queue = host.new Queue(1, 16);
    create(AdminOpcode.CREATE_IO_COMPLETION_QUEUE, queue.cq, 1);
    create(AdminOpcode.CREATE_IO_SUBMISSION_QUEUE, queue.sq, QueueCommand.submissionCdw11(1));
    DmaMemory data = host.memory(PAGE);
    Host.fill(data, 9);
    int[] opcodes = {IoOpcode.WRITE, IoOpcode.COMPARE};
    for (int opcode : opcodes) {
      host.post(queue, opcode, 1, 200, 8, 0, data);
      queue.ring();
      turns();
      assertThat(queue.take().status()).isZero();
    }
  }

  private void create(int opcode, DmaMemory at, int cdw11) {
    long entry = host.admin.begin(opcode, 0);
    SubmissionEntry.prps(entry, at.iova(), 0);
    SubmissionEntry.cdw(entry, 10, QueueCommand.cdw10(1, 16));
    SubmissionEntry.cdw(entry, 11, cdw11);
    host.admin.ring();
    turns();
    assertThat(host.admin.take().status()).isZero();
  }

  private void turns() {
    for (int i = 0; i < 100; i++) {
      host.step();
      host.clock.advance(50_000);
    }
  }
}
