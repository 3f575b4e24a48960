package sluice.bench.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class MergingTest {
  @Test
  void aJobThatWantsItJoinsTheOneBeforeInItsGroup() {
    BenchResult result =
        run(job("a", 0, true), job("a", 0, true), job("b", 1, true), job("c", 1, false));

    List<JobResult> reported = result.reportedJobs();

    assertThat(reported).extracting(JobResult::name).containsExactly("a", "b", "c");
    assertThat(reported).extracting(JobResult::members).containsExactly(2, 1, 1);
  }

  @Test
  void ratesOfJobsSideBySideAreSummed() {
    JobResult joined = Merging.join(job("a", 0, true), job("b", 0, true));
    DirectionResult read = joined.direction(Direction.READ);

    assertThat(read.bytes()).isEqualTo(8192);
    assertThat(read.ios()).isEqualTo(2);
    assertThat(read.runtimeMillis()).isEqualTo(1000);
    assertThat(read.bandwidth()).isEqualTo(new Statistics(6, 20, 40, 30, 4));
    assertThat(read.completion().exact()).isEqualTo(new Statistics(2, 500, 500, 500, 0));
    assertThat(read.intervals()).hasSize(1);
    assertThat(read.intervals().getFirst().ios()).isEqualTo(2);
    assertThat(joined.runtimeMillis()).isEqualTo(2000);
    assertThat(joined.processorNanosPerIo()).isEqualTo(700);
    assertThat(joined.pauses().count()).isEqualTo(2);
    assertThat(joined.pauses().heldUpBytes()).isEqualTo(200);
    assertThat(joined.error()).isEqualTo(5);
    assertThat(joined.errorText()).isEqualTo("b failed");
  }

  /** Intervals of a job that took long are longer. */
  @Test
  void intervalsAreJoinedByTheirTimes() {
    JobResult four = withIntervals(4, 1000);
    JobResult three = withIntervals(3, 2000);

    DirectionResult read = Merging.join(four, three).direction(Direction.READ);

    assertThat(read.intervals())
        .extracting(Interval::startMillis)
        .containsExactly(0L, 2000L, 4000L);
    assertThat(read.intervals()).extracting(Interval::ios).containsExactly(3L, 3L, 1L);
    assertThat(Merging.join(three, four).direction(Direction.READ).intervals())
        .extracting(Interval::ios)
        .containsExactly(3L, 3L, 1L);
  }

  private static JobResult withIntervals(int count, long millis) {
    Interval first = job("x", 0, false).direction(Direction.READ).intervals().getFirst();
    List<Interval> intervals =
        IntStream.range(0, count)
            .mapToObj(i -> new Interval(i * millis, (i + 1) * millis, 4096, 1, first.latency()))
            .toList();
    DirectionResult none = DirectionResult.none();
    return JobResult.builder("x", 0)
        .direction(
            Direction.READ,
            new DirectionResult(
                count * 4096L,
                count,
                0,
                0,
                count * millis,
                none.submission(),
                none.completion(),
                none.total(),
                none.intended(),
                none.bandwidth(),
                none.iops(),
                intervals))
        .build();
  }

  @Test
  void allDirectionsBecomeOne() {
    JobResult job = job("a", 0, false);
    JobResult both =
        job.toBuilder().direction(Direction.WRITE, job.direction(Direction.READ)).build();

    JobResult mixed = Merging.mixed(both);

    assertThat(mixed.isMixed()).isTrue();
    assertThat(mixed.direction(Direction.READ).ios()).isEqualTo(2);
    assertThat(mixed.direction(Direction.WRITE).ios()).isZero();
    assertThat(mixed.ios()).isEqualTo(2);
  }

  @Test
  void onlyTheLongestPausesAreKeptInTheOrderOfTime() {
    List<Span> many = IntStream.range(0, Span.KEPT).mapToObj(i -> new Span(i, 10)).toList();
    Pauses a = new Pauses(1, Span.KEPT, 10L * Span.KEPT, 10, 1, many);
    Pauses b = new Pauses(1, 1, 99, 99, 1, List.of(new Span(500, 99)));

    Pauses sum = a.plus(b);

    assertThat(sum.count()).isEqualTo(Span.KEPT + 1);
    assertThat(sum.longest()).hasSize(Span.KEPT).contains(new Span(500, 99));
    assertThat(sum.longest()).extracting(Span::startMillis).isSorted();
    assertThat(sum.longestNanos()).isEqualTo(99);
  }

  private static BenchResult run(JobResult... jobs) {
    DriveInfo drive = new DriveInfo("virtual:x", "", "", "", 1 << 20, 512);
    return new BenchResult(
        "1", Instant.EPOCH, Instant.EPOCH, Map.of(), List.of(), drive, List.of(jobs));
  }

  private static JobResult job(String name, int group, boolean joins) {
    LatencyRecorder latency = new LatencyRecorder();
    latency.record(500);
    Histogram histogram = new Histogram(2);
    histogram.recordValue(500);
    DirectionResult read =
        new DirectionResult(
            4096,
            1,
            0,
            0,
            1000,
            latency.result(),
            latency.result(),
            latency.result(),
            LatencyResult.none(),
            new Statistics(3, 10, 20, 15, 2),
            Statistics.NONE,
            List.of(new Interval(0, 1000, 4096, 1, histogram)));
    Reporting standard = Reporting.STANDARD;
    JobResult.Builder job =
        JobResult.builder(name, group)
            .runtimeMillis(1000)
            .reporting(
                new Reporting(
                    joins, standard.unified(), standard.percentiles(), false, true, false))
            .direction(Direction.READ, read)
            .processor(new ProcessorUse(400, 300, 0, 0, 0, 0))
            .pauses(new Pauses(1, 1, 5, 5, 100, List.of(new Span(1, 5))));
    return (name.equals("b") ? job.error(5, "b failed") : job).build();
  }
}
