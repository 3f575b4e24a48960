package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import sluice.nvme.NvmeController;
import sluice.qemu.BlockIo;
import sluice.vfio.DmaMemory;

/** The driver on huge pages: only for guests that have some, which is why no build looks for it. */
@Tag(HugePages.TAG)
class HugePages extends PciConformanceTest {
  static final String TAG = "huge-pages";

  private static final Pattern FREE = Pattern.compile("HugePages_Free: *(\\d+)");
  private static final int PAGES = 4;
  private static final int PAGE = 2 << 20;

  private static int free() throws IOException {
    Matcher matcher = FREE.matcher(Files.readString(Path.of("/proc/meminfo")));
    assertThat(matcher.find()).isTrue();
    return Integer.parseInt(matcher.group(1));
  }

  @Test
  void whatIsReadAndWrittenIsInThem() throws IOException {
    NvmeController controller = open(TestDrive.BLOCKS_OF_512);
    BlockIo io = blockIo(controller, 1);
    int before = free();
    DmaMemory memory = controller.dma().allocate((long) PAGES * PAGE);
    assertThat(before - free()).as("huge pages that were taken").isEqualTo(PAGES);
    int bytes = 128 << 10;
    for (int i = 0; i < PAGES; i++) {
      // Across the edge between two pages, but for the last, which ends at the memory's end.
      long at = Math.min((i + 1L) * PAGE - bytes / 2, (long) PAGES * PAGE - bytes);
      memory.segment().asSlice(at, bytes).fill((byte) (i + 1));
      io.write((long) i * bytes, memory, at, bytes);
    }
    memory.segment().fill((byte) 0);
    for (int i = 0; i < PAGES; i++) {
      io.read((long) i * bytes, memory, (long) i * PAGE, bytes);
      assertThat(memory.segment().asSlice((long) i * PAGE, bytes).toArray(ValueLayout.JAVA_BYTE))
          .containsOnly(i + 1);
    }
    controller.dma().free(memory);
    assertThat(free()).as("huge pages that were given back").isEqualTo(before);
  }
}
