package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.nvme.IoQueue;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.IdentifyNamespace;
import sluice.nvme.spec.Version;

/** What a drive says of itself (NVM Express 1.4, sections 3.1.1, 5.15 and 5.21.1.7). */
class IdentifyTest extends ConformanceTest {
  @ParameterizedTest
  @EnumSource
  void theControllerIsWhatWasAskedFor(TestDrive drive) {
    NvmeController controller = open(drive);
    IdentifyController identify = controller.identify();
    assertThat(identify.mdts()).isEqualTo(drive.mdts());
    assertThat(identify.sn()).isNotBlank();
    assertThat(identify.mn()).isNotBlank();
    assertThat(identify.fr()).isNotBlank();
    assertThat(identify.sqes()).as("entries of 64 bytes, required and at most").isEqualTo(0x66);
    assertThat(identify.cqes()).as("entries of 16 bytes, required and at most").isEqualTo(0x44);
    assertThat(identify.nn()).isGreaterThanOrEqualTo(drive.namespaces());
    assertThat(identify.wctemp()).isPositive();
    assertThat(identify.cctemp()).isGreaterThanOrEqualTo(identify.wctemp());
    assertThat(identify.oncs())
        .as("optional commands that the suite relies on")
        .satisfies(oncs -> {
          assertThat(oncs & IdentifyController.ONCS_COMPARE).isNotZero();
          assertThat(oncs & IdentifyController.ONCS_DATASET_MANAGEMENT).isNotZero();
          assertThat(oncs & IdentifyController.ONCS_WRITE_ZEROES).isNotZero();
        });
  }

  @Test
  void theVersionIsOneThatTheDriverKnows() {
    NvmeController controller = open(TestDrive.BLOCKS_OF_512);
    assertThat(controller.version()).isGreaterThanOrEqualTo(Version.V1_4);
    assertThat(controller.identify().ver()).isEqualTo(controller.version());
    assertThat(Cap.mqes(controller.capabilities())).isEqualTo(controller.maxQueueDepth());
  }

  @ParameterizedTest
  @EnumSource
  void theNamespacesAreWhatWasAskedFor(TestDrive drive) {
    NvmeController controller = open(drive);
    List<Integer> ids = new ArrayList<>();
    for (Namespace namespace : controller.namespaces()) {
      ids.add(namespace.id());
      assertThat(namespace.isUsable()).isTrue();
      assertThat(namespace.blockSize()).isEqualTo(drive.blockSize());
      assertThat(namespace.bytes()).isEqualTo(drive.namespaceBytes());
      assertThat(namespace.maxTransferBytes()).isEqualTo(drive.maxTransferBytes());
      IdentifyNamespace identify = namespace.identify();
      assertThat(identify.ncap()).isEqualTo(namespace.blocks());
      assertThat(identify.nuse()).isLessThanOrEqualTo(namespace.blocks());
      assertThat(identify.metadataBytes()).isZero();
      assertThat(identify.isProtected()).isFalse();
    }
    List<Integer> expected = drive.namespaces() == 1 ? List.of(1) : List.of(1, 2);
    assertThat(ids).isEqualTo(expected);
    assertThat(controller.admin().activeNamespaces()).isEqualTo(expected);
  }

  @Test
  void thePagesAreTheSameWhenReadAgain() {
    NvmeController controller = open(TestDrive.TWO_NAMESPACES);
    assertThat(controller.admin().identifyController().sn()).isEqualTo(controller.identify().sn());
    assertThat(controller.admin().identifyNamespace(2).nsze())
        .isEqualTo(controller.namespace(2).blocks());
  }

  @Test
  void aNamespaceThatIsNotThereIsNamed() {
    NvmeController controller = open(TestDrive.BLOCKS_OF_512);
    assertThatThrownBy(() -> controller.namespace(7))
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining(
            " has no namespace 7, but [namespace 1 (131072 blocks of 512 bytes)]");
  }

  @ParameterizedTest
  @EnumSource
  void asManyQueuesAsAskedForAndNotOneMore(TestDrive drive) {
    NvmeController controller = open(drive);
    assertThat(controller.maxIoQueues()).isEqualTo(drive.ioQueues());
    List<IoQueue> queues = new ArrayList<>();
    for (int i = 1; i <= drive.ioQueues(); i++) {
      IoQueue queue = controller.createIoQueue(2);
      assertThat(queue.id()).isEqualTo(i);
      queues.add(queue);
    }
    assertThatThrownBy(() -> controller.createIoQueue(2))
        .isInstanceOf(NvmeException.class)
        .hasMessageEndingWith(" has no more than " + drive.ioQueues() + " I/O queues");
    queues.getLast().close();
    assertThat(controller.createIoQueue(2).id()).isEqualTo(drive.ioQueues());
  }
}
