package sluice.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import sluice.bench.cliff.CliffBench;
import sluice.bench.cliff.CliffResult;
import sluice.bench.pass.PassMaker;
import sluice.bench.report.CliffPage;
import sluice.nvme.drive.NvmeDrive;

/** {@code sluice bench cliff}: where a drive's cache is full, and how fast it is then. */
@Command(
    name = "cliff",
    description = {
      "Writes the drive from its begin to its end, one chunk after the other, and looks where the",
      "rate falls: there its cache is full. Tells the rate before and the one that lasts, and pauses.",
      "A drive that was idle for long enough to empty its cache shows the most.",
      "",
      "The place is right to within a step and what was out. A step is a two-thousandth of what is",
      "written, but twice what is out at least."
    },
    footer = {
      "",
      "  sluice bench cliff --drive pci:0000:01:00.0 --allow-write --serial S123",
      "  sluice bench cliff --drive 'virtual:memory?size=1G&cliff=200M&after=50MB/s' --allow-write"
    })
final class BenchCliffCommand implements Callable<Integer> {
  @Mixin private BenchTarget target;

  @Option(
      names = "--bs",
      paramLabel = "SIZE",
      defaultValue = "128k",
      converter = OptionValues.Size.class,
      description = "Bytes per command (default: 128k).")
  private long chunk;

  @Option(
      names = "--iodepth",
      paramLabel = "N",
      defaultValue = "8",
      description = "Commands that are out at a time (default: 8).")
  private int depth;

  @Mixin private PauseOption pause;

  @Option(names = "--html", paramLabel = "FILE", description = "Write a page with plots too.")
  private Path page;

  @Mixin private Output output;

  @Override
  public Integer call() {
    BenchTarget.requireWritable(page);
    CliffResult result = target.measure(this::measure);
    CliffReport report = new CliffReport(target.name(), chunk, depth, result);
    if (output.isJson()) {
      output.json(report.json());
    } else {
      report.print(System.out);
    }
    target.write(page, CliffPage.of(target.name(), report.answer(), result, target.conditions(1)));
    return result.interrupted() ? ExitStatus.INTERRUPTED : ExitStatus.OK;
  }

  private CliffResult measure(NvmeDrive drive, LiveLine line) {
    PassMaker.Shape shape =
        new PassMaker.Shape(
            target.bytes(drive), OptionValues.wholeInt("--bs", chunk), depth, pause.nanos());
    CliffBench bench =
        new CliffBench(
            drive.controller(),
            drive.namespace(),
            shape,
            target.warmingUp(),
            System::nanoTime,
            part -> line.show(() -> "%.1f%% written".formatted(100 * part)));
    Signals.onFirst(bench::stop);
    return bench.run();
  }
}
