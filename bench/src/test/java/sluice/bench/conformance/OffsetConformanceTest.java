package sluice.bench.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.run.KeptLogs;
import sluice.bench.run.RunOptions;

/**
 * Where I/Os go: fio's own record of what it issued ({@code write_iolog}) against what reached the
 * drive here, by the order that both have.
 */
class OffsetConformanceTest {
  /** As large as the files that fio thinks of: what goes on behind its end is gone through once. */
  private static final String DRIVE = "virtual:null?size=2M";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "sequential, IN_ORDER",
    "every-other, STEPS",
    "random, EACH_ONCE",
    "drawn, DRAWN",
    "mixed-in-order, IN_ORDER",
    "mixed, EACH_ONCE",
    "trim, EACH_ONCE",
    "trim-and-write, TRIM_THEN_WRITE",
    "parts, DRAWN",
    "zipf, DRAWN"
  })
  void offsetsAreOfTheSameOrder(String job, AccessOrder expected) throws IOException {
    List<Access> fio = ofFio(job);
    List<Access> own = own(job);

    assertThat(AccessOrder.of(fio)).as("fio's").isEqualTo(expected);
    assertThat(AccessOrder.of(own)).as("ours").isEqualTo(expected);
    assertThat(own).hasSameSizeAs(fio);
    assertThat(largestEnd(own)).isLessThanOrEqualTo(2 << 20);
    if (expected == AccessOrder.STEPS || job.equals("sequential")) {
      assertThat(offsets(own)).isEqualTo(offsets(fio));
    }
    if (expected == AccessOrder.EACH_ONCE) {
      assertThat(offsets(own)).containsExactlyInAnyOrderElementsOf(offsets(fio));
    }
    assertThat(share(own, Direction.READ))
        .as("share of reads")
        .isBetween(share(fio, Direction.READ) - 0.1, share(fio, Direction.READ) + 0.1);
  }

  private List<Access> ofFio(String job) throws IOException {
    Path log = folder.resolve("iolog");
    RealFio.json(folder, jobs(), "--section=" + job, "--write_iolog=" + log);
    return FioLog.read(log);
  }

  private List<Access> own(String job) throws IOException {
    String text = Files.readString(jobs());
    int start = text.indexOf("[" + job + "]");
    int end = text.indexOf("\n[", start);
    Path alone = folder.resolve("alone.fio");
    Files.writeString(
        alone,
        text.substring(0, text.indexOf("\n[") + 1)
            + (end < 0 ? text.substring(start) : text.substring(start, end)));
    KeptLogs logs = new KeptLogs();
    BenchResult _ =
        OwnBench.run(
            alone,
            DRIVE,
            RunOptions.standard().withLogs(logs),
            "--write_lat_log=log",
            "--log_offset=1",
            "--log_avg_msec=0");
    List<Access> accesses = new ArrayList<>();
    for (KeptLogs.Line line : logs.files().get("log_lat.1.log")) {
      accesses.add(new Access(line.direction(), line.offsetBytes(), line.blockBytes()));
    }
    return accesses;
  }

  private static List<Long> offsets(List<Access> accesses) {
    return accesses.stream().map(Access::offset).toList();
  }

  private static long largestEnd(List<Access> accesses) {
    return accesses.stream().mapToLong(Access::end).max().orElseThrow();
  }

  private static double share(List<Access> accesses, Direction direction) {
    double count = accesses.stream().filter(each -> each.direction() == direction).count();
    return count / accesses.size();
  }

  private static Path jobs() {
    return Path.of(
        URI.create(
            Objects.requireNonNull(OffsetConformanceTest.class.getResource("offsets.fio"))
                .toString()));
  }
}
