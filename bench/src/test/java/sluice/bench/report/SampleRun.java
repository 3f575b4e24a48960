package sluice.bench.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.HdrHistogram.Histogram;
import sluice.bench.result.Backlog;
import sluice.bench.result.BacklogSlices;
import sluice.bench.result.BenchResult;
import sluice.bench.result.DepthCounts;
import sluice.bench.result.Depths;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.DriveInfo;
import sluice.bench.result.Interval;
import sluice.bench.result.Io;
import sluice.bench.result.JobResult;
import sluice.bench.result.LatencyRecorder;
import sluice.bench.result.LatencyResult;
import sluice.bench.result.LatencyTarget;
import sluice.bench.result.Pauses;
import sluice.bench.result.ProcessorUse;
import sluice.bench.result.Reporting;
import sluice.bench.result.RunningStatistics;
import sluice.bench.result.SlowIo;
import sluice.bench.result.SlowestIos;
import sluice.bench.result.Span;
import sluice.bench.result.Stalls;
import sluice.bench.result.StuckIo;
import sluice.bench.result.StuckIos;
import sluice.bench.result.VerifyResult;

/** A run that was made by hand: a paced write with pauses, a mixed job, and reads of two clones. */
final class SampleRun {
  static final Instant START = Instant.parse("2026-11-21T08:00:00Z");
  private static final int SECONDS = 60;

  private final Random random = new Random(7);

  private SampleRun() {}

  static BenchResult result() {
    SampleRun run = new SampleRun();
    return new BenchResult(
        "sluice-0.1.0",
        START,
        START.plusSeconds(180),
        Map.of("direct", "1"),
        List.of("ioengine has no meaning here", "option foo is not known <b>"),
        new DriveInfo("virtual:disk.img", "sluice virtual drive", "V1", "0.1.0", 1L << 34, 4096),
        List.of(run.pacedWrite(), run.mixed(), run.reads(1), run.reads(2)));
  }

  private JobResult pacedWrite() {
    DirectionResult write = direction(4000, 131_072, 90_000, true);
    Pauses pauses =
        new Pauses(
            1_000_000,
            3,
            412_000_000,
            300_000_000,
            157_286_400,
            List.of(
                new Span(9_000, 12_000_000),
                new Span(31_000, 300_000_000),
                new Span(47_500, 100_000_000)));
    List<Span> stalls = List.of(new Span(2_000, 1_500_000), new Span(40_000, 4_000_000));
    return builder("record", 0, "write", "128k", 8)
        .description("a recorder's load")
        .direction(Direction.WRITE, write)
        .pauses(pauses)
        .stalls(new Stalls(100_000, 2, 5_500_000, 4_000_000, 11, stalls))
        .slowest(
            new SlowestIos(
                2,
                List.of(
                    slow("write", 31_000_123_000L, 300_000_000, 0),
                    slow("write", 9_000_001_000L, 12_000_000, 7_000_000))))
        .stuck(
            new StuckIos(
                250_000_000,
                1,
                300_000_000,
                List.of(
                    new StuckIo(
                        slow("write", 31_000_123_000L, 0, 0).io(), 300_000_000, "completed"))))
        .backlog(backlog())
        .build();
  }

  private static SlowIo slow(String command, long start, long nanos, long stalled) {
    long offset = (start / 1_000_000) << 20;
    Io io = new Io("record", 0, 1, command, offset, offset / 4096, 131_072, start);
    return new SlowIo(io, nanos, 7, stalled);
  }

  /** Of 500 MiB/s: by the pauses, and a second's slices. */
  private static Backlog backlog() {
    long[] greatest = new long[SECONDS];
    Arrays.fill(greatest, 1 << 20);
    greatest[31] = 157_286_400;
    greatest[47] = 52_428_800;
    long second = 1_000_000_000;
    return Backlog.of(
        BacklogSlices.of(second, 0, greatest, new long[SECONDS]),
        0,
        new Backlog.Moment(31_300_000_000L, greatest[31]),
        new Backlog.Moment(SECONDS * second, 131_072));
  }

  private JobResult mixed() {
    return builder("randrw-4k-qd32", 1, "randrw", "4k", 32)
        .direction(Direction.READ, direction(60_000, 4096, 110_000, false))
        .direction(Direction.WRITE, direction(25_000, 4096, 30_000, false))
        .pauses(new Pauses(1_000_000, 0, 0, 0, 0, List.of()))
        .verify(new VerifyResult(1000, 1, "offset 4096: byte 17 is 0x41, not 0x40"))
        .build();
  }

  private JobResult reads(int number) {
    Reporting standard = Reporting.STANDARD;
    return builder("randread-4k-qd8", 2, "randread", "4k", 8)
        .reporting(
            new Reporting(
                number > 1, standard.unified(), standard.percentiles(), false, true, false))
        .direction(Direction.READ, direction(40_000, 4096, 80_000, false))
        .build();
  }

  private static JobResult.Builder builder(
      String name, int group, String rw, String bs, int iodepth) {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("rw", rw);
    options.put("bs", bs);
    options.put("iodepth", Integer.toString(iodepth));
    options.put("numjobs", "1");
    DepthCounts level = new DepthCounts();
    DepthCounts batch = new DepthCounts();
    level.addLevel(iodepth);
    batch.addBatch(iodepth);
    return JobResult.builder(name, group)
        .processId(4711)
        .start(START.plusSeconds(60L * group))
        .elapsedSeconds(60L * (group + 1))
        .runtimeMillis(1000L * SECONDS)
        .options(options)
        .latencyTarget(LatencyTarget.none(iodepth))
        .depths(new Depths(level, batch, batch))
        .processor(new ProcessorUse(5_400_000_000L, 600_000_000L, 12, 0, 34, 0));
  }

  private DirectionResult direction(int iops, int bytes, int nanos, boolean paced) {
    LatencyRecorder submission = new LatencyRecorder();
    LatencyRecorder completion = new LatencyRecorder();
    LatencyRecorder total = new LatencyRecorder();
    LatencyRecorder intended = new LatencyRecorder();
    RunningStatistics bandwidth = new RunningStatistics();
    RunningStatistics rate = new RunningStatistics();
    List<Interval> intervals = new ArrayList<>();
    long ios = 0;
    for (int second = 0; second < SECONDS; second++) {
      Histogram histogram = new Histogram(LatencyRecorder.HIGHEST_NANOS, 2);
      int samples = 400 + random.nextInt(50) - (paced && second == 31 ? 200 : 0);
      for (int i = 0; i < samples; i++) {
        long clat = (long) (nanos * Math.exp(random.nextGaussian() * 0.3));
        if (random.nextInt(2000) == 0) {
          clat *= 40;
        }
        if (paced && second == 31 && i == 0) {
          clat = 300_000_000;
        }
        submission.record(700);
        completion.record(clat);
        total.record(clat + 700);
        if (paced) {
          intended.record(second == 31 ? clat + 1_000_000L * i : clat);
        }
        histogram.recordValue(clat);
      }
      long count = (long) iops * samples / 425;
      ios += count;
      bandwidth.add(count * bytes / 1024);
      rate.add(count);
      intervals.add(
          new Interval(1000L * second, 1000L * second + 1000, count * bytes, count, histogram));
    }
    LatencyResult late = paced ? intended.result() : LatencyResult.none();
    return new DirectionResult(
        ios * bytes,
        ios,
        0,
        0,
        1000L * SECONDS,
        submission.result(),
        completion.result(),
        total.result(),
        late,
        bandwidth.result(),
        rate.result(),
        intervals);
  }
}
