package sluice.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.JobNames;
import sluice.bench.result.JobResult;
import sluice.bench.result.LatencyRecorder;
import sluice.bench.result.LatencyResult;
import sluice.bench.result.ProcessorUse;
import sluice.bench.result.RoundCollector;
import sluice.bench.result.RoundFigure;
import sluice.bench.result.Rounds;
import sluice.bench.result.Statistics;

/** What reports say of a run with rounds. */
class RoundsReportsTest {
  private static final long SECOND = 1_000_000_000;

  /** A second of reads of 4 KiB, and what the job waited for a processor in it. */
  private static JobResult job(String name, int iops, int nanos, double waited) {
    LatencyRecorder latency = new LatencyRecorder();
    for (int i = 0; i < iops; i++) {
      latency.record(nanos);
    }
    DirectionResult read =
        new DirectionResult(
            iops * 4096L,
            iops,
            0,
            0,
            1000,
            LatencyResult.none(),
            latency.result(),
            latency.result(),
            LatencyResult.none(),
            Statistics.NONE,
            Statistics.NONE,
            List.of());
    return JobResult.builder(name, 0)
        .direction(Direction.READ, read)
        .processor(
            new ProcessorUse((long) ((1 - waited) * SECOND), 0, 0, 0, 0, (long) (waited * SECOND)))
        .build();
  }

  private static BenchResult round(JobResult... jobs) {
    BenchResult sample = SampleRun.result();
    return new BenchResult(
        "1", sample.start(), sample.end(), Map.of(), List.of(), sample.drive(), List.of(jobs));
  }

  private static BenchResult rounds(int wanted, boolean interrupted, BenchResult... rounds) {
    RoundCollector collector = new RoundCollector();
    List.of(rounds).forEach(collector::add);
    Rounds all = collector.result(wanted, 2);
    return rounds[1].withRounds(all, interrupted, List.of());
  }

  private static BenchResult three() {
    return rounds(
        3,
        false,
        round(job("a", 1000, 900, 0), job("a", 10, 5000, 0)),
        round(job("a", 1100, 800, 0.2), job("a", 20, 5000, 0)),
        round(job("a", 1200, 700, 0), job("a", 30, 5000, 0)));
  }

  @Test
  void theTextHasMedianAndSpreadOfEachFigure() {
    String text = HumanReport.of(three(), ZoneOffset.UTC);
    assertThat(text.substring(text.indexOf("\nRounds")).lines().skip(1))
        .containsExactly(
            "Rounds: 3; all other figures are of round 2, which is near the medians.",
            "job                                median            min            max   spread",
            "a read    iops                      1,100          1,000          1,200    18.2%",
            "          bw KiB/s                  4,400          4,000          4,800    18.2%",
            "          clat mean us               0.80           0.70           0.90    25.0%",
            "          clat p50 us                0.80           0.70           0.90    25.0%",
            "          clat p99 us                0.80           0.70           0.90    25.0%",
            "          clat p99.9 us              0.80           0.70           0.90    25.0%",
            "a         waited for CPU %           0.00           0.00          20.00        –",
            "a#2 read  iops                      20.00          10.00          30.00   100.0%",
            "          bw KiB/s                  80.00          40.00            120   100.0%",
            "          clat mean us               5.00           5.00           5.00     0.0%",
            "          clat p50 us                5.00           5.00           5.00     0.0%",
            "          clat p99 us                5.00           5.00           5.00     0.0%",
            "          clat p99.9 us              5.00           5.00           5.00     0.0%");
  }

