package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.bench.job.JobFile;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.JobInterval;
import sluice.bench.result.JobResult;
import sluice.bench.result.LogSink;
import sluice.bench.result.SampleLog;
import sluice.bench.result.Samples;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;

/** Twelve hours by a clock that runs fast: what a run holds does not grow. */
@Tag("long")
@Timeout(300)
class LongRunTest {
  private static final long TICK = 10_000_000;
  private static final long HOUR = 3_600_000_000_000L;
  private static final long MIB = 1 << 20;

  @TempDir Path folder;

  private final AtomicLong time = new AtomicLong(1_000_000_000);
  private final List<Long> heap = new ArrayList<>();
  private long lines;
  private long seconds;

  private final LogSink logs =
      new LogSink() {
        @Override
        public Consumer<Samples> open(SampleLog log) {
          return samples -> lines += samples.size();
        }

        @Override
        public boolean wantsIntervals() {
          return true;
        }

        @Override
        public void interval(JobInterval interval) {
          seconds++;
        }
      };

  /** Each hour what is in use, garbage left out. */
  private void look(long start) {
    if (time.get() - start >= (heap.size() + 1) * HOUR) {
      System.gc();
      heap.add(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
  }

  /** The job file that takes six hours, twice as long; but for making data anew for each write. */
  @Test
  void theHeapOfALongRunIsFlat() throws IOException {
    Path file = folder.resolve("write-saturation.fio");
    String jobs = Files.readString(Path.of("jobs", "write-saturation.fio"));
    Files.writeString(file, jobs.replace("refill_buffers=1", "refill_buffers=0"));
    long start = time.get();
    RunOptions options =
        RunOptions.standard()
            .withTimeScale(2)
            .withAllowWrite(true)
            .withNanoClock(() -> time.addAndGet(TICK))
            .withLogs(logs)
            .withOnProgress(progress -> look(start));
    BenchResult result;
    try (NvmeController controller =
        Drives.open(
            DriveAddress.parse("virtual:null?size=1G&thread=shared"),
            ControllerOptions.defaults().withNanoClock(options.nanoClock()))) {
      result =
          new Bench(JobFile.read(file), controller, controller.namespaces().getFirst(), options)
              .run();
    }

    assertThat(result.jobs()).hasSize(2);
    assertThat(result.warnings()).noneMatch(warning -> warning.contains("lack samples"));
    for (JobResult job : result.jobs()) {
      assertThat(job.isClean()).isTrue();
      assertThat(job.runtimeMillis()).isBetween(6 * 3_600_000L, 6 * 3_600_000L + 1000);
      assertThat(job.direction(Direction.WRITE).intervals()).hasSizeBetween(320, 640);
      assertThat(job.direction(Direction.WRITE).intervals().getLast().endMillis())
          .isEqualTo(job.runtimeMillis());
    }
    // A second is ten steps, each of which is some readings of the clock longer than that.
    assertThat(seconds).isBetween(38_000L, 43_202L);
    assertThat(lines).isBetween(150_000L, 4 * 43_300L);
    assertThat(heap).hasSizeGreaterThanOrEqualTo(10);
    System.out.println("MiB of heap each hour: " + heap.stream().map(used -> used / MIB).toList());
    assertThat(heap.getLast()).isLessThan(heap.get(1) + 4 * MIB);
  }
}
