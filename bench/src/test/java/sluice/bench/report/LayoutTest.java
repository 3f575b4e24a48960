package sluice.bench.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/**
 * What fio 3.33 wrote of one run in both its formats ({@code layout.fio} is the job file): from its
 * JSON+ we write the same text, and the same JSON.
 */
class LayoutTest {
  /** Figures that fio takes from its own histograms, or that JSON+ does not tell. */
  private static final Pattern FROM_BINS =
      Pattern.compile("/percentile/|/latency_[num]s/|/iodepth_|/max_deviation|/eta");

  /** The same in the text; fio 3.33 shows binary units as decimal ones in a steady state. */
  private static final Pattern UNTOLD =
      Pattern.compile(
          "(?<=th=\\[)[ \\d]+(?=])|(?<=pid=)\\d+|(?<=jobs=)\\d+"
              + "|(?<==)[\\d.]+%(?=.*>=64=)|(?<=64=)[\\d.]+%|\\(\\d+kB/s\\)(?=, iops)");

  private static final Offset<Double> TOLERANCE = Offset.offset(1e-4);

  @Test
  void textHasFiosLayout() throws IOException {
    String text = HumanReport.of(FioReport.read(resource("layout.json")), ZoneOffset.UTC);

    assertThat(comparable(text)).containsExactlyElementsOf(comparable(resource("layout.txt")));
  }

  @Test
  void jsonHasFiosKeysTypesOrderAndFigures() throws IOException {
    String fio = resource("layout.json");
    String own = JsonReport.of(FioReport.read(fio), true, ZoneOffset.UTC);

    assertThat(KeyTree.of(own)).containsExactlyElementsOf(KeyTree.of(fio));
    Map<String, Object> a = KeyTree.leaves(JSON.std.mapFrom(fio));
    Map<String, Object> b = KeyTree.leaves(JSON.std.mapFrom(own));
    assertThat(b.keySet()).containsAll(a.keySet());
    a.forEach((path, value) -> {
      if (value instanceof Number expected && !FROM_BINS.matcher(path).find()) {
        double actual = ((Number) b.get(path)).doubleValue();
        assertThat(actual).as(path).isCloseTo(expected.doubleValue(), TOLERANCE);
      }
    });
  }

  @Test
  void percentilesAreThoseOfFio() throws IOException {
    String fio = resource("layout.json");
    String own = JsonReport.of(FioReport.read(fio), true, ZoneOffset.UTC);
    Map<String, Object> ours = KeyTree.leaves(JSON.std.mapFrom(own));

    KeyTree.leaves(JSON.std.mapFrom(fio))
        .forEach((path, value) -> {
          if (path.contains("/percentile/")) {
            double nanos = ((Number) value).doubleValue();
            assertThat(((Number) ours.get(path)).doubleValue())
                .as(path)
                .isBetween(nanos * 0.98 - 1, nanos * 1.02 + 1);
          }
        });
  }

  /** Lines up to those on the drive, with the figures that differ made equal. */
  private static List<String> comparable(String text) {
    return text.lines()
        .takeWhile(line -> !line.startsWith("Disk stats"))
        .filter(line -> !line.startsWith("  lat (") && !line.startsWith("  cpu per IO"))
        .map(line -> UNTOLD.matcher(line).replaceAll("#"))
        .toList();
  }

  private static String resource(String name) throws IOException {
    try (var in = LayoutTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
