package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.bench.modes.Access;
import sluice.bench.modes.Figures;
import sluice.bench.modes.ModeComparison.Load;
import sluice.bench.modes.ModeResult;
import sluice.bench.modes.ModeResult.Row;
import sluice.bench.modes.Shape;
import sluice.nvme.CompletionMode;

/** What {@code bench modes} prints, to the letter. */
class ModesReportTest {
  private static final Load LOAD = new Load(Access.RANDREAD, 4096, 2_000_000_000L);

  private static Row row(int queues, int depth, CompletionMode mode, double toPolled) {
    Figures figures = new Figures(100_000 * toPolled, 8_540, 12_000, 100_250, 9_999 / toPolled);
    return new Row(new Shape(queues, depth), mode, figures, 0.034, toPolled);
  }

  private static String print(ModeResult result) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new ModesReport("pci:0000:01:00.0", LOAD, 3, result)
        .print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void forPeople() {
    List<Row> rows =
        List.of(
            row(1, 1, CompletionMode.POLLED, 1),
            row(1, 1, CompletionMode.HYBRID, 0.9),
            row(1, 1, CompletionMode.INTERRUPTS, 0.5),
            row(4, 8, CompletionMode.POLLED, 1));
    assertThat(print(new ModeResult(true, List.of(), rows)))
        .isEqualTo(
            """
            pci:0000:01:00.0: randread of 4096 bytes, medians of 3 rounds of 2000 ms
            out  queues  depth  mode          IOPS  spread  to polled  p50 us  p99 us  p99.9 us  CPU us/IO
              1       1      1  polled      100000      3%      1.00x    8.54   12.00    100.25      10.00
              1       1      1  hybrid       90000      3%      0.90x    8.54   12.00    100.25      11.11
              1       1      1  interrupts   50000      3%      0.50x    8.54   12.00    100.25      20.00
             32       4      8  polled      100000      3%      1.00x    8.54   12.00    100.25      10.00
            """);
  }

  @Test
  void whatIsNotThereIsSaidInALine() {
    List<Row> rows = List.of(row(1, 1, CompletionMode.POLLED, 1));
    assertThat(print(new ModeResult(false, List.of(new Shape(4, 8)), rows)))
        .isEqualTo(
            """
            pci:0000:01:00.0: randread of 4096 bytes, medians of 3 rounds of 2000 ms
            This drive has no interrupts for this process: it can only be polled.
            4 queues of depth 8 are left out: the drive has fewer queues.
            out  queues  depth  mode      IOPS  spread  to polled  p50 us  p99 us  p99.9 us  CPU us/IO
              1       1      1  polled  100000      3%      1.00x    8.54   12.00    100.25      10.00
            """);
  }

  @Test
  void forPrograms() throws IOException {
    ModeResult result =
        new ModeResult(true, List.of(), List.of(row(1, 1, CompletionMode.INTERRUPTS, 0.5)));
    assertThat(JSON.std.asString(new ModesReport("virtual:d.img", LOAD, 3, result).json()))
        .isEqualTo(
            "{\"drive\":\"virtual:d.img\",\"rw\":\"randread\",\"bytes\":4096,"
                + "\"runtimeMillis\":2000,\"rounds\":3,\"interrupts\":true,\"rows\":[{"
                + "\"queues\":1,\"depth\":1,\"mode\":\"interrupts\",\"iops\":50000.0,"
                + "\"spread\":0.034,\"toPolled\":0.5,\"p50Nanos\":8540.0,\"p99Nanos\":12000.0,"
                + "\"p99.9Nanos\":100250.0,\"processorNanosPerIo\":19998.0}]}");
  }
}
