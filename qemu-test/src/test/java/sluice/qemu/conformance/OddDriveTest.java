package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.LongPredicate;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.nvme.CommandFailedException;
import sluice.nvme.ControllerOptions;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.IdentifyCns;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.NamespaceDescriptors;
import sluice.nvme.spec.NamespaceList;
import sluice.nvme.spec.QueueCommand;
import sluice.nvme.spec.Registers;
import sluice.nvme.spec.Version;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.Bar;
import sluice.vfio.ConfigSpace;
import sluice.vfio.DmaMemory;
import sluice.vfio.PciFunction;

/**
 * Drives as they are in the field: old, particular, or half broken. Each is used as far as it goes,
 * with a word about what it does not do.
 */
class OddDriveTest extends ConformanceTest {
  private static final Duration TICK = Duration.ofMillis(10);
  private static final Duration REST = Duration.ofNanos(500_000);

  private final List<String> notices = new CopyOnWriteArrayList<>();
  private final AtomicLong now = new AtomicLong();

  private ControllerOptions telling() {
    return options().withOnNotice(notices::add);
  }

  /**
   * Every look at the clock is a tick. A drive of another process answers in its own time, so a
   * wait of a minute here has to last for some seconds.
   */
  private ControllerOptions ticking() {
    return telling()
        .withIdle(() -> work -> LockSupport.parkNanos(REST.toNanos()))
        .withNanoClock(() -> now.getAndAdd(TICK.toNanos()));
  }

  private NvmeController open(PciFunction function) {
    return own(PcieTransport.open(function, telling()));
  }

  /** A drive that refuses some admin commands. */
  private OddFunction refusing(TestDrive drive, LongPredicate refused) {
    return new OddFunction(rig.open(drive)) {
      @Override
      void admin(long entry) {
        if (refused.test(entry)) {
          refuse(entry);
        }
      }
    };
  }

  private static boolean is(long entry, int opcode) {
    return SubmissionEntry.opcode(entry) == opcode;
  }

  private static boolean identifies(long entry, int cns) {
    return is(entry, AdminOpcode.IDENTIFY)
        && IdentifyCns.cns(SubmissionEntry.cdw(entry, 10)) == cns;
  }

  private static boolean setsFeature(long entry, int fid) {
    return is(entry, AdminOpcode.SET_FEATURES)
        && Feature.fid(SubmissionEntry.cdw(entry, 10)) == fid;
  }

  private void assertToldOnly(String what) {
    assertThat(notices).singleElement(InstanceOfAssertFactories.STRING).contains(" " + what);
  }

  private void assertWorks(NvmeController controller) {
    Pump pump = pump(controller, 4);
    DmaMemory memory = controller.dma().allocate(4096);
    pump.succeed(tag -> pump.queue().read(controller.namespace(1), 0, 8, memory, 0, tag));
    pump.queue().close();
  }

  // What a drive refuses while it is brought up.

  @Test
  void aDriveOfNvme10IsAskedForItsNamespacesOneByOne() {
    OddFunction function =
        new OddFunction(rig.open(TestDrive.TWO_NAMESPACES)) {
          @Override
          int read(long offset, int value) {
            return offset == Registers.VS ? Version.V1_0 : value;
          }

          @Override
          void admin(long entry) {
            if (identifies(entry, IdentifyCns.ACTIVE_NAMESPACES)) {
              refuse(entry);
            }
          }
        };
    NvmeController controller = open(function);
    assertThat(controller.namespaces()).extracting(Namespace::id).containsExactly(1, 2);
    assertThat(notices).isEmpty();
    assertWorks(controller);
  }

