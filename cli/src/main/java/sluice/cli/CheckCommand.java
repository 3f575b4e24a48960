package sluice.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import sluice.nvme.Units;
import sluice.recorder.Certificate;
import sluice.recorder.CheckReport;
import sluice.recorder.CheckReport.CheckedRecording;
import sluice.recorder.Volume;
import sluice.recorder.format.FormatException;
import sluice.recorder.volume.Finding;

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
      "Exit status 0 says that all is intact, recovered or not; 1 that something is damaged."
    })
final class CheckCommand implements Runnable {
  @Mixin private DriveArgument drive;

  @Option(names = "--index-only", description = "Verify the indexes, but do not read the data.")
  private boolean indexOnly;

  @Option(
      names = "--repair",
      description =
          "Write damaged metadata anew from its other copy, give up recordings whose entry cannot"
              + " be read, and cut open recordings where they are damaged.")
  private boolean repair;

  @Mixin private Output output;

  @Override
  public void run() {
    try (Volume volume = drive.openVolume()) {
      CheckReport report = repair ? volume.repair() : volume.check(!indexOnly);
      if (output.isJson()) {
        output.json(json(report));
      } else {
        show(report);
      }
      if (report.hasDamage()) {
        throw new FormatException(volume.drive().name() + " is damaged: " + damage(report));
      }
    }
  }

  private static String damage(CheckReport report) {
    List<Finding> damage = report.findings().stream().filter(Finding::isDamage).toList();
    String more = damage.size() > 1 ? " (and %d more)".formatted(damage.size() - 1) : "";
    return damage.getFirst() + more;
  }

  private void show(CheckReport report) {
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
            Units.formatSize(certificate.totals().lostBytes()),
            verdict(certificate));
      }
      table.print(System.out);
    }
    if (!report.hasDamage()) {
      output.line("intact: %d recordings".formatted(report.recordings().size()));
    }
  }

  private static String verdict(Certificate certificate) {
    if (!certificate.isIntact()) {
      return certificate.isIndexWhole()
          ? "damaged: %d chunks".formatted(certificate.damagedChunks())
          : "damaged index";
    }
    if (!certificate.isDataVerified()) {
      return "index intact, data not read";
    }
    return certificate.isGapless() ? "gapless, every byte verified" : "every byte verified";
  }

  private static Map<String, Object> json(CheckReport report) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("intact", !report.hasDamage());
    List<Object> findings = new ArrayList<>();
    for (Finding finding : report.findings()) {
      Map<String, Object> each = new LinkedHashMap<>();
      each.put("severity", finding.severity().name().toLowerCase(Locale.ROOT));
      each.put("where", finding.where());
      each.put("text", finding.text());
      findings.add(each);
    }
    json.put("findings", findings);
    List<Object> recordings = new ArrayList<>();
    for (CheckedRecording recording : report.recordings()) {
      Map<String, Object> each = RecordingFacts.json(recording.entry());
      each.put("recoveredNow", recording.isRecovered());
      each.put("certificate", json(recording.certificate()));
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
    json.put("damagedChunks", certificate.damagedChunks());
    json.put("damagedBytes", certificate.damagedBytes());
    json.put("durableMarks", certificate.marks());
    json.put("ringHighWaterBytes", certificate.highWaterBytes());
    json.put("maxTemperatureKelvin", certificate.maxKelvin());
    return json;
  }
}
