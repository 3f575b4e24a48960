package sluice.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import sluice.bench.result.BenchResult;
import sluice.bench.result.JobResult;

/** The page: written to {@code target/report.html} too, for looking at. */
class HtmlReportTest {
  private static final Pattern SVG = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL);
  private final String page = HtmlReport.of(SampleRun.result(), ZoneOffset.UTC);

  @Test
  void everyPlotIsWellFormedAndInsideOfItsFrame()
      throws ParserConfigurationException, SAXException, IOException {
    List<String> plots = SVG.matcher(page).results().map(match -> match.group()).toList();

    assertThat(plots).hasSize(14);
    for (String plot : plots) {
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(plot)));
      assertThat(plot).doesNotContain("NaN", "Infinity");
    }
    Path file = Path.of("target", "report.html");
    Files.createDirectories(file.getParent());
    Files.writeString(file, page);
  }

  @Test
  void nothingComesFromOutside() {
    assertThat(page).doesNotContain("http", "src=", "@import", "url(");
    assertThat(page).contains("prefers-color-scheme: dark", "name=\"viewport\"");
  }

  @Test
  void theAnswerComesFirst() {
    int answer = page.indexOf("class=\"card answer\"");
    assertThat(answer).isPositive().isLessThan(page.indexOf("<table>"));
    assertThat(page.substring(answer, page.indexOf("<table>")))
        .contains("Failed: ", "One I/O was stuck, the longest for 300 ms in record.")
        .contains("The longest pause: 300 ms, in record.", "class=\"bars\"");
    assertThat(page).contains("<summary>2 warnings</summary>");
  }

  @Test
  void singleIosAreTold() {
    assertThat(page)
        .contains("One I/O was stuck for 250 ms or more, the longest for 300 ms")
        .contains("queue 1, at 31.000 s, out for 0.300 s: completed")
        .contains("The 2 slowest I/Os: 12 ms to 300 ms", "7 ms, late by it");
  }

  @Test
  void pausesAreMarkedInTheRateAndPercentilesAreOverTime() {
    assertThat(page).contains("<rect class=\"pause\"", "Percentiles over time", "p99.9 ");
  }

  /** What the script takes for JSON has no end of a script in it, whatever a name is. */
  @Test
  void theDataCanBeSaved() {
    String data = page.substring(page.indexOf("id=\"data\">") + 10, page.indexOf("</script>"));
    assertThat(data).startsWith("{").doesNotContain("<").contains("\"disk_util\"");
    assertThat(page).contains("id=\"download\" download=\"sluice-bench.json\"");
  }

  @Test
  void textOfOthersIsEscaped() {
    assertThat(page).contains("option foo is not known &lt;b&gt;").doesNotContain("<b>\"");
  }

  @Test
  void pausesAndFailuresAreTold() {
    assertThat(page)
        .contains("3 pauses over 1 ms, the longest 300 ms")
        .contains("Buffer: 150MiB, needed at 31.300 s")
        .contains("no pause over 1 ms")
        .contains("1 of 1000 blocks differ; the first: offset 4096: byte 17 is 0x41, not 0x40");
  }

  @Test
  void aRunWithoutAnyCommandHasAPageToo() {
    BenchResult sample = SampleRun.result();
    JobResult job = JobResult.builder("idle", 0).error(5, "the drive is gone").build();
    BenchResult idle =
        new BenchResult(
            "0.1.0",
            sample.start(),
            sample.end(),
            Map.of(),
            List.of(),
            sample.drive(),
            List.of(job));

    assertThat(HtmlReport.of(idle, ZoneOffset.UTC)).contains("failed: the drive is gone");
  }
}
