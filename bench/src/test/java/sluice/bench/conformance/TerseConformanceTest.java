package sluice.bench.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.bench.report.FioReport;
import sluice.bench.report.TerseReport;

/** What the real fio wrote of one run as terse and as JSON+: from the JSON+ we write the same. */
class TerseConformanceTest {
  private static final Pattern PERCENTILE = Pattern.compile("([\\d.]+)%=(\\d+)");
  private static final Pattern FIGURE = Pattern.compile("-?[\\d.]+%?");

  /** Behind depths and classes there is fio's list of disks, which is empty for its null engine. */
  private static final int DRIVE_FIELDS = 9;

  /** Depths, and classes of latencies, which JSON+ tells by bins only. */
  private static final int SHARES = 7 + 10 + 12;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5})
  void eachFieldIsTheSame(int version) throws IOException {
    String both = RealFio.report(folder, jobs(), "terse,json+", "--terse-version=" + version);
    int json = both.indexOf("{\n");
    List<String> fio = both.substring(0, json).lines().filter(line -> !line.isEmpty()).toList();
    List<String> own =
        TerseReport.of(FioReport.read(both.substring(json)), version).lines().toList();

    assertThat(own).hasSameSizeAs(fio).hasSizeGreaterThanOrEqualTo(7);
    for (int i = 0; i < fio.size(); i++) {
      compare(fields(own.get(i)), fields(fio.get(i)), version);
    }
  }

  private static void compare(List<String> own, List<String> fio, int version) {
    String description = "at random";
    boolean isDescribed = fio.getLast().equals(description);
    assertThat(own.getLast().equals(description)).isEqualTo(isDescribed);
    int end = fio.size() - (isDescribed ? 1 : 0);
    int drive = version == 2 || fio.size() < SHARES ? 0 : DRIVE_FIELDS;
    assertThat(own).as("fields of %s", fio).hasSize(fio.size() + drive);
    for (int i = 0; i < end; i++) {
      String expected = fio.get(i);
      String actual = own.get(i);
      Matcher percentile = PERCENTILE.matcher(expected);
      if (i >= end - SHARES && expected.endsWith("%")) {
        assertThat(actual).as("field %d", i).matches(FIGURE);
      } else if (percentile.matches()) {
        Matcher ours = PERCENTILE.matcher(actual);
        assertThat(ours.matches()).as("field %d: %s", i, actual).isTrue();
        assertThat(ours.group(1)).isEqualTo(percentile.group(1));
        long micros = Long.parseLong(percentile.group(2));
        assertThat(Long.parseLong(ours.group(2)))
            .as("field %d", i)
            .isBetween(micros * 98 / 100 - 1, micros * 102 / 100 + 1);
      } else if (FIGURE.matcher(expected).matches()) {
        assertThat(figure(actual))
            .as("field %d of %s", i, fio)
            .isCloseTo(figure(expected), Offset.offset(1e-3 * Math.max(1, figure(expected))));
      } else {
        assertThat(actual).isEqualTo(expected.replace("fio-3.33", "fio-3.33-test"));
      }
    }
  }

  private static double figure(String text) {
    assertThat(text).matches(FIGURE);
    return Double.parseDouble(text.replace("%", ""));
  }

  private static List<String> fields(String line) {
    return List.of(line.split(";", -1));
  }

  private static Path jobs() {
    return Path.of(
        URI.create(
            Objects.requireNonNull(TerseConformanceTest.class.getResource("terse.fio"))
                .toString()));
  }
}