  @Test
  void aDriveThatDoesNotListItsNamespacesIsAskedOneByOne() {
    NvmeController controller =
        open(
            refusing(
                TestDrive.TWO_NAMESPACES,
                entry -> identifies(entry, IdentifyCns.ACTIVE_NAMESPACES)));
    assertThat(controller.namespaces()).extracting(Namespace::id).containsExactly(1, 2);
    assertToldOnly("does not list its namespaces, which are asked for one by one: Invalid");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 'lists namespace 2 behind namespace 2'", // the same for ever
    "1, 'lists 16384 namespaces, and more'", // always more
  })
  void aDriveWhoseListOfNamespacesHasNoEndIsAskedOneByOne(int step, String what) {
    OddFunction function =
        new OddFunction(rig.open(TestDrive.TWO_NAMESPACES)) {
          @Override
          void admin(long entry) {
            if (identifies(entry, IdentifyCns.ACTIVE_NAMESPACES)) {
              int first = SubmissionEntry.nsid(entry);
              long page = answer(entry);
              for (int i = 0; i < NamespaceList.ENTRIES; i++) {
                int nsid = step == 0 ? Math.min(i, 1) + 1 : first + i + 1;
                OffHeap.putInt(page + 4L * i, nsid);
              }
            }
          }
        };
    NvmeController controller = open(function);
    assertThat(controller.namespaces()).extracting(Namespace::id).containsExactly(1, 2);
    assertToldOnly("is asked for its namespaces one by one: " + function.address() + " " + what);
  }

  @Test
  void aDriveWhoseDoorbellsDoNotLieInItsRegistersIsRefused() {
    WatchedFunction function =
        new WatchedFunction(rig.open(TestDrive.BLOCKS_OF_512)) {
          @Override
          int read(long offset, int value) {
            return offset == Registers.CAP + 4 ? value | 0xf : value;
          }
        };
    assertThatThrownBy(() -> PcieTransport.open(function, telling()))
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining(" says that its doorbells are 131072 bytes apart");
    assertThat(function.isClosed()).isTrue();
  }

  @Test
  void aDriveWhoseEventsCannotBeChosenIsUsedWithoutThem() {
    NvmeController controller =
        open(
            refusing(
                TestDrive.BLOCKS_OF_512,
                entry -> setsFeature(entry, Feature.ASYNCHRONOUS_EVENT_CONFIGURATION)));
    assertToldOnly("does not let its events be chosen, and may tell none: Invalid");
    assertWorks(controller);
  }

  @Test
  void aNamespaceThatDoesNotIdentifyItselfIsLeftOut() {
    NvmeController controller =
        open(
            refusing(
                TestDrive.TWO_NAMESPACES,
                entry ->
                    identifies(entry, IdentifyCns.NAMESPACE) && SubmissionEntry.nsid(entry) == 2));
    assertThat(controller.namespaces()).extracting(Namespace::id).containsExactly(1);
    assertToldOnly("does not identify its namespace 2, which is left out: Invalid");
    assertThat(controller.notices()).hasSize(1).first().asString().startsWith("does not identify");
    assertWorks(controller);
  }

  @Test
  void shadowDoorbellsThatAreOfferedAndRefusedAreDoneWithout() {
    boolean[] refuses = {true};
    NvmeController controller =
        open(
            refusing(
                TestDrive.BLOCKS_OF_512,
                entry -> refuses[0] && is(entry, AdminOpcode.DOORBELL_BUFFER_CONFIG)));
    assertThat(PcieTransport.of(controller).orElseThrow().usesShadowDoorbells()).isFalse();
    assertToldOnly("refuses the shadow doorbells that it offers");
    assertWorks(controller);
    Pump pump = pump(controller, 4);
    DmaMemory memory = controller.dma().allocate(4096);
    // They may come and go with a reset.
    for (boolean each : new boolean[] {false, true, false}) {
      refuses[0] = each;
      controller.reset();
      pump.queue().poll(pump);
      assertThat(PcieTransport.of(controller).orElseThrow().usesShadowDoorbells()).isEqualTo(!each);
      pump.succeed(tag -> pump.queue().read(controller.namespace(1), 0, 8, memory, 0, tag));
    }
  }

  @Test
  void aDriveThatGivesNoQueuesCanBeAskedForItsState() {
    NvmeController controller =
        open(
            refusing(
                TestDrive.BLOCKS_OF_512, entry -> setsFeature(entry, Feature.NUMBER_OF_QUEUES)));
    assertToldOnly("gives no I/O queues, so that only its state can be read: Invalid");
    assertThat(controller.admin().smartLog().compositeTemperature()).isPositive();
    assertThat(controller.namespaces()).hasSize(1);
    assertThatThrownBy(() -> controller.createIoQueue(4))
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining("gives no I/O queues");
  }

  @Test
  void aDriveThatNamesNoCommandSetHasTheUsualOne() {
    OddFunction function =
        new OddFunction(rig.open(TestDrive.BLOCKS_OF_512)) {
          @Override
          int read(long offset, int value) {
            return offset == Registers.CAP + 4
                ? (int) (Cap.css((long) value << 32, 0) >>> 32)
                : value;
          }
        };
    assertWorks(open(function));
  }

  @Test
  void aDriveWhosePagesAreLargerThanOursWorks() {
    OddFunction function =
        new OddFunction(rig.open(TestDrive.BLOCKS_OF_512)) {
          @Override
          int read(long offset, int value) {
            return offset == Registers.CAP + 4
                ? (int) (Cap.mpsmin((long) value << 32, 1) >>> 32)
                : value;
          }
        };
    NvmeController controller = open(function);
    for (int i = 1; i <= 6; i++) {
      // Every second page is where a ring cannot begin.
      DmaMemory odd = controller.dma().allocate(4096L * (1 + i % 2));
      assertThat(odd.size()).isPositive();
      Pump pump = pump(controller, 60 + i);
      DmaMemory memory = controller.dma().allocate(256 << 10);
      Bytes.fill(memory, 0, 128 << 10, i);
      pump.succeed(tag -> pump.queue().write(controller.namespace(1), 0, 256, memory, 0, tag));
      int half = 128 << 10;
      pump.succeed(tag -> pump.queue().read(controller.namespace(1), 0, 256, memory, half, tag));
      assertThat(Bytes.mismatch(memory, half, half, i)).isEqualTo(Bytes.NONE);
    }
  }

  @Test
  void aZonedNamespaceIsNotUsable() {
    OddFunction function =
        new OddFunction(rig.open(TestDrive.TWO_NAMESPACES)) {
          @Override
          int read(long offset, int value) {
            return offset == Registers.CAP + 4
                ? value | (int) (Cap.css(0, Cap.CSS_SEVERAL) >>> 32)
                : value;
          }

          @Override
          void admin(long entry) {
            if (identifies(entry, IdentifyCns.NAMESPACE_DESCRIPTORS)) {
              byte commandSet = (byte) (SubmissionEntry.nsid(entry) == 2 ? 2 : 0);
              var page = OffHeap.segment(answer(entry), NamespaceDescriptors.BYTES);
              new NamespaceDescriptors(page).add(NamespaceDescriptors.CSI, new byte[] {commandSet});
            }
          }
        };
    NvmeController controller = open(function);
    assertThat(controller.namespaces())
        .extracting(Namespace::isUsable)
        .containsExactly(true, false);
    assertThatThrownBy(() -> controller.namespace(2))
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining("it is zoned");
    IoQueue queue = controller.createIoQueue(2);
    DmaMemory memory = controller.dma().allocate(4096);
    assertThatThrownBy(() -> queue.write(controller.namespaces().get(1), 0, 1, memory, 0, 1))
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining("it is zoned");
    assertWorks(controller);
  }

  // Queues.

  @Test
  void aQueueThatIsRefusedAndNotLetGoOfCostsItsIdentifierOnly() {
    boolean[] refuses = {true};
    OddFunction function =
        refusing(
            TestDrive.BLOCKS_OF_512,
            entry ->
                refuses[0]
                    && (is(entry, AdminOpcode.CREATE_IO_SUBMISSION_QUEUE)
                        || is(entry, AdminOpcode.DELETE_IO_COMPLETION_QUEUE)));
    NvmeController controller = open(function);
    int before = function.allocations();
    assertThatThrownBy(() -> controller.createIoQueue(4))
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining("keeps its completion queue 1");
    assertThat(function.allocations()).as("its memory may be written to").isGreaterThan(before);
    refuses[0] = false;
    IoQueue second = controller.createIoQueue(4);
    assertThat(second.id()).isEqualTo(2);
    controller.reset();
    assertThat(controller.createIoQueue(4).id()).as("after a reset").isEqualTo(1);
  }

  @Test
  void aQueueThatIsRefusedLeavesNothingBehind() {
    boolean[] refuses = {true};
    OddFunction function =
        refusing(
            TestDrive.BLOCKS_OF_512,
            entry -> refuses[0] && is(entry, AdminOpcode.CREATE_IO_SUBMISSION_QUEUE));
    NvmeController controller = open(function);
    int before = function.allocations();
    assertThatThrownBy(() -> controller.createIoQueue(4))
        .isInstanceOf(CommandFailedException.class);
    assertThat(function.allocations()).isEqualTo(before);
    refuses[0] = false;
    assertThat(controller.createIoQueue(4).id()).isEqualTo(1);
  }

  @Test
  void ringsHavePowersOfTwoOfEntriesWhereTheDriveTakesThem() {
    Set<Integer> entries = new HashSet<>();
    OddFunction function =
        new OddFunction(rig.open(TestDrive.BLOCKS_OF_512)) {
          @Override
          void admin(long entry) {
            if (is(entry, AdminOpcode.CREATE_IO_SUBMISSION_QUEUE)) {
              entries.add(QueueCommand.entries(SubmissionEntry.cdw(entry, 10)));
            }
          }
        };
    NvmeController controller = open(function);
    for (int depth : new int[] {1, 2, 3, 64, 100, 128}) {
      controller.createIoQueue(depth).close();
    }
    assertThat(entries).containsExactlyInAnyOrder(2, 4, 128, 256);
  }

  @Test
  void aDriveOfTheSmallestQueuesWorks() {
    OddFunction function =
        new OddFunction(rig.open(TestDrive.BLOCKS_OF_512)) {
          @Override
          int read(long offset, int value) {
            return offset == Registers.CAP ? value & ~0xffff : value;
          }
        };
    NvmeController controller = open(function);
    assertThat(controller.maxQueueDepth()).as("of MQES 0, which there is not").isEqualTo(1);
    Pump pump = pump(controller, 1);
    DmaMemory memory = controller.dma().allocate(4096);
    for (int i = 0; i < 10; i++) {
      pump.succeed(tag -> pump.queue().read(controller.namespace(1), 0, 8, memory, 0, tag));
    }
  }

  @Test
  void rangesToDeallocateHaveAZeroedPageEach() {
    WatchedFunction function = new WatchedFunction(rig.open(TestDrive.BLOCKS_OF_512));
    NvmeController controller = own(PcieTransport.open(function, telling()));
    Namespace namespace = controller.namespace(1);
    Pump pump = pump(controller, 63);
    long ring = function.lastAllocated(64 * SubmissionEntry.BYTES).address();
    int most = 0;
    while (pump.queue().deallocate(namespace, most * 8L, 8, most)) {
      most++;
    }
    assertThat(most).as("out at once").isEqualTo(32);
    Set<Long> pages = new HashSet<>();
    for (int i = 0; i < most; i++) {
      long prp1 = SubmissionEntry.prp1(ring + (long) i * SubmissionEntry.BYTES);
      assertThat(prp1 & 4095).isZero();
      pages.add(prp1);
      long page = function.addressOf(prp1);
      for (int at = 16; at < 4096; at += 8) {
        assertThat(OffHeap.getLong(page + at)).isZero();
      }
    }
    assertThat(pages).hasSize(most);
    pump.finish();
    assertThat(pump.takeSuccesses()).isEqualTo(most);
    for (int round = 0; round < 100; round++) {
      int each = round;
      pump.submit(() -> pump.queue().deallocate(namespace, each * 8L, 8, each));
    }
    pump.finish();
    assertThat(pump.takeSuccesses()).isEqualTo(100);
  }

  // Known models.

  private OddFunction ofModel(int vendor, int device, BiConsumer<Long, Integer> admin) {
    PciFunction inner = rig.open(TestDrive.BLOCKS_OF_512);
    ConfigSpace config = inner.config();
    return new OddFunction(inner) {
      @Override
      void admin(long entry) {
        admin.accept(entry, SubmissionEntry.opcode(entry));
      }

      @Override
      public ConfigSpace config() {
        return new ConfigSpace() {
          @Override
          public int read32(int offset) {
            return offset == VENDOR_ID ? device << 16 | vendor : config.read32(offset);
          }

          @Override
          public void write32(int offset, int value) {
            config.write32(offset, value);
          }

          @Override
          public void write16(int offset, int value) {
            config.write16(offset, value);
          }
        };
      }
    };
  }

  @Test
  void anAppleDriveIsRefusedByName() {
    OddFunction apple = ofModel(0x106b, 0x2005, (entry, opcode) -> {});
    assertThatThrownBy(() -> PcieTransport.open(apple, telling()))
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining("is an Apple drive");
    assertThat(apple.isClosed()).isTrue();
  }

  @Test
  void queuesOfIntels600pAreOfMediumPriority() {
    int[] priority = new int[1];
    OddFunction intel =
        ofModel(
            0x8086,
            0xf1a5,
            (entry, opcode) -> {
              if (opcode == AdminOpcode.CREATE_IO_SUBMISSION_QUEUE) {
                priority[0] = SubmissionEntry.cdw(entry, 11) >>> 1 & 3;
              }
            });
    NvmeController controller = open(intel);
    IoQueue queue = controller.createIoQueue(2);
    assertThat(priority[0]).isEqualTo(2);
    assertThatThrownBy(() -> queue.writeZeroes(controller.namespace(1), 0, 8, false, 1))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("Write Zeroes");
  }

  @Test
  void aPm1725IsLeftAloneForAWhileAfterItWasDisabled() {
    OddFunction samsung = ofModel(0x144d, 0xa821, (entry, opcode) -> {});
    NvmeController controller = own(PcieTransport.open(samsung, ticking()));
    long before = now.get();
    controller.reset();
    assertThat(Duration.ofNanos(now.get() - before)).isGreaterThan(Duration.ofMillis(2300));
    assertWorks(controller);
  }

  // Shutdown.

  /** Says what the test wants of CSTS once it was told to shut down. */
  private static class Resting extends OddFunction {
    private boolean shutsDown;

    Resting(PciFunction inner) {
      super(inner);
    }

    int resting(int csts) {
      return csts;
    }

    @Override
    boolean passes(long offset, int value) {
      if (offset == Registers.CC) {
        shutsDown = Cc.shn(value) != 0;
      }
      return super.passes(offset, value);
    }

    @Override
    int read(long offset, int value) {
      return offset == Registers.CSTS && shutsDown ? resting(value) : value;
    }
  }

  private Resting dropsReady(PciFunction inner) {
    return new Resting(inner) {
      @Override
      int resting(int csts) {
        return Csts.shst(csts) == Csts.SHST_COMPLETE ? Csts.rdy(csts, false) : csts;
      }
    };
  }

  @Test
  void aDriveThatIsNotReadyAnyMoreWhenItIsShutDownClosesAtOnce() {
    NvmeController controller =
        PcieTransport.open(dropsReady(rig.open(TestDrive.BLOCKS_OF_512)), ticking());
    controller.close();
    assertThat(notices).isEmpty();
  }

  @Test
  void aDriveThatSomebodyElseHasShutDownIsOpenedAtOnce() {
    Resting function = dropsReady(rig.open(TestDrive.BLOCKS_OF_512));
    Bar bar = function.bar(0);
    RawController raw = new RawController(function).enable();
    bar.write32(Registers.CC, Cc.shn(RawController.CC_ENABLED, Cc.SHN_NORMAL));
    raw.awaitStatus("shut down", csts -> Csts.shst(csts) == Csts.SHST_COMPLETE);
    assertThat(Csts.rdy(bar.read32(Registers.CSTS))).isFalse();
    NvmeController controller = own(PcieTransport.open(function, ticking()));
    assertThat(Duration.ofNanos(now.get()).toMillis())
        .isLessThan(Cap.timeoutMillis(controller.capabilities()));
    assertThat(notices).isEmpty();
    assertWorks(controller);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 10", // it does not say
    "20000000, 20",
    "4294967295, 60", // more than an hour
  })
  void aShutdownThatTakesForeverIsToldAndNoError(long rtd3eMicros, int seconds) {
    Resting function =
        new Resting(rig.open(TestDrive.BLOCKS_OF_512)) {
          @Override
          void admin(long entry) {
            if (identifies(entry, IdentifyCns.CONTROLLER)) {
              new IdentifyController(OffHeap.segment(answer(entry), IdentifyController.BYTES))
                  .rtd3e(rtd3eMicros);
            }
          }

          @Override
          int resting(int csts) {
            return Csts.shst(csts, Csts.SHST_OCCURRING);
          }
        };
    NvmeController controller = PcieTransport.open(function, ticking());
    long before = now.get();
    controller.close();
    assertThat(function.isClosed()).isTrue();
    assertToldOnly("does not shut down in good order: ");
    assertThat(Duration.ofNanos(now.get() - before))
        .isBetween(Duration.ofSeconds(seconds), Duration.ofSeconds(seconds + 1));
  }

  // Closing under a thread that is at it.

  @Test
  void memoryIsNotTakenFromUnderAThreadThatIsInTheMiddleOfAPoll() throws Exception {
    WatchedFunction function = new WatchedFunction(own(rig.open(TestDrive.BLOCKS_OF_512)));
    NvmeController controller =
        PcieTransport.open(function, telling().withAdminTimeout(Duration.ofMillis(50)));
    IoQueue queue = controller.createIoQueue(4);
    assertThat(queue.flush(controller.namespace(1), 1)).isTrue();
    CountDownLatch in = new CountDownLatch(1);
    CountDownLatch out = new CountDownLatch(1);
    Thread owner = Thread.ofPlatform().start(() -> pollAndStay(queue, in, out));
    in.await();
    controller.close();
    assertThat(function.isClosed()).isFalse();
    assertToldOnly("is still in use by a thread, and keeps its memory until this process ends");
    out.countDown();
    owner.join();
    assertThatThrownBy(() -> queue.poll((tag, status) -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith(" is closed");
  }

  @Test
  void aThreadThatIsInTheMiddleOfAPollIsWaitedFor() throws Exception {
    WatchedFunction function = new WatchedFunction(rig.open(TestDrive.BLOCKS_OF_512));
    NvmeController controller = own(PcieTransport.open(function, telling()));
    IoQueue queue = controller.createIoQueue(4);
    assertThat(queue.flush(controller.namespace(1), 1)).isTrue();
    CountDownLatch in = new CountDownLatch(1);
    CountDownLatch out = new CountDownLatch(1);
    Thread owner = Thread.ofPlatform().start(() -> pollAndStay(queue, in, out));
    in.await();
    Thread closer = Thread.ofPlatform().start(controller::close);
    Deadline deadline = new Deadline("closing to begin");
    while (!controller.toString().endsWith(", closed")) {
      deadline.check();
    }
    assertThat(function.isClosed()).isFalse();
    out.countDown();
    closer.join();
    owner.join();
    assertThat(function.isClosed()).isTrue();
    assertThat(notices).isEmpty();
  }

  /** Polls until something completes, and then stays in the handler. */
  private static void pollAndStay(IoQueue queue, CountDownLatch in, CountDownLatch out) {
    Deadline deadline = new Deadline("a completion");
    while (in.getCount() > 0) {
      queue.poll((tag, status) -> {
        in.countDown();
        try {
          out.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      });
      deadline.check();
    }
  }
}
