package sluice.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import sluice.vfio.takeover.Doctor;
import sluice.vfio.takeover.Finding;

/** {@code sluice doctor}: what this machine lacks for recording to its drives. */
@Command(
    name = "doctor",
    description =
        "Looks at all that recording to a drive needs, a line each, with the command that mends"
            + " what is not well. Its status is 1 if something is missing.",
    footer = {
      "",
      "  sluice doctor",
      "  sluice doctor -o json",
    })
final class DoctorCommand implements Callable<Integer> {
  @Mixin private Output output;

  @Override
  public Integer call() {
    List<Finding> findings = new Doctor().look();
    if (output.isJson()) {
      output.json(findings.stream().map(DoctorCommand::json).toList());
    } else {
      int width = findings.stream().mapToInt(finding -> finding.name().length()).max().orElse(0);
      findings.forEach(finding -> output.line(line(finding, width)));
    }
    boolean missing =
        findings.stream().anyMatch(finding -> finding.level() == Finding.Level.MISSING);
    return missing ? ExitStatus.FAILURE : ExitStatus.OK;
  }

  private static String line(Finding finding, int width) {
    String mark =
        switch (finding.level()) {
          case GOOD -> "good    ";
          case COULD_BE_BETTER -> "better? ";
          case MISSING -> "MISSING ";
        };
    String name = finding.name() + " ".repeat(width - finding.name().length());
    String remedy = finding.remedy().isEmpty() ? "" : "  ->  " + finding.remedy();
    return mark + " " + name + "  " + finding.text() + remedy;
  }

  private static Map<String, Object> json(Finding finding) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", finding.name());
    map.put("level", finding.level().name());
    map.put("text", finding.text());
    map.put("remedy", finding.remedy());
    return map;
  }
}
