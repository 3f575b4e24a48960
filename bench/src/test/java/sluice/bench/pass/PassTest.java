package sluice.bench.pass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.bench.pass.Pass.Part;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;

@Timeout(60)
class PassTest {
  private static final long MIB = 1 << 20;

  private static Pass pass(NvmeController controller, int depth) {
    return new Pass(
        controller,
        controller.namespaces().getFirst(),
        65_536,
        depth,
        10_000_000,
        System::nanoTime);
  }

  @Test
  void whatIsWrittenIsReadBackAndEachByteChecked() {
    try (NvmeController controller = Drives.open("virtual:memory?size=8M&thread=shared");
        Pass pass = pass(controller, 4)) {
      long written = pass.run(new Part(false, true, 0, 8 * MIB), (bytes, now) -> {});
      assertThat(written).isEqualTo(8 * MIB);
      assertThat(pass.run(new Part(true, true, 0, 8 * MIB), (bytes, now) -> {})).isEqualTo(8 * MIB);
      assertThat(pass.differentBlocks()).isZero();
    }
  }

  @Test
  void aFlippedBitIsFound() {
    try (NvmeController controller =
            Drives.open("virtual:memory?size=8M&thread=shared&flip=lba:1234");
        Pass pass = pass(controller, 4)) {
      long _ = pass.run(new Part(false, true, 0, 8 * MIB), (bytes, now) -> {});
      long _ = pass.run(new Part(true, true, 0, 8 * MIB), (bytes, now) -> {});
      assertThat(pass.differentBlocks()).isEqualTo(1);
      assertThat(pass.firstDifference()).contains("byte ");
    }
  }

  @Test
  void whatWasNeverWrittenDiffers() {
    try (NvmeController controller = Drives.open("virtual:memory?size=8M&thread=shared");
        Pass pass = pass(controller, 4)) {
      long _ = pass.run(new Part(true, true, 0, MIB), (bytes, now) -> {});
      assertThat(pass.differentBlocks()).isEqualTo(MIB / 4096);
    }
  }

  @Test
  void progressIsToldOfEachChunkAndAStopEndsIt() {
    List<Long> told = new ArrayList<>();
    try (NvmeController controller = Drives.open("virtual:null?size=1G&thread=shared");
        Pass pass = pass(controller, 2)) {
      long done =
          pass.run(
              new Part(false, false, 65_536, 512 * MIB),
              (bytes, now) -> {
                told.add(bytes);
                if (told.size() == 10) {
                  pass.stop();
                }
              });
      assertThat(done).isBetween(10L * 65_536, 14L * 65_536);
      assertThat(told).isSorted().startsWith(65_536L).endsWith(done);
    }
  }

  @Test
  void aCommandThatFailsIsToldWithItsPlace() {
    try (NvmeController controller =
            Drives.open("virtual:null?size=1G&thread=shared&error=lba:1280-1287:write-fault");
        Pass pass = pass(controller, 4)) {
      assertThatExceptionOfType(NvmeException.class)
          .isThrownBy(() -> pass.run(new Part(false, false, 0, MIB), (bytes, now) -> {}))
          .withMessageContaining("a write of at most 65536 bytes at byte 655360 failed: ");
    }
  }

  @Test
  void aChunkAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (NvmeController controller = Drives.open("virtual:null?size=1G&thread=shared");
        Pass pass = pass(controller, 8)) {
      long bytes = Long.MAX_VALUE;
      for (int round = 0; round < 50 && bytes > 4096; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        long _ = pass.run(new Part(false, false, 0, 512 * MIB), (done, now) -> {});
        bytes = threads.getCurrentThreadAllocatedBytes() - before;
      }
      assertThat(bytes).as("bytes for 8192 chunks").isLessThanOrEqualTo(4096);
    }
  }
}
