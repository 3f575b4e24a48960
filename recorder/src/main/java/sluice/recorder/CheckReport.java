package sluice.recorder;

import java.util.List;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.volume.Finding;
import sluice.recorder.volume.Repair;

/**
 * What a check of a volume has found.
 *
 * @param findings about superblocks, catalogue and recordings; empty if all is as it should be
 * @param recordings each recording, by its number
 * @param repaired what a repair has put in order before this check; empty without one
 */
public record CheckReport(
    List<Finding> findings, List<CheckedRecording> recordings, List<Repair> repaired) {

  /**
   * A recording that was checked.
   *
   * @param entry as it is in the catalogue now
   * @param isRecovered whether this check has recovered it
   * @param certificate what its index and data are worth
   */
  public record CheckedRecording(
      CatalogueEntry entry, boolean isRecovered, Certificate certificate) {}

  public CheckReport {
    findings = List.copyOf(findings);
    recordings = List.copyOf(recordings);
    repaired = List.copyOf(repaired);
  }

  /** The same, with what a repair has done before. */
  CheckReport after(List<Repair> repairs) {
    return new CheckReport(findings, recordings, repairs);
  }

  /** Whether anything is damaged. What a crash leaves behind is not damage. */
  public boolean hasDamage() {
    return findings.stream().anyMatch(Finding::isDamage);
  }
}
