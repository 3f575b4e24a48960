package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.bench.job.JobFile;
import sluice.bench.job.JobSet;
import sluice.bench.modes.LayoutComparison;
import sluice.bench.modes.LayoutResult;
import sluice.bench.modes.LayoutResult.Row;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.DriveShare;
import sluice.bench.result.JobResult;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;
import sluice.support.Closing;

/** The example of eleven jobs over two fast drives, a medium and a slow one, in short runs. */
@Timeout(120)
class ElevenJobsOnFourDrivesTest {
  private static final long SLOW_NANOS = 400_000;
  private static final List<String> DRIVES =
      List.of(
          "virtual:memory?size=64M&latency=20us&thread=shared",
          "virtual:memory?size=64M&latency=20us&thread=shared",
          "virtual:memory?size=64M&latency=100us&thread=shared",
          "virtual:memory?size=64M&latency=400us&bandwidth=200MB/s&thread=shared");

  private final JobSet jobs = JobFile.read(Path.of("jobs/eleven-on-four-drives.fio"));
  private final List<Target> targets = new ArrayList<>();

  @BeforeEach
  void open() {
    for (String drive : DRIVES) {
      NvmeController controller = Drives.open(drive);
      targets.add(
          new Target(controller, controller.namespaces().getFirst(), DriveAddress.parse(drive)));
    }
  }

  @AfterEach
  void close() {
    Closing.all(targets, target -> target.controller().close());
  }

  private static RunOptions options(double timeScale) {
    return RunOptions.standard().withAllowWrite(true).withTimeScale(timeScale);
  }

  @Test
  void eachJobIsOnAllFourAndEachDriveIsTold() {
    BenchResult result = new Bench(jobs, targets, options(0.003)).run();
    assertThat(result.isClean()).isTrue();
    List<JobResult> eleven = result.reportedJobs();
    assertThat(eleven).hasSize(11);
    for (JobResult job : eleven) {
      assertThat(job.drives()).as(job.name()).hasSize(4);
      for (Direction direction : List.of(Direction.READ, Direction.WRITE)) {
        long ios = job.drives().stream().mapToLong(share -> share.direction(direction).ios()).sum();
        assertThat(ios).as(job.name()).isEqualTo(job.direction(direction).ios());
        if (ios > 0) {
          DriveShare slow = job.drives().getLast();
          assertThat(slow.direction(direction).completion().percentileNanos(50))
              .as("%s: what the slow drive takes", job.name())
              .isGreaterThanOrEqualTo(SLOW_NANOS - SLOW_NANOS / 500);
        }
      }
    }
  }

  @Test
  void layoutsOfQueuesAreSetSideBySide() {
    List<QueueLayout> layouts =
        List.of(QueueLayout.parse("4/0/0"), QueueLayout.parse("1/1/0"), QueueLayout.parse("0/0/1"));
    LayoutResult result =
        new LayoutComparison(jobs, targets, options(0.0005), layouts, 2, line -> {}).run();
    // Three jobs go both ways.
    List<Row> all = result.rows().stream().filter(row -> row.drive() == LayoutResult.ALL).toList();
    assertThat(all).hasSize(14 * 3);
    assertThat(result.rows()).hasSize(14 * 3 * 5);
    for (int i = 0; i < all.size(); i++) {
      assertThat(all.get(i).layout()).isEqualTo(layouts.get(i % 3));
      assertThat(all.get(i).figures().iops()).isPositive();
      assertThat(all.get(i).bytesPerSecond()).isPositive();
    }
    assertThat(all.getFirst().toFirst()).isEqualTo(1);
  }
}
