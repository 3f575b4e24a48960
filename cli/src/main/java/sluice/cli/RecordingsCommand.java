package sluice.cli;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import sluice.nvme.Units;
import sluice.recorder.Recording;
import sluice.recorder.Volume;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.RecordingState;

/** {@code sluice recordings}: what is on a drive. */
@Command(
    name = "recordings",
    description = "Lists the recordings on a drive, and where on it each one lies.",
    footer = {
      "",
      "  sluice recordings virtual:disk.img",
      "  sluice recordings virtual:disk.img -o json",
      "",
      "A plain read of the drive from a recording's address shows its stream."
    })
final class RecordingsCommand implements Runnable {
  @Mixin private DriveArgument drive;
  @Mixin private Output output;

  @Override
  public void run() {
    try (Volume volume = drive.openVolume()) {
      List<CatalogueEntry> entries = volume.recordings().stream().map(Recording::entry).toList();
      volume.findings().forEach(finding -> System.err.println("sluice recordings: " + finding));
      if (output.isJson()) {
        output.json(entries.stream().map(RecordingFacts::json).toList());
        return;
      }
      if (entries.isEmpty()) {
        System.err.println("No recording is on " + volume.drive().name() + ".");
      } else {
        table(entries).print(System.out);
      }
      System.err.println(Units.formatSize(volume.freeBytes()) + " free");
    }
  }

  private static Output.Table table(List<CatalogueEntry> entries) {
    Output.Table table =
        new Output.Table(
            ">#", "name", "state", "opened", ">length", ">lost", ">gaps", ">address", "header");
    for (CatalogueEntry entry : entries) {
      boolean open = entry.state() == RecordingState.OPEN;
      table.row(
          String.valueOf(entry.number()),
          entry.name(),
          open ? "open, see check" : RecordingFacts.state(entry),
          RecordingFacts.time(entry.openedNanos()).toString(),
          open ? "?" : Units.formatSize(entry.totals().streamBytes()),
          open ? "?" : Units.formatSize(entry.totals().lostBytes()),
          open ? "?" : String.valueOf(entry.totals().gaps()),
          String.valueOf(RecordingFacts.address(entry)),
          header(entry.header()));
    }
    return table;
  }

  private static String header(Map<String, String> header) {
    StringBuilder text = new StringBuilder();
    header.forEach((key, value) -> text.append(key).append('=').append(value).append(' '));
    return text.toString();
  }
}