  @Test
  void theJsonHasEachRound() throws IOException {
    Map<String, Object> root = JSON.std.mapFrom(JsonReport.of(three(), false, ZoneOffset.UTC));
    Map<?, ?> ours = (Map<?, ?>) root.get("sluice");
    assertThat(ours.get("rounds")).isEqualTo(Map.of("wanted", 3, "whole", 3, "shown", 2));
    Map<?, ?> job = (Map<?, ?>) ((List<?>) root.get("jobs")).getFirst();
    Map<?, ?> rounds = (Map<?, ?>) ((Map<?, ?>) job.get("sluice")).get("rounds");
    Map<?, ?> read = (Map<?, ?>) rounds.get("read");
    assertThat(read.get("fewest_ios")).isEqualTo(1000);
    assertThat(read.get("iops"))
        .isEqualTo(
            Map.of(
                "median",
                1100.0,
                "min",
                1000.0,
                "max",
                1200.0,
                "each",
                List.of(1000.0, 1100.0, 1200.0)));
    assertThat(((Map<?, ?>) rounds.get("cpu_wait_share")).get("each"))
        .isEqualTo(List.of(0.0, 0.2, 0.0));
    assertThat(rounds.containsKey("write")).isFalse();
  }

  @Test
  void thePageHasADotForEachRound() {
    String page = HtmlReport.of(three(), ZoneOffset.UTC);
    assertThat(page).contains("Rounds: 3;", "<td>1,100</td>", "round 3: 1,200</title>");
    assertThat(page.split("<circle", -1)).hasSizeGreaterThan(13 * 3);
    assertThat(page).doesNotContain("NaN", "Infinity");
  }

  @Test
  void anInterruptedRunSaysOfWhatItsFiguresAre() {
    BenchResult two = rounds(5, true, round(job("a", 1000, 900, 0)), round(job("a", 1100, 800, 0)));
    assertThat(HumanReport.of(two, ZoneOffset.UTC))
        .contains(
            "Interrupted after 2 of 5 rounds: the figures are of those that were whole.",
            "Rounds: 2 of 5; all other figures are of round 2");
    assertThat(HtmlReport.of(two, ZoneOffset.UTC)).contains("Interrupted after 2 of 5 rounds");
  }

  @Test
  void aRoundThatGoesOnSaysThatItDoes() {
    RoundCollector collector = new RoundCollector();
    collector.add(round(job("a", 1000, 900, 0)));
    BenchResult goingOn =
        round(job("a", 10, 900, 0)).withRounds(collector.result(3, 0), false, List.of());
    assertThat(HumanReport.of(goingOn, ZoneOffset.UTC))
        .contains("Rounds: 1 of 3; all other figures are of round 2, which is not whole.");
  }

  @Test
  void aRunWithoutRoundsSaysNothingOfThem() {
    BenchResult one = round(job("a", 1000, 900, 0));
    assertThat(HumanReport.of(one, ZoneOffset.UTC)).doesNotContain("ounds");
    assertThat(HtmlReport.of(one, ZoneOffset.UTC)).doesNotContain("Rounds");
    assertThat(JsonReport.of(one, false, ZoneOffset.UTC)).doesNotContain("\"rounds\"");
  }

  @Test
  void aFigureThatARoundLacksIsLeftOutAndAWayWithoutIoToo() {
    BenchResult result =
        rounds(2, false, round(job("a", 0, 900, 0)), round(job("a", 1000, 900, 0)));
    assertThat(result.rounds().jobs().getFirst().ways()).containsOnlyKeys("read");
    assertThat(result.rounds().jobs().getFirst().ways().get("read").figures())
        .containsOnlyKeys(RoundFigure.IOPS, RoundFigure.BANDWIDTH);
    assertThat(HumanReport.of(result, ZoneOffset.UTC)).doesNotContain("NaN");
  }

  @Test
  void theRoundInTheMiddleIsTheNearest() {
    RoundCollector collector = new RoundCollector();
    for (int iops : List.of(1000, 10, 1010, 990, 5000)) {
      collector.add(round(job("a", iops, 900, 0)));
    }
    List<Double> distances = new ArrayList<>();
    for (int i = 1; i <= collector.rounds(); i++) {
      distances.add(collector.distance(i));
    }
    assertThat(distances.getFirst()).isZero();
    assertThat(distances.subList(1, 5)).allMatch(distance -> distance > 0);
  }

  @Test
  void jobsOfOneNameStayApart() {
    JobNames names = new JobNames();
    assertThat(List.of("a", "a#2", "a", "a", "b", "a#2").stream().map(names::unique))
        .doesNotHaveDuplicates()
        .startsWith("a", "a#2", "a#3");
  }
}
