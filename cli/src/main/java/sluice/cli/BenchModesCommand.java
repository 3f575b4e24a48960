package sluice.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.job.JobSet;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.JobResult;
import sluice.bench.result.LatencyResult;
import sluice.bench.run.Bench;
import sluice.bench.run.RunOptions;
import sluice.nvme.CompletionMode;
import sluice.nvme.DriveAddress;
import sluice.recorder.drive.NvmeDrive;

/** {@code sluice bench modes}: what polling costs and gains, and what more queues do. */
@Command(
    name = "modes",
    description = {
      "Compares polling, hybrid waits and interrupts, and one queue with many, by random reads.",
      "Modes take turns, and each figure is the median of the rounds."
    },
    footer = {
      "",
      "  sluice bench modes --drive pci:0000:01:00.0",
      "  sluice bench modes --drive pci:0000:01:00.0 --runtime 10s --bs 16k -o json"
    })
final class BenchModesCommand implements Runnable {
  private static final int MANY_QUEUES = 4;
  private static final List<Shape> SHAPES =
      List.of(new Shape(1, 1), new Shape(1, 32), new Shape(MANY_QUEUES, 8));
  private static final int MILLISECOND = 1_000_000;

  @Option(
      names = "--drive",
      required = true,
      paramLabel = "DRIVE",
      converter = DriveAccess.Address.class,
      description = "The drive's address.")
  private DriveAddress address;

  @Option(
      names = "--runtime",
      paramLabel = "TIME",
      defaultValue = "2s",
      converter = OptionValues.Duration.class,
      description = "How long each measurement takes (default: 2s).")
  private long runtimeNanos;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often all are measured (default: 3).")
  private int rounds;

  @Option(
      names = "--bs",
      paramLabel = "SIZE",
      defaultValue = "4k",
      converter = OptionValues.Size.class,
      description = "Bytes per command (default: 4k).")
  private long bytes;

  @Mixin private DriveAccess access;
  @Mixin private Output output;

  private final Map<Case, List<Figures>> measured = new LinkedHashMap<>();

  private record Shape(int queues, int depth) {}

  private record Case(Shape shape, CompletionMode mode) {}

  /** Latencies and processor time per command in nanoseconds. */
  private record Figures(double iops, double p50, double p99, double p999, double processor) {}

  @Override
  public void run() {
    if (rounds < 1 || runtimeNanos < MILLISECOND) {
      throw new IllegalArgumentException("at least one round, of at least a millisecond each");
    }
    List<CompletionMode> modes = modes();
    for (int round = 0; round < rounds; round++) {
      for (CompletionMode mode : modes) {
        measure(mode);
      }
    }
    print();
  }

  private List<CompletionMode> modes() {
    try (NvmeDrive drive = access.openDrive(address)) {
      if (drive.controller().function().interruptVectors() > 0) {
        return List.of(CompletionMode.values());
      }
    }
    System.err.println(
        Terminal.yellow("note: ") + address + " has no interrupts: it can only be polled");
    return List.of(CompletionMode.POLLED);
  }

  private void measure(CompletionMode mode) {
    try (NvmeDrive drive = access.openDrive(address, mode)) {
      for (Shape shape : SHAPES) {
        if (shape.queues > drive.controller().maxIoQueues()) {
          continue;
        }
        RunOptions options = RunOptions.standard().withSharesThreads(mode == CompletionMode.POLLED);
        Bench bench = new Bench(jobs(shape), drive.controller(), drive.namespace(), options);
        measured
            .computeIfAbsent(new Case(shape, mode), _ -> new ArrayList<>())
            .add(figures(bench.run()));
      }
    }
  }

  private JobSet jobs(Shape shape) {
    long millis = runtimeNanos / MILLISECOND;
    return CommandLineJobs.read(
        List.of(
            "--name=modes",
            "--rw=randread",
            "--bs=" + bytes,
            "--iodepth=" + shape.depth,
            "--numjobs=" + shape.queues,
            "--group_reporting",
            "--time_based",
            "--ramp_time=" + Math.max(1, millis / 4) + "ms",
            "--runtime=" + millis + "ms"));
  }

  private static Figures figures(BenchResult result) {
    JobResult job = result.reportedJobs().getFirst();
    if (job.error() != 0) {
      throw new IllegalStateException(job.errorText());
    }
    LatencyResult latency = job.direction(Direction.READ).completion();
    return new Figures(
        job.direction(Direction.READ).iosPerSecond(),
        latency.percentileNanos(50),
        latency.percentileNanos(99),
        latency.percentileNanos(99.9),
        job.processorNanosPerIo());
  }

  private void print() {
    List<Object> all = new ArrayList<>();
    Output.Table table =
        new Output.Table(
            ">queues",
            ">depth",
            "mode",
            ">IOPS",
            ">to polled",
            ">p50 us",
            ">p99 us",
            ">p99.9 us",
            ">CPU us/IO");
    for (Shape shape : SHAPES) {
      for (CompletionMode mode : CompletionMode.values()) {
        List<Figures> rows = measured.get(new Case(shape, mode));
        if (rows == null) {
          continue;
        }
        Figures row = medians(rows);
        double polled = median(measured.get(new Case(shape, CompletionMode.POLLED)), Figures::iops);
        table.row(
            Integer.toString(shape.queues),
            Integer.toString(shape.depth),
            mode.toString(),
            "%.0f".formatted(row.iops),
            "%.2fx".formatted(row.iops / polled),
            micros(row.p50),
            micros(row.p99),
            micros(row.p999),
            micros(row.processor));
        all.add(json(shape, mode, row, polled));
      }
    }
    if (output.isJson()) {
      output.json(all);
    } else {
      table.print(System.out);
    }
  }

  private static Map<String, Object> json(
      Shape shape, CompletionMode mode, Figures row, double polled) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("queues", shape.queues);
    values.put("depth", shape.depth);
    values.put("mode", mode.toString());
    values.put("iops", row.iops);
    values.put("toPolled", row.iops / polled);
    values.put("p50Nanos", row.p50);
    values.put("p99Nanos", row.p99);
    values.put("p99.9Nanos", row.p999);
    values.put("processorNanosPerIo", row.processor);
    return values;
  }

  private static Figures medians(List<Figures> rows) {
    return new Figures(
        median(rows, Figures::iops),
        median(rows, Figures::p50),
        median(rows, Figures::p99),
        median(rows, Figures::p999),
        median(rows, Figures::processor));
  }

  private static double median(List<Figures> rows, ToDoubleFunction<Figures> figure) {
    double[] sorted = rows.stream().mapToDouble(figure).sorted().toArray();
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  private static String micros(double nanos) {
    return "%.2f".formatted(nanos / 1000);
  }
}
