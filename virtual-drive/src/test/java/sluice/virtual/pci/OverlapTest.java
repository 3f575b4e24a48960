package sluice.virtual.pci;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluice.nvme.spec.DatasetManagementRange;
import sluice.nvme.spec.IoOpcode;
import sluice.queues.SubmissionEntry;
import sluice.vfio.DmaMemory;
import sluice.virtual.command.DriveSettings;

/** Commands on blocks that others work on: they wait for these, and for nothing else. */
class OverlapTest {
  private final ManualMedia media = new ManualMedia(16 << 20);
  private final Host host = new Host(new DriveSettings(), media);
  private Host.Queue queue;
  private DmaMemory data;

  @BeforeEach
  void begin() {
    host.enable();
    queue = host.createQueue(1, 64);
    data = host.memory(4096);
  }

  @AfterEach
  void close() {
    host.close();
  }

  /** Eight blocks of 512 bytes. */
  private void post(int opcode, long lba) {
    int _ = host.post(queue, opcode, 1, lba, 8, 0, data);
    queue.ring();
    host.settle();
  }

  private void deallocate(long... lbas) {
    DmaMemory ranges = host.memory(4096);
    for (int i = 0; i < lbas.length; i++) {
      long range = ranges.address() + (long) i * DatasetManagementRange.BYTES;
      DatasetManagementRange.length(range, 8);
      DatasetManagementRange.slba(range, lbas[i]);
    }
    long entry = queue.begin(IoOpcode.DATASET_MANAGEMENT, 1);
    SubmissionEntry.prps(entry, ranges.iova(), 0);
    SubmissionEntry.cdw(entry, 10, lbas.length - 1);
    SubmissionEntry.cdw(entry, 11, DatasetManagementRange.DEALLOCATE);
    queue.ring();
    host.settle();
  }

  private void end(String what) {
    assertThat(media.end(what)).isTrue();
    host.settle();
  }

  @Test
  void aReadElsewhereDoesNotWaitBehindTwoWritesOfOneBlock() {
    post(IoOpcode.WRITE, 0);
    post(IoOpcode.WRITE, 0);
    post(IoOpcode.READ, 1000);
    assertThat(media.requests()).containsExactly("write 0", "read 1000");
  }

  @Test
  void thoseThatOverlapKeepTheirOrder() {
    post(IoOpcode.READ, 0);
    post(IoOpcode.WRITE, 4);
    post(IoOpcode.READ, 8);
    post(IoOpcode.READ, 0);
    post(IoOpcode.WRITE, 12);
    post(IoOpcode.READ, 19);
    assertThat(media.requests()).as("behind what waits before").containsExactly("read 0");
    end("read");
    assertThat(media.requests()).containsExactly("write 4");
    end("write");
    assertThat(media.requests()).containsExactly("read 8", "read 0");
    end("read");
    assertThat(media.requests()).containsExactly("read 0", "write 12");
    end("write");
    assertThat(media.requests()).containsExactly("read 0", "read 19");
  }

  @Test
  void ofThoseThatWaitTheOneWhoseBlocksAreFreeFirstBeginsFirst() {
    post(IoOpcode.WRITE, 0);
    post(IoOpcode.READ, 100);
    post(IoOpcode.WRITE, 0);
    post(IoOpcode.WRITE, 100);
    end("read");
    assertThat(media.requests()).containsExactly("write 0", "write 100");
  }

  @Test
  void aDatasetManagementHoldsWhatItsRangesEncloseAndNoMore() {
    post(IoOpcode.WRITE, 0);
    deallocate(200, 100);
    assertThat(media.requests()).containsExactly("write 0", "deallocate 200");
    post(IoOpcode.READ, 92);
    post(IoOpcode.READ, 208);
    post(IoOpcode.READ, 107);
    post(IoOpcode.READ, 150);
    assertThat(media.requests())
        .containsExactly("write 0", "deallocate 200", "read 92", "read 208");
    end("deallocate");
    end("deallocate");
    assertThat(media.requests())
        .containsExactly("write 0", "read 92", "read 208", "read 107", "read 150");
  }

  @Test
  void aDatasetManagementWaitsForWhatItOverlaps() {
    post(IoOpcode.WRITE, 100);
    deallocate(0, 50, 104);
    post(IoOpcode.WRITE, 40);
    assertThat(media.requests()).containsExactly("write 100");
    end("write");
    assertThat(media.requests()).containsExactly("deallocate 0");
    end("deallocate");
    end("deallocate");
    end("deallocate");
    assertThat(media.requests()).containsExactly("write 40");
  }
}
