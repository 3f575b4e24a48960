package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.IdentifyCns;
import sluice.nvme.spec.NamespaceDescriptors;
import sluice.nvme.spec.NamespaceList;
import sluice.nvme.spec.Registers;
import sluice.nvme.spec.Version;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.ConfigSpace;
import sluice.vfio.DmaMemory;
import sluice.vfio.PciFunction;

/**
 * Drives that refuse something while they are brought up, and known models: each is used as far as
 * it goes, with a word about what it does not do.
 */
class OddDriveTest extends OddDrives {
  // What a drive refuses while it is brought up.

  @Test
  void aDriveOfNvme10IsAskedForItsNamespacesOneByOne() {
    OddFunction function =
        new OddFunction(rig.function(TestDrive.TWO_NAMESPACES)) {
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
        new OddFunction(rig.function(TestDrive.TWO_NAMESPACES)) {
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
        new WatchedFunction(rig.function(TestDrive.BLOCKS_OF_512)) {
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
        new OddFunction(rig.function(TestDrive.BLOCKS_OF_512)) {
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
        new OddFunction(rig.function(TestDrive.BLOCKS_OF_512)) {
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
        new OddFunction(rig.function(TestDrive.TWO_NAMESPACES)) {
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

  // Known models.

  private OddFunction ofModel(int vendor, int device, BiConsumer<Long, Integer> admin) {
    PciFunction inner = rig.function(TestDrive.BLOCKS_OF_512);
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
}
