package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.DatasetManagementRange;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.linux.LinuxException;
import sluice.vfio.DmaMemory;
import sluice.virtual.media.Backend;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.media.VolatileCache;
import sluice.virtual.pci.Host;
import sluice.virtual.personality.Personality;

/** What is on the media when, and what is read from it. */
class DurabilityTest {
  private final List<String> reads = new ArrayList<>();
  private long badFrom = Long.MAX_VALUE;

  private final VolatileCache cache =
      new VolatileCache(
          new MediaProxy(new MemoryBackend(16 << 20)) {
            @Override
            public void read(long offset, long address, long length) {
              reads.add(offset + " " + length);
              if (offset + length > badFrom) {
                throw new LinuxException("pread", "d.img", LinuxException.EIO, "gone");
              }
              super.read(offset, address, length);
            }
          },
          512);
  private final Host host = Host.ready(new DriveSettings(), Personality.PLAIN, cache);
  private final Host.Queue queue = host.createQueue(1, 16);
  private final DmaMemory data = host.memory(4096);

  @AfterEach
  void close() {
    host.close();
  }

  private int run(int opcode, long lba, int blocks, int flags) {
    host.post(queue, opcode, 1, lba, blocks, flags, data);
    return host.finish(queue).status();
  }

  private int useCache(boolean on) {
    int cdw10 = Feature.setCdw10(Feature.VOLATILE_WRITE_CACHE, false);
    return host.admin(AdminOpcode.SET_FEATURES, 0, null, cdw10, on ? 1 : 0).status();
  }

  @ParameterizedTest
  @ValueSource(ints = {IoOpcode.READ, IoOpcode.COMPARE, IoOpcode.VERIFY})
  void whatIsReadWithForceUnitAccessIsOnTheMediaThen(int opcode) {
    assertThat(run(IoOpcode.WRITE, 0, 8, 0)).isZero();
    assertThat(run(IoOpcode.WRITE, 100, 8, 0)).isZero();
    assertThat(run(opcode, 0, 8, 0)).isZero();
    assertThat(cache.unflushed()).isEqualTo(16);
    assertThat(run(opcode, 0, 8, IoCommand.FUA)).isZero();
    assertThat(cache.unflushed()).isEqualTo(8);
  }

  @Test
  void aCacheThatIsSwitchedOffIsWrittenBack() {
    assertThat(run(IoOpcode.WRITE, 0, 8, 0)).isZero();
    assertThat(useCache(false)).isZero();
    assertThat(cache.unflushed()).isZero();
  }

  @Test
  void switchingTheCacheOffCompletesAfterTheDisk() {
    SlowDisk disk = new SlowDisk(1 << 20);
    try (Host slow = Host.ready(new DriveSettings(), Personality.PLAIN, disk)) {
      long entry = slow.admin.begin(AdminOpcode.SET_FEATURES, 0);
      int cdw10 = Feature.setCdw10(Feature.VOLATILE_WRITE_CACHE, false);
      SubmissionEntry.cdw(entry, 10, cdw10);
      slow.admin.ring();
      slow.settle();
      assertThat(slow.admin.hasCompletion()).isFalse();
      disk.finish();
      slow.settle();
      assertThat(slow.admin.take().status()).isZero();
      assertThat(slow.admin(AdminOpcode.SET_FEATURES, 0, null, cdw10, 0).status())
          .as("off already")
          .isZero();
    }
  }

  @Test
  void withoutACacheDeallocatedBlocksStayZero() {
    assertThat(run(IoOpcode.WRITE, 0, 8, 0)).isZero();
    assertThat(useCache(false)).isZero();
    DmaMemory ranges = host.memory(4096);
    DatasetManagementRange.length(ranges.address(), 8);
    long entry = queue.begin(IoOpcode.DATASET_MANAGEMENT, 1);
    SubmissionEntry.prps(entry, ranges.iova(), 0);
    SubmissionEntry.cdw(entry, 11, DatasetManagementRange.DEALLOCATE);
    assertThat(host.finish(queue).status()).isZero();
    assertThat(cache.unflushed()).isZero();
  }

  /**
   * Without holes in files there are no zeros for terabytes of advice; Write Zeroes is an order.
   */
  @Test
  void deallocateIsLeftToTheMedia() {
    List<String> calls = new ArrayList<>();
    Backend media =
        new MediaProxy(new MemoryBackend(1 << 20)) {
          @Override
          public void deallocate(long offset, long length) {
            calls.add("deallocate " + offset + " " + length);
          }

          @Override
          public void zero(long offset, long length) {
            calls.add("zero " + offset + " " + length);
          }
        };
    try (Host other = Host.ready(new DriveSettings(), Personality.PLAIN, media)) {
      Host.Queue q = other.createQueue(1, 16);
      DmaMemory ranges = other.memory(4096);
      DatasetManagementRange.length(ranges.address(), 8);
      long entry = q.begin(IoOpcode.DATASET_MANAGEMENT, 1);
      SubmissionEntry.prps(entry, ranges.iova(), 0);
      SubmissionEntry.cdw(entry, 11, DatasetManagementRange.DEALLOCATE);
      assertThat(other.finish(q).status()).isZero();
      assertThat(other.io(q, IoOpcode.WRITE_ZEROES, 8, 8, null)).isZero();
    }
    assertThat(calls).containsExactly("deallocate 0 4096", "zero 4096 4096");
  }

  @Test
  void verifyReadsAllBlocksInPieces() {
    reads.clear();
    assertThat(run(IoOpcode.VERIFY, 8, 600, 0)).isZero();
    assertThat(reads).containsExactly("4096 131072", "135168 131072", "266240 45056");
  }

  @Test
  void verifyFindsWhatTheMediaCannotGive() {
    badFrom = 1 << 20;
    int error = StatusCode.UNRECOVERED_READ_ERROR.status();
    assertThat(run(IoOpcode.VERIFY, 0, 2048, 0)).isZero();
    assertThat(run(IoOpcode.VERIFY, 0, 2049, 0)).isEqualTo(error);
    assertThat(run(IoOpcode.VERIFY, 4096, 8, 0)).isEqualTo(error);
  }
}
