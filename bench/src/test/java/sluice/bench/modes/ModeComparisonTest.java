package sluice.bench.modes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sluice.bench.modes.ModeComparison.Load;
import sluice.bench.modes.ModeComparison.Target;
import sluice.bench.modes.ModeResult.Case;
import sluice.bench.modes.ModeResult.Row;
import sluice.nvme.CompletionMode;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;

class ModeComparisonTest {
  private static final Load READS = new Load(Access.RANDREAD, 4096, 5_000_000);

  private static ModeResult run(String address, Load load, List<Shape> shapes, int rounds) {
    return new ModeComparison(mode -> open(address), load, shapes, rounds, line -> {}).run();
  }

  private static Target open(String address) {
    NvmeController controller = Drives.open(address);
    return new Target(controller, controller.namespace(1));
  }

  private static Figures figures(double iops) {
    return new Figures(iops, 2 * iops, 3 * iops, 4 * iops, 5 * iops);
  }

  @Test
  void oneQueueAndSeveralForAsManyCommands() {
    assertThat(Shape.of(List.of(1, 8, 32), 4))
        .containsExactly(
            new Shape(1, 1), new Shape(1, 8), new Shape(4, 2), new Shape(1, 32), new Shape(4, 8));
    assertThat(Shape.of(List.of(1, 8), 1)).containsExactly(new Shape(1, 1), new Shape(1, 8));
    assertThatThrownBy(() -> Shape.of(List.of(10), 4))
        .hasMessage("10 commands cannot be shared evenly by 4 queues");
    assertThatThrownBy(() -> Shape.of(List.of(0), 4)).hasMessageContaining("at least one queue");
    assertThatThrownBy(() -> Shape.of(List.of(8), 0)).hasMessageContaining("at least one queue");
  }

  @Test
  void figuresAreMediansAndRatiosAreToPolling() {
    Shape shape = new Shape(1, 1);
    Map<Case, List<Figures>> rounds = new LinkedHashMap<>();
    rounds.put(
        new Case(shape, CompletionMode.POLLED), List.of(figures(90), figures(100), figures(120)));
    rounds.put(new Case(shape, CompletionMode.INTERRUPTS), List.of(figures(60), figures(20)));
    List<Row> rows = ModeResult.rows(rounds);
    assertThat(rows)
        .extracting(Row::mode)
        .containsExactly(CompletionMode.POLLED, CompletionMode.INTERRUPTS);
    Row polled = rows.getFirst();
    assertThat(polled.figures()).isEqualTo(new Figures(100, 200, 300, 400, 500));
    assertThat(polled.toPolled()).isEqualTo(1);
    assertThat(polled.spread()).isCloseTo(0.3, within(1e-9));
    Row interrupts = rows.getLast();
    assertThat(interrupts.figures().iops()).isEqualTo(40);
    assertThat(interrupts.toPolled()).isCloseTo(0.4, within(1e-9));
    assertThat(interrupts.spread()).isEqualTo(1);
  }

  @Test
  void aDriveWithoutInterruptsIsPolledAlone() {
    ModeResult result =
        run("virtual:memory?size=16M&thread=shared", READS, Shape.of(List.of(1, 4), 2), 2);
    assertThat(result.hasInterrupts()).isFalse();
    assertThat(result.leftOut()).isEmpty();
    assertThat(result.rows())
        .extracting(Row::shape)
        .containsExactly(new Shape(1, 1), new Shape(1, 4), new Shape(2, 2));
    assertThat(result.rows())
        .allSatisfy(row -> {
          assertThat(row.mode()).isEqualTo(CompletionMode.POLLED);
          assertThat(row.figures().iops()).isPositive();
          assertThat(row.figures().p50()).isPositive();
        });
  }

  @Test
  void whatTheDriveHasTooFewQueuesForIsLeftOut() {
    List<Shape> shapes = List.of(new Shape(1, 1), new Shape(4, 1));
    ModeResult result = run("virtual:memory?size=16M&thread=shared&queues=2", READS, shapes, 1);
    assertThat(result.leftOut()).containsExactly(new Shape(4, 1));
    assertThat(result.rows()).hasSize(1);
  }

  @Test
  void aFailedCommandEndsIt() {
    assertThatThrownBy(() ->
            run(
                "virtual:memory?size=16M&thread=shared&error=lba:0-32767:unrecovered-read",
                READS,
                List.of(new Shape(1, 1)),
                1))
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining("Unrecovered Read Error");
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThatThrownBy(() -> new Load(Access.READ, 4096, 999_999))
        .hasMessage("a measurement takes at least a millisecond");
    assertThatThrownBy(() -> new ModeComparison(mode -> open(""), READS, List.of(), 0, line -> {}))
        .hasMessage("1 to 1000 rounds are possible, not 0");
  }
}
