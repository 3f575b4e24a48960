package sluice.cli;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toMap;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import sluice.recorder.Certificate;
import sluice.recorder.CheckReport;
import sluice.recorder.CheckReport.CheckedRecording;
import sluice.recorder.Recording;
import sluice.recorder.Volume;
import sluice.recorder.format.FormatException;
import sluice.recorder.format.RecordingState;
import sluice.support.text.Units;

/** {@code sluice check}: whether all is on a drive that should be. */
@Command(
    name = "check",
    description =
        "Reads all recordings of a drive and verifies every byte. Recovers what a crash has left"
            + " open. Writes nothing to a drive on which anything is damaged, unless --repair is"
            + " given.",
    footer = {
      "",
      "  sluice check virtual:disk.img",
      "  sluice check virtual:disk.img --index-only -o json",
      "",
      "Exit status 0 says that all is intact, recovered or not; 1 that something is damaged. With",
      "--repair it is about what there is afterwards; what was repaired is told line by line."
    })
final class CheckCommand implements Runnable {
  @Mixin private DriveArgument drive;

  @Option(names = "--index-only", description = "Verify the indexes, but do not read the data.")
  private boolean indexOnly;

  @Option(
      names = "--repair",
      description =
          "Write damaged metadata anew from its other copy, bring back recordings whose entry was"
              + " lost as far as their index proves them, give up entries that cannot be read, and"
              + " cut open recordings where they are damaged.")
  private boolean repair;

  @Option(
      names = "--accept-loss",
      description =
          "With --repair: make gaps of what is damaged in recordings that have ended. It is lost"
              + " then, and each check tells of it, but the drive is no longer damaged.")
  private boolean acceptLoss;

  @Mixin private GapList.Wanted gaps;
  @Mixin private Output output;

  @Override
  public void run() {
    if (acceptLoss && (!repair || indexOnly)) {
      throw new IllegalArgumentException(
          "--accept-loss goes with --repair, and reads all data: leave --index-only out");
    }
    try (Volume volume = open()) {
      CheckReport report = report(volume);
      String damage = RecordingFacts.damage(volume, report.findings());
      Map<Integer, Recording> recordings =
          volume.recordings().stream().collect(toMap(Recording::number, identity()));
      if (output.isJson()) {
        Map<String, Object> json = json(report, recordings);
        if (!damage.isEmpty()) {
          json.put(Output.ERROR, damage);
        }
        output.json(json);
      } else {
        show(report);
        if (gaps.isWanted()) {
          recordings.values().forEach(this::listGaps);
        }
      }
      if (!damage.isEmpty()) {
        throw new FormatException(damage);
      }
    }
  }

  /** To be written only if there is something to write, so that a look changes nothing. */
  private Volume open() {
    if (repair) {
      return drive.openVolume();
    }
    Volume volume = drive.openVolumeToRead();
    if (!volume.hasLeftovers() || !drive.canBeOpenedToWrite()) {
      return volume;
    }
    volume.close();
    return drive.openVolume();
  }

  private CheckReport report(Volume volume) {
    if (acceptLoss) {
      return volume.repairAndAcceptLoss();
    }
    return repair ? volume.repair(!indexOnly) : volume.check(!indexOnly);
  }

  private void listGaps(Recording recording) {
    if (recording.gaps() > 0) {
      output.line(recording + ":");
      GapList.print(recording, 0, Long.MAX_VALUE, System.out);
    }
  }

  private void show(CheckReport report) {
    report.repaired().forEach(repair -> output.line("repaired: " + repair));
    report.findings().forEach(finding -> output.line(finding.toString()));
    if (!report.recordings().isEmpty()) {
      Output.Table table =
          new Output.Table(">#", "name", "state", ">length", ">gaps", ">lost", "verdict");
      for (CheckedRecording recording : report.recordings()) {
        Certificate certificate = recording.certificate();
        table.row(
            String.valueOf(recording.entry().number()),
            recording.entry().name(),
            RecordingFacts.state(recording.entry()),
            Units.formatSize(certificate.totals().streamBytes()),
            String.valueOf(certificate.totals().gaps()),
            (certificate.estimatedLostBytes() > 0 ? "about " : "")
                + Units.formatSize(certificate.totals().lostBytes()),
            verdict(recording));
      }
      table.print(System.out);
    }
    if (!report.hasDamage()) {
      output.line("intact: %d recordings".formatted(report.recordings().size()));
    }
  }

  private static String verdict(CheckedRecording recording) {
    Certificate certificate = recording.certificate();
    if (!certificate.isIntact()) {
      return certificate.isIndexWhole()
          ? "damaged: %d chunks".formatted(certificate.damagedChunks())
          : "damaged index";
    }
    if (!certificate.isDataVerified()) {
      return "index intact, data not read";
    }
    String cut =
        recording.entry().state() == RecordingState.RECOVERED ? "cut by a crash; up to there " : "";
    if (certificate.totals().streamBytes() == 0) {
      return cut.isEmpty() ? "empty" : "empty: a crash came before anything was kept";
    }
    return cut + (certificate.isGapless() ? "gapless, every byte verified" : "every byte verified");
  }

  private static Map<String, Object> json(CheckReport report, Map<Integer, Recording> byNumber) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("intact", !report.hasDamage());
    json.put("findings", RecordingFacts.findings(report.findings()));
    json.put("repaired", RecordingFacts.repairs(report.repaired()));
    List<Object> recordings = new ArrayList<>();
    for (CheckedRecording recording : report.recordings()) {
      Map<String, Object> each = RecordingFacts.json(recording.entry());
      each.put("recoveredNow", recording.isRecovered());
      each.put("certificate", json(recording.certificate()));
      each.put(
          "gapList",
          byNumber.containsKey(recording.entry().number())
              ? GapList.json(byNumber.get(recording.entry().number()))
              : List.of());
      recordings.add(each);
    }
    json.put("recordings", recordings);
    return json;
  }

  private static Map<String, Object> json(Certificate certificate) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("intact", certificate.isIntact());
    json.put("gapless", certificate.isGapless());
    json.put("indexWhole", certificate.isIndexWhole());
    json.put("dataVerified", certificate.isDataVerified());
    json.put("indexEntries", certificate.entries());
    json.put("chain", "%08x".formatted(certificate.chain()));
    json.put("bytes", certificate.totals().streamBytes());
    json.put("gaps", certificate.totals().gaps());
    json.put("lostBytes", certificate.totals().lostBytes());
    json.put("estimatedLostBytes", certificate.estimatedLostBytes());
    json.put("acceptedLostBytes", certificate.acceptedLostBytes());
    json.put("damagedChunks", certificate.damagedChunks());
    json.put("damagedBytes", certificate.damagedBytes());
    json.put("durableMarks", certificate.marks());
    json.put("ringHighWaterBytes", certificate.highWaterBytes());
    json.put("maxTemperatureKelvin", certificate.maxKelvin());
    json.put("clockSetBack", certificate.clockSteps());
    json.put("longestClockStepNanos", certificate.longestStepNanos());
    return json;
  }
}
