package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import sluice.bench.anatomy.Dissection;
import sluice.bench.anatomy.Step;
import sluice.bench.anatomy.Summary;

/** What {@code bench anatomy} prints, to the letter. */
class AnatomyReportTest {
  /** A hundred times of a step, one nanosecond apart. */
  private static Summary from(long nanos) {
    return Summary.of(LongStream.range(nanos, nanos + 100).toArray());
  }

  private static Dissection.Result drive(String address, boolean tells, long factor) {
    Map<Step, Summary> steps = new EnumMap<>(Step.class);
    long nanos = 0;
    for (Step step : Step.values()) {
      nanos += factor;
      if (tells || !step.deviceTells()) {
        steps.put(step, from(nanos));
      }
    }
    return new Dissection.Result(address, steps);
  }

  private static final AnatomyReport REPORT =
      new AnatomyReport(
          "read",
          4096,
          List.of(drive("pci:0000:01:00.0", false, 1000), drive("virtual:d.img", true, 10)),
          24.56);

  @Test
  void forPeople() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    REPORT.print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            A = pci:0000:01:00.0
            B = virtual:d.img
            100 reads of 4096 bytes each, one at a time, in nanoseconds
            a look at the clock takes 24.6, which is in each step
            step                      min   p50        95%   p90   p99  p99.9   max    mean  95% +-
            entry queued          A  1000  1049  1039-1060  1089  1098   1099  1099  1049.5     5.7
            entry queued          B    10    59      49-70    99   108    109   109    59.5     5.7
            doorbell rung         A  2000  2049  2039-2060  2089  2098   2099  2099  2049.5     5.7
            doorbell rung         B    20    69      59-80   109   118    119   119    69.5     5.7
            completion seen       A  3000  3049  3039-3060  3089  3098   3099  3099  3049.5     5.7
            completion seen       B    30    79      69-90   119   128    129   129    79.5     5.7
              entry fetched       B    40    89     79-100   129   138    139   139    89.5     5.7
              data moved          B    50    99     89-110   139   148    149   149    99.5     5.7
              completion posted   B    60   109     99-120   149   158    159   159   109.5     5.7
              completion noticed  B    70   119    109-130   159   168    169   169   119.5     5.7
            doorbell back         A  8000  8049  8039-8060  8089  8098   8099  8099  8049.5     5.7
            doorbell back         B    80   129    119-140   169   178    179   179   129.5     5.7
            total                 A  9000  9049  9039-9060  9089  9098   9099  9099  9049.5     5.7
            total                 B    90   139    129-150   179   188    189   189   139.5     5.7
            """);
  }

  @Test
  void forPrograms() throws IOException {
    String json = JSON.std.asString(REPORT.json());
    Map<String, Object> all = JSON.std.mapFrom(json);
    assertThat(all.keySet()).containsExactly("rw", "bytes", "clockNanos", "drives");
    assertThat(json)
        .startsWith(
            "{\"rw\":\"read\",\"bytes\":4096,\"clockNanos\":24.56,"
                + "\"drives\":[{\"drive\":\"pci:0000:01:00.0\",\"steps\":{\"entryQueued\":{"
                + "\"n\":100,\"minNanos\":1000,\"p50Nanos\":1049,\"p50LowNanos\":1039,"
                + "\"p50HighNanos\":1060,\"p90Nanos\":1089,\"p99Nanos\":1098,"
                + "\"p99.9Nanos\":1099,\"maxNanos\":1099,\"meanNanos\":1049.5,"
                + "\"meanMarginNanos\":5.68");
    List<?> drives = (List<?>) all.get("drives");
    assertThat(steps(drives.getFirst()))
        .containsExactly("entryQueued", "doorbellRung", "completionSeen", "doorbellBack", "total");
    assertThat(steps(drives.getLast()))
        .containsExactly(
            "entryQueued",
            "doorbellRung",
            "completionSeen",
            "entryFetched",
            "dataMoved",
            "completionPosted",
            "completionNoticed",
            "doorbellBack",
            "total");
  }

  private static List<String> steps(Object drive) {
    return ((Map<?, ?>) ((Map<?, ?>) drive).get("steps"))
        .keySet().stream().map(Object::toString).toList();
  }
}
