package sluice.recorder;

import java.util.List;
import sluice.recorder.volume.Finding;

/** Says of findings that a repair has put in order what was done about them. */
final class Repairs {
  private Repairs() {}

  /** The findings that are gone. */
  static List<Finding> done(List<Finding> before, List<Finding> after) {
    return before.stream().filter(finding -> !after.contains(finding)).map(Repairs::done).toList();
  }

  /** Findings end in what will be done; these end in what was. */
  private static Finding done(Finding finding) {
    String text =
        finding
            .text()
            .replaceFirst("; the other copy is used;.*", "; written anew from the other copy")
            .replaceFirst("; the recording cannot be found;.*", "; given up");
    return new Finding(finding.severity(), finding.where(), text);
  }
}
