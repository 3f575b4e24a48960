package sluice.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import sluice.bench.chunks.ChunksBench;
import sluice.bench.chunks.ChunksResult;
import sluice.bench.pass.PassMaker;
import sluice.nvme.drive.NvmeDrive;

/** {@code sluice bench chunks}: sessions of chunks, and the whole drive written and read back. */
@Command(
    name = "chunks",
    description = {
      "Writes and reads sessions of 1, 2, 4 and so on chunks, each behind the one before it, as",
      "recorders in hardware are measured. Then writes the whole drive, reads it back, and checks",
      "each byte.",
      "",
      "A session takes from its first submission to its last completion; nothing is flushed."
    },
    footer = {
      "",
      "  sluice bench chunks --drive pci:0000:01:00.0 --allow-write --serial S123",
      "  sluice bench chunks --drive virtual:memory?size=1G --allow-write --most 1024 -o json",
      "",
      "Exit status 1 says that a byte is not as it was written."
    })
final class BenchChunksCommand implements Callable<Integer> {
  @Mixin private BenchTarget target;

  @Option(
      names = "--chunk",
      paramLabel = "SIZE",
      defaultValue = "128k",
      converter = OptionValues.Size.class,
      description = "Bytes per command (default: 128k).")
  private long chunk;

  @Option(
      names = "--most",
      paramLabel = "N",
      defaultValue = "32768",
      description =
          "Chunks of the longest session (default: 32768); what does not fit is left out.")
  private int most;

  @Option(
      names = "--iodepth",
      paramLabel = "N",
      defaultValue = "32",
      description = "Commands that are out at a time (default: 32).")
  private int depth;

  @Option(
      names = "--repeats",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often each session is done; the median counts (default: 5).")
  private int repeats;

  @Option(names = "--sessions-only", description = "Leave out the whole drive.")
  private boolean sessionsOnly;

  @Mixin private PauseOption pause;

  @Mixin private Output output;

  @Override
  public Integer call() {
    ChunksReport report = target.measure(this::measure);
    if (output.isJson()) {
      output.json(report.json());
    } else {
      report.print(System.out);
    }
    ChunksResult result = report.result();
    if (!result.isClean()) {
      throw new IllegalStateException(
          "what was read is not what was written: " + result.full().get().firstDifference());
    }
    return result.interrupted() ? ExitStatus.INTERRUPTED : ExitStatus.OK;
  }

  private ChunksReport measure(NvmeDrive drive, LiveLine line) {
    PassMaker.Shape shape =
        new PassMaker.Shape(
            target.bytes(drive), OptionValues.wholeInt("--chunk", chunk), depth, pause.nanos());
    ChunksBench.Load load = new ChunksBench.Load(shape, most, repeats, !sessionsOnly);
    ChunksBench bench =
        new ChunksBench(
            drive.controller(),
            drive.namespace(),
            load,
            target.warmingUp(),
            System::nanoTime,
            text -> line.show(() -> text));
    Signals.onFirst(bench::stop);
    return new ChunksReport(target.name(), load, bench.run());
  }
}
