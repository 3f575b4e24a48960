package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.report.HtmlReport;
import sluice.bench.report.HumanReport;
import sluice.bench.report.JsonReport;
import sluice.bench.report.TerseReport;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.DriveShare;
import sluice.bench.result.JobResult;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.support.Closing;

/** Jobs on several virtual drives. */
@Timeout(60)
class SeveralDrivesTest {
  private static final RunOptions WRITING = RunOptions.standard().withAllowWrite(true);
  private static final String LARGE = "virtual:memory?size=64M&thread=shared";
  private static final String SMALL = "virtual:memory?size=16M&lba=512&thread=shared";

  private static BenchResult run(RunOptions options, List<String> drives, String... arguments) {
    List<Target> targets = new ArrayList<>();
    try {
      for (String drive : drives) {
        var controller = Drives.open(drive);
        targets.add(
            new Target(controller, controller.namespaces().getFirst(), DriveAddress.parse(drive)));
      }
      return new Bench(
              CommandLineJobs.read(Stream.of(arguments).map(each -> "--" + each).toList()),
              targets,
              options)
          .run();
    } finally {
      Closing.all(targets, target -> target.controller().close());
    }
  }

  private static long bytes(JobResult job, int drive, Direction direction) {
    return job.drives().stream()
        .filter(share -> share.drive() == drive)
        .mapToLong(share -> share.direction(direction).bytes())
        .sum();
  }

  @Test
  void aJobThatNamesNoDriveIsOnAllInTurns() {
    JobResult job =
        run(WRITING, List.of(LARGE, SMALL), "rw=randread", "bs=4k", "size=8m", "iodepth=8")
            .jobs()
            .getFirst();
    assertThat(job.errorText()).isEmpty();
    assertThat(job.direction(Direction.READ).bytes()).isEqualTo(8 << 20);
    assertThat(bytes(job, 0, Direction.READ)).isEqualTo(4 << 20);
    assertThat(bytes(job, 1, Direction.READ)).isEqualTo(4 << 20);
    for (DriveShare share : job.drives()) {
      assertThat(share.direction(Direction.READ).completion().exact().count()).isEqualTo(1024);
      assertThat(share.direction(Direction.READ).iosPerSecond()).isPositive();
    }
  }

  @Test
  void eachJobIsOnTheDriveThatItNames() {
    BenchResult result =
        run(
            WRITING,
            List.of(LARGE, SMALL),
            "bs=4k",
            "name=a",
            "filename=1",
            "rw=write",
            "size=1m",
            "name=b",
            "filename=" + LARGE,
            "rw=read",
            "size=2m",
            "numjobs=2");
    assertThat(result.isClean()).isTrue();
    assertThat(result.jobs()).hasSize(3);
    JobResult writer = result.jobs().getFirst();
    assertThat(bytes(writer, 1, Direction.WRITE)).isEqualTo(1 << 20);
    assertThat(writer.drives()).extracting(DriveShare::drive).containsExactly(1);
    assertThat(bytes(result.jobs().get(2), 0, Direction.READ)).isEqualTo(2 << 20);
    assertThat(result.drives()).extracting("capacityBytes").containsExactly(64L << 20, 16L << 20);
  }

  /** Data is of the drive that it was written to; flushes go to all. */
  @ParameterizedTest
  @ValueSource(strings = {"1/0/0", "1/1/0", "2/2/0", "0/0/1"})
  void whatIsWrittenToSeveralIsVerified(String queues) {
    BenchResult result =
        run(
            WRITING.withQueues(QueueLayout.parse(queues)),
            List.of(LARGE, SMALL, LARGE),
            "rw=randrw",
            "bs=4k",
            "size=6m",
            "iodepth=4",
            "numjobs=2",
            "offset_increment=8m",
            "filename=0:1:2",
            "verify=crc32c",
            "fsync=16",
            "end_fsync=1");
    assertThat(result.isClean()).isTrue();
    for (JobResult job : result.jobs()) {
      assertThat(job.verify().blocks()).isPositive();
      assertThat(job.verify().failures()).isZero();
      assertThat(job.sync().exact().count() % 3).as("flushes").isZero();
      assertThat(job.sync().exact().count()).isPositive();
    }
  }

  @Test
  void endsWithAFlushOfAllAlsoWithADepthOfOne() {
    JobResult job =
        run(WRITING, List.of(LARGE, SMALL), "rw=write", "bs=4k", "size=1m", "end_fsync=1")
            .jobs()
            .getFirst();
    assertThat(job.sync().exact().count()).isEqualTo(2);
  }

  @Test
  void aDriveThatFailsIsNamed() {
    BenchResult result =
        run(
            WRITING,
            List.of(
                LARGE,
                "virtual:memory?size=16M&lba=4096&thread=shared&error=lba:0-4000:write-fault"),
            "rw=write",
            "bs=4k",
            "size=1m");
    assertThat(result.jobs().getFirst().errorText()).contains("on drive 1: ");
  }

  @Test
  void blocksThatOneOfTheDrivesCannotHaveAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            run(
                WRITING,
                List.of(SMALL, "virtual:memory?size=16M&lba=4096&thread=shared"),
                "bs=512",
                "rw=read"))
        .withMessageContaining("not made of the drive's blocks of 4096");
  }

  @Test
  void allReportsTellEachDrive() throws IOException {
    BenchResult result =
        run(
            WRITING,
            List.of(LARGE, SMALL),
            "name=both",
            "rw=randrw",
            "bs=4k",
            "size=2m",
            "group_reporting=1",
            "numjobs=2",
            "name=one",
            "filename=1",
            "new_group=1",
            "stonewall=1",
            "rw=read",
            "size=1m");
    Map<?, ?> json = JSON.std.mapFrom(JsonReport.of(result, false));
    List<?> uses = (List<?>) json.get("disk_util");
    assertThat(uses).hasSize(2);
    long ios =
        uses.stream()
            .map(Map.class::cast)
            .mapToLong(use ->
                ((Number) use.get("read_ios")).longValue()
                    + ((Number) use.get("write_ios")).longValue())
            .sum();
    assertThat(ios).isEqualTo(2 * 512 + 256);
    Map<?, ?> both = (Map<?, ?>) ((List<?>) json.get("jobs")).getFirst();
    List<?> shares = (List<?>) ((Map<?, ?>) both.get("sluice")).get("drives");
    assertThat(shares).hasSize(2);
    assertThat(((Map<?, ?>) shares.get(1)).get("address")).isEqualTo(SMALL);
    assertThat((List<?>) ((Map<?, ?>) json.get("sluice")).get("drives")).hasSize(2);
    assertThat(HumanReport.of(result))
        .containsPattern("  drive 0      : read: IOPS=\\S+, BW=\\S+, clat p50=")
        .containsPattern("\n  1 = " + SMALL.replace("?", "\\?") + ": ios=");
    assertThat(TerseReport.of(result, 3).lines().findFirst().orElseThrow())
        .contains(";" + LARGE + ";")
        .contains(";" + SMALL + ";");
    assertThat(HtmlReport.of(result)).contains("drive 1").contains(LARGE.replace("&", "&amp;"));
  }
}
