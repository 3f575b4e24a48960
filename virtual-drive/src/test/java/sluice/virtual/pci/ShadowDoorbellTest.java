package sluice.virtual.pci;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.virtual.command.DriveSettings;

/** Doorbell Buffer Config (NVMe 1.4, section 5.7). */
class ShadowDoorbellTest {
  private static final int QUEUE = 1;

  private final Host host = Host.ready(new DriveSettings().shadowDoorbells(true));
  private final DmaMemory shadows = host.memory(4096);
  private final DmaMemory events = host.memory(4096);

  @AfterEach
  void close() {
    host.close();
  }

  private int configure(long shadow, long event) {
    long entry = host.admin.begin(AdminOpcode.DOORBELL_BUFFER_CONFIG, 0);
    SubmissionEntry.prps(entry, shadow, event);
    return host.finish(host.admin).status();
  }

  private long tail(DmaMemory buffer) {
    return buffer.address() + 8L * QUEUE;
  }

  private long head(DmaMemory buffer) {
    return buffer.address() + 8L * QUEUE + 4;
  }

  private void flush(Host.Queue queue, int count) {
    for (int i = 0; i < count; i++) {
      queue.begin(IoOpcode.FLUSH, 1);
    }
  }

  /** A queue made before or after the configuration; registers are not written at all. */
  private void useShadowOnly(Host.Queue queue) {
    int posted = 0;
    for (int round = 1; round < 200; round++) {
      int batch = 1 + round % 7;
      flush(queue, batch);
      OffHeap.putIntRelease(tail(shadows), queue.tail);
      host.settle();
      for (int i = 0; i < batch; i++) {
        assertThat(queue.hasCompletion()).isTrue();
        queue.head = (queue.head + 1) % queue.entries;
        queue.phase ^= queue.head == 0 ? 1 : 0;
        posted++;
      }
      assertThat(queue.hasCompletion()).isFalse();
      OffHeap.putIntRelease(head(shadows), queue.head);
      assertThat(OffHeap.getInt(tail(events)))
          .as("EventIdx of an idle queue")
          .isEqualTo(queue.tail);
    }
    assertThat(posted).isGreaterThan(500);
  }

  @Test
  void aQueueThatIsThereAlready() {
    Host.Queue queue = host.createQueue(QUEUE, 8);
    for (int i = 0; i < 3; i++) {
      assertThat(host.io(queue, IoOpcode.FLUSH, 0, 1, null)).isZero();
    }
    assertThat(configure(shadows.iova(), events.iova())).isZero();
    assertThat(OffHeap.getInt(tail(shadows))).isEqualTo(3);
    assertThat(OffHeap.getInt(head(shadows))).isEqualTo(3);
    useShadowOnly(queue);
  }

  @Test
  void aQueueThatComesLater() {
    assertThat(configure(shadows.iova(), events.iova())).isZero();
    useShadowOnly(host.createQueue(QUEUE, 8));
  }

  @Test
  void theAdminQueueKeepsToItsRegister() {
    assertThat(configure(shadows.iova(), events.iova())).isZero();
    OffHeap.putInt(shadows.address(), 7);
    OffHeap.putInt(shadows.address() + 4, 7);
    assertThat(host.admin(AdminOpcode.GET_FEATURES, 0, null, 7).status()).isZero();
  }

  @Test
  void completionsWaitForTheShadowHead() {
    assertThat(configure(shadows.iova(), events.iova())).isZero();
    Host.Queue queue = host.createQueue(QUEUE, 4);
    flush(queue, 3);
    OffHeap.putIntRelease(tail(shadows), queue.tail);
    host.settle();
    flush(queue, 1);
    OffHeap.putIntRelease(tail(shadows), queue.tail);
    host.settle();
    assertThat(OffHeap.getInt(queue.cq.address() + 3 * 16 + 12)).as("the last entry").isZero();
    assertThat(OffHeap.getInt(head(events))).as("EventIdx of the full queue").isZero();
    OffHeap.putIntRelease(head(shadows), 3);
    host.settle();
    assertThat(OffHeap.getInt(queue.cq.address() + 3 * 16 + 12)).isNotZero();
  }

