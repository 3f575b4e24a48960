package sluice.virtual.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.virtual.command.DriveSettings;

/** What happens while the media takes its time, step by step. */
class SlowMediaTest {
  private final ManualMedia media = new ManualMedia(16 << 20);

  private Host host(DriveSettings settings) {
    Host host = new Host(settings, media);
    host.enable();
    return host;
  }

  private static void fuse(Host.Queue queue, int half, Runnable post) {
    long entry = queue.sq.address() + queue.tail * 64L;
    post.run();
    OffHeap.putInt(entry, OffHeap.getInt(entry) | half << 8);
  }

  private static List<Integer> statuses(Host.Queue queue) {
    List<Integer> statuses = new ArrayList<>();
    while (queue.hasCompletion()) {
      statuses.add(queue.take().status());
    }
    return statuses;
  }

  @Test
  void aWriteThatEndsAfterTheCacheWasSwitchedOffIsFlushed() {
    try (Host host = host(new DriveSettings())) {
      Host.Queue queue = host.createQueue(1, 16);
      host.post(queue, IoOpcode.WRITE, 1, 0, 8, 0, host.memory(4096));
      queue.ring();
      host.settle();
      long entry = host.admin.begin(AdminOpcode.SET_FEATURES, 0);
      SubmissionEntry.cdw(entry, 10, Feature.setCdw10(Feature.VOLATILE_WRITE_CACHE, false));
      host.admin.ring();
      host.settle();
      assertThat(media.end("flush")).isTrue();
      host.settle();
      assertThat(host.admin.take().status()).as("the cache is off").isZero();
      assertThat(media.end("write")).isTrue();
      host.settle();
      assertThat(queue.hasCompletion()).as("answered before it is flushed").isFalse();
      assertThat(media.end("flush")).isTrue();
      host.settle();
      assertThat(statuses(queue)).containsExactly(0);
    }
  }

  @Test
  void aShutdownIsNotCompleteWhileAWriteIsOnItsWay() {
    try (Host host = new Host(new DriveSettings(), media)) {
      Silent memory = new Silent();
      host.drive.iommu().remote(memory);
      host.enable();
      Host.Queue queue = host.createQueue(1, 16);
      DmaMemory data = host.memory(4096);
      host.drive.iommu().unmap(data.iova(), 4096);
      host.drive.iommu().mapRemote(data.iova(), 4096, 3);
      host.post(queue, IoOpcode.WRITE, 1, 0, 8, 0, data);
      queue.ring();
      host.settle();
      assertThat(memory.asked).as("who waits for the data").isNotNull();
      host.writeCc(Cc.shn(Host.enabledCc(), Cc.SHN_NORMAL));
      host.settle();
      assertThat(Csts.shst(host.csts())).isEqualTo(Csts.SHST_OCCURRING);
      assertThat(media.log).isEmpty();
      memory.asked.moved(true);
      host.settle();
      assertThat(media.end("write")).isTrue();
      host.settle();
      assertThat(Csts.shst(host.csts())).isEqualTo(Csts.SHST_OCCURRING);
      assertThat(media.end("flush")).isTrue();
      host.settle();
      assertThat(Csts.shst(host.csts())).isEqualTo(Csts.SHST_COMPLETE);
      assertThat(media.log).endsWith("begin flush", "end flush");
    }
  }

  /** A host that is asked, and answers when the test does. */
  private static final class Silent implements RemoteMemory {
    private User asked;

    @Override
    public int maxTransfer() {
      return 1 << 20;
    }

    @Override
    public boolean read(long iova, long address, long length, User user) {
      asked = user;
      return true;
    }

    @Override
    public boolean write(long iova, long address, long length, User user) {
      return false;
    }

    @Override
    public void forget(User user) {
      asked = null;
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theSecondOfAFusedPairWaitsForTheFlushOfTheFirst(boolean isFlushed) {
    try (Host host = host(new DriveSettings())) {
      Host.Queue queue = host.createQueue(1, 16);
      DmaMemory data = host.memory(4096);
      fuse(queue, 1, () -> host.post(queue, IoOpcode.COMPARE, 1, 0, 8, IoCommand.FUA, data));
      fuse(queue, 2, () -> host.post(queue, IoOpcode.WRITE, 1, 0, 8, 0, data));
      host.post(queue, IoOpcode.READ, 1, 0, 8, 0, data);
      queue.ring();
      host.settle();
      assertThat(media.end("read")).isTrue();
      host.settle();
      assertThat(media.log).as("with nothing between").endsWith("end read", "begin flush");
      media.flushStatus = isFlushed ? 0 : StatusCode.WRITE_FAULT.statusDnr();
      assertThat(media.end("flush")).isTrue();
      host.settle();
      assertThat(media.end("write")).as("the second half is done").isEqualTo(isFlushed);
      host.settle();
      assertThat(media.end("read")).as("the next command has the blocks").isTrue();
      host.settle();
      int failed = StatusCode.ABORTED_FAILED_FUSED.status();
      assertThat(statuses(queue))
          .containsExactlyElementsOf(
              isFlushed ? List.of(0, 0, 0) : List.of(media.flushStatus, failed, 0));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 12, 0})
  void manySmallWritesAreUnderWayWhateverTheLargestTransfer(int mdts) {
    try (Host host = host(new DriveSettings().mdts(mdts))) {
      Host.Queue queue = host.createQueue(1, 64);
      DmaMemory data = host.memory(4096);
      for (int i = 0; i < 32; i++) {
        host.post(queue, IoOpcode.WRITE, 1, i * 8L, 8, 0, data);
      }
      queue.ring();
      host.settle();
      assertThat(media.underWay()).isEqualTo(32);
    }
  }
}
