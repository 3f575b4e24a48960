package sluice.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import sluice.bench.anatomy.Dissection;
import sluice.bench.anatomy.Step;
import sluice.bench.anatomy.Summary;
import sluice.nvme.DriveAddress;
import sluice.recorder.drive.NvmeDrive;

/** {@code sluice bench anatomy}: where the time of a single command goes. */
@Command(
    name = "anatomy",
    description = {
      "Times each step of single commands at random places, one at a time; on several drives in",
      "turns, to set them side by side. Reads, unless --rw write.",
      "",
      "A time is from the end of the step before to the end of the step:",
      "  entry queued       the entry and its PRPs are written",
      "  doorbell rung      the submission queue's tail doorbell is written",
      "  completion seen    all that bus and device do, until the driver, which polls, sees it;",
      "                     a virtual drive tells its parts (entry fetched, data moved, completion",
      "                     posted, noticed); without a thread of its own it works in that poll",
      "  doorbell back      the completion queue's head doorbell is written",
      "Medians and means come with their 95% confidence intervals. Each step has one look at the",
      "clock in it, the cost of which is told."
    },
    footer = {
      "",
      "  sluice bench anatomy pci:0000:01:00.0",
      "  sluice bench anatomy pci:0000:01:00.0 pci:0000:02:00.0 --count 100000",
      "  sluice bench anatomy virtual:null?size=1G -o json"
    })
final class BenchAnatomyCommand implements Runnable {
  private enum Direction {
    read,
    write
  }

  @Parameters(
      arity = "1..*",
      paramLabel = "DRIVE",
      converter = DriveAccess.Address.class,
      description = "The drives' addresses.")
  private List<DriveAddress> addresses;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "20000",
      description = "Commands per drive (default: 20000).")
  private int count;

  @Option(
      names = "--bs",
      paramLabel = "SIZE",
      defaultValue = "4k",
      converter = OptionValues.Size.class,
      description = "Bytes per command (default: 4k).")
  private long bytes;

  @Option(
      names = "--rw",
      paramLabel = "WAY",
      defaultValue = "read",
      description = "${COMPLETION-CANDIDATES} (default: read).")
  private Direction direction;

  @Option(
      names = "--allow-write",
      description = "Let commands write: what the drives hold is lost.")
  private boolean allowWrite;

  @Mixin private Consent consent;
  @Mixin private DriveAccess access;
  @Mixin private Output output;

  @Override
  public void run() {
    boolean writes = direction == Direction.write;
    if (writes && !allowWrite) {
      throw new IllegalArgumentException(
          "writes overwrite what the drives hold; give --allow-write if that may be lost");
    }
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("a command of " + bytes + " bytes is not possible");
    }
    List<NvmeDrive> drives = new ArrayList<>();
    try (Dissection dissection = new Dissection(writes, (int) bytes, count)) {
      for (DriveAddress address : addresses) {
        NvmeDrive drive = access.openDrive(address);
        drives.add(drive);
        if (writes) {
          consent.require(drive, address);
        }
        dissection.add(drive.controller(), drive.namespace());
      }
      print(dissection.run(), Dissection.clockNanos());
    } finally {
      drives.forEach(NvmeDrive::close);
    }
  }

  private void print(List<Dissection.Result> results, long clockNanos) {
    if (output.isJson()) {
      output.json(json(results, clockNanos));
      return;
    }
    for (int i = 0; i < results.size(); i++) {
      output.line(label(i) + " = " + results.get(i).drive());
    }
    output.line(
        "%d %ss of %d bytes each, in nanoseconds; a look at the clock takes %d of each step"
            .formatted(count, direction, bytes, clockNanos));
    Output.Table table =
        new Output.Table(
            "step", "", ">min", ">p50", ">(95%)", ">p90", ">p99", ">p99.9", ">max", ">mean", "");
    for (Step step : Step.values()) {
      for (int i = 0; i < results.size(); i++) {
        Summary summary = results.get(i).steps().get(step);
        if (summary != null) {
          table.row(cells(step, label(i), summary));
        }
      }
    }
    table.print(System.out);
  }

  /** Drives have letters, because their addresses are long. */
  private static String label(int drive) {
    return Character.toString('A' + drive);
  }

  private static String[] cells(Step step, String label, Summary summary) {
    return new String[] {
      (step.deviceTells() ? "  " : "") + step.title(),
      label,
      Long.toString(summary.min()),
      Long.toString(summary.p50()),
      summary.medianLow() + "-" + summary.medianHigh(),
      Long.toString(summary.p90()),
      Long.toString(summary.p99()),
      Long.toString(summary.p999()),
      Long.toString(summary.max()),
      "%.1f".formatted(summary.mean()),
      "±%.1f".formatted(summary.meanMargin())
    };
  }

  private Map<String, Object> json(List<Dissection.Result> results, long clockNanos) {
    List<Object> drives = new ArrayList<>();
    for (Dissection.Result result : results) {
      Map<String, Object> steps = new LinkedHashMap<>();
      result.steps().forEach((step, summary) -> steps.put(step.title(), json(summary)));
      Map<String, Object> drive = new LinkedHashMap<>();
      drive.put("drive", result.drive());
      drive.put("steps", steps);
      drives.add(drive);
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("rw", direction.toString());
    all.put("bytes", bytes);
    all.put("clockNanos", clockNanos);
    all.put("drives", drives);
    return all;
  }

  private static Map<String, Object> json(Summary summary) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("n", summary.count());
    values.put("minNanos", summary.min());
    values.put("p50Nanos", summary.p50());
    values.put("p50LowNanos", summary.medianLow());
    values.put("p50HighNanos", summary.medianHigh());
    values.put("p90Nanos", summary.p90());
    values.put("p99Nanos", summary.p99());
    values.put("p99.9Nanos", summary.p999());
    values.put("maxNanos", summary.max());
    values.put("meanNanos", summary.mean());
    values.put("meanMarginNanos", summary.meanMargin());
    return values;
  }
}
