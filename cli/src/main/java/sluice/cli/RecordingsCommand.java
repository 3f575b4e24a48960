package sluice.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import sluice.nvme.drive.NvmeDrive;
import sluice.recorder.Recording;
import sluice.recorder.Volume;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.FormatException;
import sluice.recorder.format.RecordingState;
import sluice.recorder.volume.Finding;
import sluice.support.text.PlainText;
import sluice.support.text.Units;

/** {@code sluice recordings}: what is on a drive. */
@Command(
    name = "recordings",
    description = "Lists the recordings on a drive, and where on it each one lies.",
    footer = {
      "",
      "  sluice recordings virtual:disk.img",
      "  sluice recordings virtual:disk.img -o json",
      "",
      "A clock that was set back and forth again is told by check alone.",
      "A plain read of the drive from a recording's address shows its stream.",
      "Exit status 1 says that catalogue or superblocks are damaged; what can be read is listed."
    })
final class RecordingsCommand implements Runnable {
  @Mixin private DriveArgument drive;
  @Mixin private GapList.Wanted gaps;
  @Mixin private Output output;

  @Override
  public void run() {
    try (Volume volume = drive.openVolumeToRead()) {
      List<Finding> findings = volume.findings();
      String damage = RecordingFacts.damage(volume, findings);
      if (output.isJson()) {
        Map<String, Object> json = json(volume, findings);
        if (!damage.isEmpty()) {
          json.put(Output.ERROR, damage);
        }
        output.json(json);
      } else {
        findings.forEach(finding ->
            System.err.println("sluice recordings: " + PlainText.escape(finding.toString())));
        show(volume);
        if (drive.canBeOpenedToWrite() && volume.drive() instanceof NvmeDrive nvme) {
          DriveAccess.tellShortage(nvme);
        }
      }
      if (!damage.isEmpty()) {
        throw new FormatException(damage);
      }
    }
  }

  private void show(Volume volume) {
    List<Recording> recordings = volume.recordings();
    if (recordings.isEmpty()) {
      System.err.println("No recording is on " + volume.drive().name() + ".");
    } else {
      table(recordings).print(System.out);
    }
    for (Recording recording : recordings) {
      if (RecordingFacts.clockWasSetBack(recording.entry())) {
        output.line(
            recording
                + ": the clock was set back while it was made, so that it was closed at "
                + RecordingFacts.time(recording.closedNanos())
                + "; some times come twice");
      }
    }
    System.err.println(Units.formatSize(volume.freeBytes()) + " free");
    if (gaps.isWanted()) {
      for (Recording recording : recordings) {
        if (recording.gaps() > 0) {
          output.line(recording + ":");
          GapList.print(recording, 0, Long.MAX_VALUE, System.out);
        }
      }
    }
  }

  private static Map<String, Object> json(Volume volume, List<Finding> findings) {
    List<Object> recordings = new ArrayList<>();
    for (Recording recording : volume.recordings()) {
      Map<String, Object> each = RecordingFacts.json(recording.entry());
      each.put("estimatedLostBytes", GapList.estimatedBytes(recording));
      each.put("clockWasSetBack", RecordingFacts.clockWasSetBack(recording.entry()));
      each.put("gapList", GapList.json(recording));
      recordings.add(each);
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("damaged", findings.stream().anyMatch(Finding::isDamage));
    json.put("findings", RecordingFacts.findings(findings));
    json.put("freeBytes", volume.freeBytes());
    json.put("recordings", recordings);
    return json;
  }

  private static Output.Table table(List<Recording> recordings) {
    Output.Table table =
        new Output.Table(
            ">#", "name", "state", "opened", ">length", ">lost", ">gaps", ">address", "header");
    for (Recording recording : recordings) {
      CatalogueEntry entry = recording.entry();
      boolean open = entry.state() == RecordingState.OPEN;
      table.row(
          String.valueOf(entry.number()),
          entry.name(),
          open ? "open, see check" : RecordingFacts.state(entry),
          RecordingFacts.time(entry.openedNanos()).toString(),
          open ? "?" : Units.formatSize(entry.totals().streamBytes()),
          open ? "?" : lost(recording),
          open ? "?" : String.valueOf(entry.totals().gaps()),
          String.valueOf(RecordingFacts.address(entry)),
          header(entry.header()));
    }
    return table;
  }

  private static String lost(Recording recording) {
    return (GapList.estimatedBytes(recording) > 0 ? "about " : "")
        + Units.formatSize(recording.lostBytes());
  }

  private static String header(Map<String, String> header) {
    StringBuilder text = new StringBuilder();
    header.forEach((key, value) -> text.append(key).append('=').append(value).append(' '));
    return text.toString();
  }
}
