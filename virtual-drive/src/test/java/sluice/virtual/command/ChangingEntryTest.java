package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.spec.DatasetManagementRange;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.pci.Host;
import sluice.virtual.pci.RemoteMemory;
import sluice.virtual.pci.VirtualIommu;
import sluice.virtual.personality.Personality;

/** A host that changes an entry after it rang: what the drive took is what counts. */
class ChangingEntryTest {
  private static final int BLOCK = 512;
  private static final long NAMESPACE_BYTES = 8 << 20;
  private static final long LAST = NAMESPACE_BYTES / BLOCK - 1;

  /** Media that tells what is asked of it, and lets something happen then. */
  private static final class Watched extends MediaProxy {
    final List<String> calls = new ArrayList<>();
    Runnable onCall = () -> {};
    private boolean isRecording;

    Watched() {
      super(new MemoryBackend(2 * NAMESPACE_BYTES));
    }

    void record(Runnable action) {
      onCall = action;
      isRecording = true;
    }

    private void called(String what, long offset, long length) {
      if (isRecording) {
        calls.add(what + " " + offset + " " + length);
        onCall.run();
      }
    }

    @Override
    public void read(long offset, long address, long length) {
      called("read", offset, length);
      super.read(offset, address, length);
    }

    @Override
    public void write(long offset, long address, long length) {
      called("write", offset, length);
      super.write(offset, address, length);
    }

    @Override
    public void zero(long offset, long length) {
      called("zero", offset, length);
      super.zero(offset, length);
    }

    @Override
    public long requestFlush(long offset, long length) {
      called("flush", offset, length);
      return super.requestFlush(offset, length);
    }
  }

  private final Watched media = new Watched();

  private Host host() {
    return Host.ready(new DriveSettings().namespaces(2), Personality.PLAIN, media);
  }

  private static long entry(Host.Queue queue) {
    return queue.sq.address() + SubmissionEntry.BYTES * (long) Math.floorMod(queue.tail - 1, 16);
  }

  @Test
  void isNotAskedAgainWhetherItsDataHasToBeDurable() {
    try (Host host = host()) {
      Host.Queue queue = host.createQueue(1, 16);
      DmaMemory data = host.memory(4096);
      host.post(queue, IoOpcode.WRITE, 1, 0, 1, 0, data);
      long cdw12 = entry(queue) + 0x30;
      media.record(() -> OffHeap.putInt(cdw12, IoCommand.FUA));
      assertThat(host.finish(queue).status()).isZero();
      assertThat(media.calls).containsExactly("write 0 512");
    }
  }

  @Test
  void thatComesByMessagesIsNotAskedAgainWhatToDoWithItsRanges() {
    try (Host host = host()) {
      Host.Queue queue = host.createQueue(1, 16);
      DmaMemory ranges = host.memory(4096);
      DatasetManagementRange.length(ranges.address(), 1);
      host.function.iommu().unmap(ranges.iova(), 4096);
      host.function.iommu().mapRemote(ranges.iova(), 4096, VirtualIommu.READ);
      long entry = queue.begin(IoOpcode.DATASET_MANAGEMENT, 1);
      SubmissionEntry.prps(entry, ranges.iova(), 0);
      host.function.iommu().remote(new Changing(ranges, entry + 0x2c));
      media.record(() -> {});
      assertThat(host.finish(queue).status()).isZero();
      assertThat(media.calls).as("nothing was to be deallocated").isEmpty();
    }
  }

  /** Memory that changes an entry's CDW11 when it is read. */
  private record Changing(DmaMemory memory, long cdw11) implements RemoteMemory {
    @Override
    public int maxTransfer() {
      return 4096;
    }

    @Override
    public boolean read(long iova, long address, long length, User user) {
      OffHeap.copy(memory.address(), address, length);
      OffHeap.putInt(cdw11, DatasetManagementRange.DEALLOCATE);
      user.moved(true);
      return true;
    }

    @Override
    public boolean write(long iova, long address, long length, User user) {
      user.moved(false);
      return true;
    }

    @Override
    public void forget(User user) {}
  }

  /** The last block of a namespace, with a number of blocks that another thread turns to 8. */
  @ParameterizedTest
  @ValueSource(ints = {IoOpcode.WRITE, IoOpcode.READ, IoOpcode.COMPARE})
  void underAnotherThreadNeverReachesTheNextNamespace(int opcode) throws Exception {
    try (Host host = host()) {
      Host.Queue queue = host.createQueue(1, 16);
      DmaMemory data = host.memory(4096);
      long entries = queue.sq.address();
      Thread other = Thread.ofPlatform().daemon().unstarted(() -> flip(entries));
      media.record(() -> {});
      other.start();
      try {
        for (int i = 0; i < 20_000; i++) {
          media.calls.clear();
          host.post(queue, opcode, 1, LAST, 1, 0, data);
          check(opcode, host.finish(queue).status(), i);
        }
      } finally {
        other.interrupt();
        other.join();
      }
    }
  }

  private void check(int opcode, int status, int commands) {
    if (status == 0) {
      String call = (opcode == IoOpcode.WRITE ? "write " : "read ") + LAST * BLOCK + " 512";
      assertThat(media.calls).as("after %d commands", commands).containsExactly(call);
    } else {
      assertThat(status).isEqualTo(StatusCode.LBA_OUT_OF_RANGE.statusDnr());
      assertThat(media.calls).as("after %d commands", commands).isEmpty();
    }
  }

  private static void flip(long entries) {
    for (int value = 0; !Thread.currentThread().isInterrupted(); value ^= 7) {
      for (int i = 0; i < 16; i++) {
        OffHeap.putIntRelease(entries + (long) i * SubmissionEntry.BYTES + 0x30, value);
      }
    }
  }
}
