package sluice.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Conditions;
import sluice.bench.result.DriveInfo;
import sluice.bench.result.Rounds;
import sluice.bench.result.WarmUp;

class ConditionsTest {
  private static BenchResult run(WarmUp warmUp) {
    BenchResult sample = SampleRun.result();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("command", "sluice bench <a>");
    facts.put("host", "here");
    return new BenchResult(
        sample.version(),
        sample.start(),
        sample.end(),
        Map.of(),
        List.of(),
        sample.drives(),
        sample.jobs(),
        false,
        Rounds.NONE,
        new Conditions(facts, warmUp));
  }

  @Test
  void theyAreInAllReports() {
    BenchResult run = run(new WarmUp(1_250_000_000, true));
    assertThat(HumanReport.of(run, ZoneOffset.UTC))
        .endsWith(
            """

            Conditions:
              command      : sluice bench <a>
              host         : here
              warm-up      : 1.3 s on a drive that does nothing; the rate stood still then
            """);
    assertThat(JsonReport.of(run, false, ZoneOffset.UTC))
        .containsIgnoringWhitespaces(
            "\"warm_up\":{\"ns\":1250000000,\"steady\":true},"
                + "\"conditions\":{\"command\":\"sluice bench <a>\",\"host\":\"here\"}");
    assertThat(HtmlReport.of(run, ZoneOffset.UTC))
        .contains("<li>command <b>sluice bench &lt;a&gt;</b></li>", "warm-up <b>1.3 s on");
  }

  @Test
  void temperatureAndIommuOfADriveAreTold() {
    BenchResult run = run(WarmUp.NONE);
    DriveInfo cold = new DriveInfo("pci:0", "m", "s", "f", 1 << 20, 512, "type1", 303, 0);
    DriveInfo silent = new DriveInfo("virtual:x", "m", "s", "f", 1 << 20, 512);
    BenchResult two =
        new BenchResult(
            run.version(),
            run.start(),
            run.end(),
            Map.of(),
            List.of(),
            List.of(cold.after(317), silent),
            run.jobs(),
            false,
            Rounds.NONE,
            run.conditions());
    assertThat(HumanReport.of(two, ZoneOffset.UTC))
        .contains("  iommu        : type1; –\n", "  temperature  : 30 °C, then 44 °C; –\n");
    assertThat(HtmlReport.of(two, ZoneOffset.UTC))
        .contains("<li>temperature <b>30 °C, then 44 °C</b></li>", "<li>IOMMU <b>type1</b></li>");
    assertThat(JsonReport.of(two, false, ZoneOffset.UTC))
        .containsIgnoringWhitespaces(
            "\"iommu\":\"type1\",\"temperature_before_kelvin\":303,"
                + "\"temperature_after_kelvin\":317");
    assertThat(cold.temperature()).isEqualTo("30 °C");
    assertThat(cold.after(303).temperature()).isEqualTo("30 °C");
    assertThat(silent.after(300).temperature()).isEqualTo("27 °C");
    assertThat(silent.temperature()).isEmpty();
  }

  @Test
  void aWarmUpThatWasNotDoneOrNotEnoughIsTold() {
    assertThat(HumanReport.of(run(WarmUp.NONE), ZoneOffset.UTC))
        .contains("warm-up      : none: the compiler's work is in the first seconds");
    assertThat(HumanReport.of(run(new WarmUp(3_000_000_000L, false)), ZoneOffset.UTC))
        .contains(
            "warm-up      : 3.0 s on a drive that does nothing; the rate did not stand still");
  }

  @Test
  void thisMachineIsKnown() {
    assertThat(Conditions.of("x", "polled", 2).facts())
        .containsEntry("command", "x")
        .containsEntry("completions", "polled")
        .containsEntry("threads", "2")
        .containsKeys("cpu", "kernel", "java")
        .allSatisfy((name, value) -> assertThat(value).isNotBlank());
  }
}