  @Test
  void aResetEndsIt() {
    assertThat(configure(shadows.iova(), events.iova())).isZero();
    host.writeCc(0);
    host.settle();
    host.enable();
    Host.Queue queue = host.createQueue(QUEUE, 8);
    OffHeap.putInt(tail(shadows), 5);
    assertThat(host.io(queue, IoOpcode.FLUSH, 0, 1, null)).isZero();
    assertThat(queue.hasCompletion()).isFalse();
  }

  @Test
  void buffersBeginAtAPage() {
    int invalid = StatusCode.INVALID_FIELD.statusDnr();
    assertThat(configure(shadows.iova() + 8, events.iova())).isEqualTo(invalid);
    assertThat(configure(shadows.iova(), events.iova() + 2048)).isEqualTo(invalid);
  }

  @Test
  void buffersThatAreNotThereAreRefused() {
    int error = StatusCode.DATA_TRANSFER_ERROR.status();
    long nowhere = 0x70000000L;
    assertThat(configure(nowhere, events.iova())).isEqualTo(error);
    assertThat(configure(shadows.iova(), nowhere)).isEqualTo(error);
    VirtualIommu iommu = host.drive.iommu();
    iommu.map(shadows.address(), nowhere, 4096, VirtualIommu.READ);
    assertThat(configure(nowhere, events.iova())).as("only to be read").isEqualTo(error);
    Host.Queue queue = host.createQueue(QUEUE, 8);
    assertThat(host.io(queue, IoOpcode.FLUSH, 0, 1, null)).isZero();
  }

  @Test
  void shadowsThatAreTakenAwayAreFatal() {
    assertThat(configure(shadows.iova(), events.iova())).isZero();
    host.createQueue(QUEUE, 8);
    host.function.dma().free(events);
    host.settle();
    assertThat(Csts.cfs(host.csts())).as("without EventIdx").isFalse();
    host.function.dma().free(shadows);
    host.settle();
    assertThat(Csts.cfs(host.csts())).isTrue();
  }

  @Test
  void shadowsOutOfReachForAWhileAreNotLost() {
    assertThat(configure(shadows.iova(), events.iova())).isZero();
    Host.Queue queue = host.createQueue(QUEUE, 8);
    host.drive.iommu().busMaster(false);
    host.settle();
    host.drive.iommu().busMaster(true);
    flush(queue, 1);
    OffHeap.putIntRelease(tail(shadows), queue.tail);
    host.settle();
    assertThat(Csts.cfs(host.csts())).isFalse();
    assertThat(queue.hasCompletion()).isTrue();
  }

  /** What was told once of a value is not told again, but that the shadow is gone has to be. */
  @Test
  void shadowsThatAreTakenAwayWhenTheirQueueHasABadTailAlreadyAreFatal() {
    assertThat(configure(shadows.iova(), events.iova())).isZero();
    host.createQueue(QUEUE, 8);
    OffHeap.putIntRelease(tail(shadows), 0xffff);
    host.settle();
    assertThat(Csts.cfs(host.csts())).isFalse();
    host.function.dma().free(shadows);
    host.settle();
    assertThat(Csts.cfs(host.csts())).isTrue();
  }

  @Test
  void shadowsThatAreTakenAwayWhileBusMasteringIsOffAreFatal() {
    assertThat(configure(shadows.iova(), events.iova())).isZero();
    host.createQueue(QUEUE, 8);
    host.drive.iommu().busMaster(false);
    host.settle();
    host.function.dma().free(shadows);
    host.settle();
    assertThat(Csts.cfs(host.csts())).isFalse();
    host.drive.iommu().busMaster(true);
    host.settle();
    assertThat(Csts.cfs(host.csts())).isTrue();
  }

  @Test
  void shadowsOutOfReachForAWhileAreNoInvalidDoorbell() {
    assertThat(configure(shadows.iova(), events.iova())).isZero();
    host.createQueue(QUEUE, 8);
    host.admin.begin(AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST, 0);
    host.admin.ring();
    host.settle();
    host.drive.iommu().busMaster(false);
    host.settle();
    host.drive.iommu().busMaster(true);
    host.settle();
    assertThat(host.admin.hasCompletion()).isFalse();
    assertThat(host.drive.controller().errorLog().count()).isZero();
  }
}
