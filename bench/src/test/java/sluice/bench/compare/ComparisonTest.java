package sluice.bench.compare;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static sluice.bench.compare.Comparison.TOLERANCE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.bench.compare.Difference.Verdict;
import sluice.bench.report.ComparisonPage;
import sluice.bench.result.RoundFigure;

class ComparisonTest {
  private static final List<Double> STEADY = List.of(1000.0, 1010.0, 990.0, 1005.0, 995.0);

  @TempDir Path folder;

  private static Comparison compare(Path before, Path after) {
    return Comparison.of(List.of(before), List.of(after), TOLERANCE);
  }

  private static List<Double> times(List<Double> values, double factor) {
    return values.stream().map(value -> value * factor).toList();
  }

  private static Verdict verdict(Comparison comparison, RoundFigure figure) {
    return difference(comparison, figure).verdict();
  }

  private static Difference difference(Comparison comparison, RoundFigure figure) {
    return comparison.differences().stream()
        .filter(difference -> difference.figure() == figure)
        .findFirst()
        .orElseThrow();
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private Path steady(String name, double factor) throws IOException {
    String job = Reports.rounds("job", times(STEADY, factor), times(STEADY, 1 / factor));
    return write(name, Reports.root(job));
  }

  @Test
  void aReportWithRoundsIsTheSameAsItself() throws IOException {
    Path file = steady("a.json", 1);

    Comparison comparison = compare(file, file);

    assertThat(comparison.differences()).hasSize(6);
    assertThat(comparison.differences())
        .allMatch(d -> d.change() == 0)
        .filteredOn(d -> d.figure() != RoundFigure.P999)
        .allMatch(d -> d.verdict() == Verdict.SAME && d.least() <= 0 && d.most() >= 0);
    assertThat(verdict(comparison, RoundFigure.P999)).isEqualTo(Verdict.TOO_FEW_COMMANDS);
  }

  /** What is known first; nothing from outside; names of others are text. */
  @Test
  void aComparisonHasAPage() throws IOException {
    Path a = write("a.json", Reports.root(Reports.rounds("j<b>", STEADY, STEADY)));
    Path b =
        write(
            "b.json",
            Reports.root(Reports.rounds("j<b>", times(STEADY, 0.8), times(STEADY, 1.001))));
    Comparison comparison = compare(a, b);
    String page = ComparisonPage.of(comparison, FailOn.parse("iops:5%").failures(comparison));
    assertThat(page)
        .contains("Of 6 figures 2 are worse and 0 better.", "3 the same, 1 that cannot be told.")
        .contains("1 lost more than was allowed", "<span class=\"bad\">worse, a failure</span>")
        .contains("a.json", "b.json", "j&lt;b&gt; read", "class=\"between bad\"", "-20.0%")
        .contains("same: a change of less than 5.0%")
        .doesNotContain("j<b>", "NaN", "http", "src=");
    assertThat(ComparisonPage.of(compare(a, a), List.of()))
        .contains("No figure is known to be better or worse.");
    assertThat(
            ComparisonPage.of(
                compare(write("c.json", Reports.once(1, 2)), write("d.json", Reports.once(3, 4))),
                List.of()))
        .contains("cannot tell: one round", "--rounds ")
        .doesNotContain("NaN");
  }

  @Test
  void whatIsBeyondTheRoundsOwnSpreadIsBetterOrWorse() throws IOException {
    Path a = steady("a.json", 1);
    Path less = steady("less.json", 0.9);

    Comparison worse = compare(a, less);
    assertThat(verdict(worse, RoundFigure.IOPS)).isEqualTo(Verdict.WORSE);
    assertThat(verdict(worse, RoundFigure.BANDWIDTH)).isEqualTo(Verdict.WORSE);
    assertThat(verdict(worse, RoundFigure.MEAN)).isEqualTo(Verdict.WORSE);
    assertThat(verdict(compare(less, a), RoundFigure.IOPS)).isEqualTo(Verdict.BETTER);
    Difference iops = difference(worse, RoundFigure.IOPS);
    assertThat(iops.change()).isBetween(-0.101, -0.099);
    assertThat(iops.least()).isEqualTo(990 * 0.9 / 1010 - 1 - 0.0, offset());
    assertThat(iops.most()).isEqualTo(1010 * 0.9 / 990 - 1, offset());
    assertThat(iops.loss()).isEqualTo(-iops.change());
  }

  private static org.assertj.core.data.Offset<Double> offset() {
    return org.assertj.core.api.Assertions.offset(0.02);
  }

  @Test
  void aFallToNearlyNothingIsNoNoise() throws IOException {
    Path a = steady("a.json", 1);
    Path b = steady("b.json", 0.01);
    assertThat(verdict(compare(a, b), RoundFigure.MEAN)).isEqualTo(Verdict.WORSE);
    assertThat(verdict(compare(b, a), RoundFigure.MEAN)).isEqualTo(Verdict.BETTER);
  }

  @Test
  void whatRoundsDifferByThemselvesIsNotTold() throws IOException {
    List<Double> wild = List.of(1000.0, 700.0, 1300.0, 900.0, 1200.0);
    Path a = write("a.json", Reports.root(Reports.rounds("job", wild, wild)));
    Path b = write("b.json", Reports.root(Reports.rounds("job", times(wild, 0.9), wild)));
    assertThat(verdict(compare(a, b), RoundFigure.IOPS)).isEqualTo(Verdict.SCATTERED);
  }

  @Test
  void oneRoundTellsNothing() throws IOException {
    Path a = write("a.json", Reports.once(1000, 1000));
    Path b = write("b.json", Reports.once(500, 2000));

    Comparison comparison = compare(a, b);

    assertThat(verdict(comparison, RoundFigure.IOPS)).isEqualTo(Verdict.ONE_ROUND);
    assertThat(difference(comparison, RoundFigure.IOPS).change()).isEqualTo(-0.5);
    assertThat(ComparisonText.of(comparison))
        .contains("-50.0%", "cannot tell: one round")
        .contains("For 4 figures, 5 rounds are needed on each side: --rounds 5.");
    assertThat(verdict(compare(a, steady("c.json", 1)), RoundFigure.IOPS))
        .isEqualTo(Verdict.ONE_ROUND);
  }

  @Test
  void tooFewRoundsAreSaidToBe() throws IOException {
    List<Double> four = STEADY.subList(0, 4);
    Path a = write("a.json", Reports.root(Reports.rounds("job", four, four)));
    assertThat(verdict(compare(a, a), RoundFigure.IOPS)).isEqualTo(Verdict.TOO_FEW_ROUNDS);
  }

  /** Eleven jobs are 44 questions, and their chance of a false answer is one. */
  @Test
  void moreFiguresNeedMoreRounds() throws IOException {
    String[] jobs =
        Stream.iterate(0, i -> i + 1)
            .limit(11)
            .map(i -> Reports.rounds("job" + i, STEADY, STEADY))
            .toArray(String[]::new);
    Path a = write("a.json", Reports.root(jobs));

    Comparison comparison = compare(a, a);

    assertThat(comparison.tests()).isEqualTo(44);
    assertThat(comparison.needed()).isEqualTo(7);
    assertThat(verdict(comparison, RoundFigure.IOPS)).isEqualTo(Verdict.TOO_FEW_ROUNDS);
  }

  @Test
  void severalReportsOfASideAreAValueEach() throws IOException {
    List<Path> before =
        List.of(
            write("a1.json", Reports.once(1000, 1000)),
            write("a2.json", Reports.once(1010, 990)),
            write("a3.json", Reports.once(990, 1010)),
            write("a4.json", Reports.once(1005, 995)),
            steady("a5.json", 1));
    List<Path> after =
        List.of(
            write("b1.json", Reports.once(800, 1250)),
            write("b2.json", Reports.once(810, 1240)),
            write("b3.json", Reports.once(790, 1260)),
            write("b4.json", Reports.once(805, 1245)),
            steady("b5.json", 0.8));
    Comparison comparison = Comparison.of(before, after, TOLERANCE);
    assertThat(verdict(comparison, RoundFigure.IOPS)).isEqualTo(Verdict.WORSE);
    assertThat(ComparisonText.of(comparison)).contains("spread of the reports");
    assertThat(ComparisonText.of(Comparison.of(before.subList(0, 3), after, TOLERANCE)))
        .contains("cannot tell: too few reports", "5 reports are needed on each side");
    Comparison mixed = Comparison.of(List.of(before.getLast()), after, TOLERANCE);
    assertThat(verdict(mixed, RoundFigure.IOPS)).isEqualTo(Verdict.ONE_ROUND);
    assertThat(ComparisonText.of(mixed)).contains("cannot tell: one report");
  }

  @Test
  void whatABusierMachineExplainsIsNoVerdict() throws IOException {
    List<Double> idle = List.of(0.0, 0.01, 0.0, 0.0, 0.0);
    List<Double> busy = List.of(0.3, 0.31, 0.29, 0.3, 0.3);
    List<Double> less = times(STEADY, 0.8);
    Path a = write("a.json", Reports.root(Reports.rounds("job", STEADY, STEADY, idle)));
    Path b = write("b.json", Reports.root(Reports.rounds("job", less, less, busy)));
    Path c = write("c.json", Reports.root(Reports.rounds("job", less, less, idle)));
    Path d = write("d.json", Reports.root(Reports.rounds("job", times(STEADY, 0.5), less, busy)));
    assertThat(verdict(compare(a, b), RoundFigure.IOPS)).isEqualTo(Verdict.BUSY);
    assertThat(verdict(compare(a, c), RoundFigure.IOPS)).isEqualTo(Verdict.WORSE);
    assertThat(verdict(compare(a, d), RoundFigure.IOPS)).isEqualTo(Verdict.WORSE);
    assertThat(verdict(compare(b, a), RoundFigure.IOPS)).isEqualTo(Verdict.BUSY);
  }

  @Test
  void aRateThatFellToNothingIsWorse() throws IOException {
    List<Double> none = List.of(0.0, 0.0, 0.0, 0.0, 0.0);
    Path a = steady("a.json", 1);
    Path b = write("b.json", Reports.root(Reports.rounds("job", none, STEADY)));
    assertThat(verdict(compare(a, b), RoundFigure.IOPS)).isEqualTo(Verdict.WORSE);
    assertThat(verdict(compare(b, a), RoundFigure.IOPS)).isEqualTo(Verdict.BETTER);
    assertThat(verdict(compare(b, b), RoundFigure.IOPS)).isEqualTo(Verdict.SAME);
    assertThat(ComparisonText.of(compare(b, a))).doesNotContain("NaN", "Infinity");
    assertThat(ComparisonJson.of(compare(b, a), List.of())).doesNotContain("NaN", "Infinity");
  }

  @Test
  void fiosOwnReportsAreComparedToo() throws IOException {
    String fio;
    try (var in = ComparisonTest.class.getResourceAsStream("/sluice/bench/report/layout.json")) {
      fio = new String(in.readAllBytes(), UTF_8);
    }
    Path file = write("fio.json", "fio: a note of fio before its JSON\n" + fio + "\nand after\n");

    assertThat(ComparisonText.of(compare(file, file)))
        .contains("mixed read", "file read", "unified mixed", "steady write", "one round")
        .doesNotContain("better", "worse", " same");
  }

  @Test
  void whatOnlyOneSideHasIsTold() throws IOException {
    Path a = write("a.json", Reports.once(1000, 1000));
    Path b =
        write(
            "b.json",
            Reports.once(1000, 1000)
                .replace("\"write\": {\"total_ios\": 0", "\"write\": {\"total_ios\": 9"));

    assertThat(ComparisonText.of(compare(a, b))).contains("only in b: job write");
    assertThat(compare(b, a).lost()).containsExactly("job write");
    assertThat(ComparisonJson.of(compare(a, b), List.of()))
        .contains("\"only_in_b\" : [ \"job write\" ]");
  }

  @Test
  void anotherLoadIsTold() throws IOException {
    Path a = write("a.json", Reports.once(1000, 1000));
    Path b = write("b.json", Reports.once(1000, 1000).replace("\"4k\"", "\"8k\""));
    assertThat(ComparisonText.of(compare(a, b)))
        .contains("not the same load: job job: bs=4k in a, bs=8k in b");
  }

  @Test
  void jobsOfOneNameAreComparedInTheirOrder() throws IOException {
    String first = Reports.rounds("x", STEADY, STEADY);
    String second = Reports.rounds("x", times(STEADY, 3), STEADY);
    Path a = write("a.json", Reports.root(first, second));
    assertThat(compare(a, a).differences())
        .extracting(Difference::row)
        .contains("x read", "x#2 read");
    Path b = write("b.json", Reports.root(first));
    assertThat(compare(a, b).lost()).containsExactly("x#2 read");
  }

  @Test
  void aGoldenTable() throws IOException {
    Path a = steady("a.json", 1);
    Path b = steady("b.json", 0.9);

    assertThat(ComparisonText.of(compare(a, b)).lines().skip(3))
        .containsExactly(
            "job                                   a             b   change  between",
            "job read  iops                    1,000           900   -10.0%  -11.8% .. -8.2%      worse",
            "          bw KiB/s                4,000         3,600   -10.0%  -11.8% .. -8.2%      worse",
            "          clat mean us             1.00          1.11   +11.1%  +8.9% .. +13.4%      worse",
            "          clat p50 us              1.00          1.11   +11.1%  +8.9% .. +13.4%      worse",
            "          clat p99 us              2.00          2.22   +11.1%  +8.9% .. +13.4%      worse",
            "          clat p99.9 us            3.00          3.33   +11.1%                       cannot"
                + " tell: too few commands",
            "",
            "same: a change of less than 5.0%. Judged by the spread of the rounds: with 95% all"
                + " changes lie in their intervals.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no JSON here",
        "{",
        "{\"jobs\": }",
        "{\"jobs\": []}",
        "{\"jobs\": [1]}",
        "{\"a\": 1}",
        "[]",
        "{\"jobs\": [{\"jobname\": 7}]}",
        "{\"jobs\": [{\"jobname\": \"a\"}]}",
        "{\"jobs\": [{\"jobname\": \"a\", \"read\": {}, \"sluice\": {\"rounds\": {\"read\":"
            + " {\"iops\": {\"each\": [1, -1]}}}}}]}",
        "{\"jobs\": [{\"jobname\": \"a\", \"read\": {}, \"sluice\": {\"rounds\": {\"read\":"
            + " {\"iops\": {\"each\": [\"NaN\"]}}}}}]}",
        "{\"jobs\": [{\"jobname\": \"a\", \"read\": {}, \"sluice\": {\"rounds\": {\"read\":"
            + " {\"iops\": {\"each\": [1e999]}}}}}]}",
        "{\"jobs\": [{\"jobname\": \"a\", \"sluice\": {\"cpu_wait_share\": 2}}]}"
      })
  void badJsonGetsOneClearLine(String text) throws IOException {
    Path file = write("bad.json", text);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> compare(file, file))
        .satisfies(e -> assertThat(e.getMessage()).contains("bad.json").doesNotContain("\n"));
  }

  @Test
  void whatIsNoTextIsNamed() throws IOException {
    Path file = Files.write(folder.resolve("b.img"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> compare(file, file))
        .withMessage(file + " is not JSON: it is not text");
  }

  @Test
  void whatIsWrongWithJsonIsTold() throws IOException {
    Path file = write("bad.json", "{\n  \"jobs\": [");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> compare(file, file))
        .withMessage(
            file + " is not JSON: Unexpected end-of-input: expected close marker for Array");
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> compare(folder.resolve("none.json"), folder.resolve("none.json")))
        .withMessage("there is no file " + folder.resolve("none.json"));
  }
}
