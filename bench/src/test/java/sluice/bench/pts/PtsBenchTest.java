package sluice.bench.pts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.bench.run.RunOptions;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;

/** Scaled down: small drives, and rounds of milliseconds. */
@Timeout(120)
class PtsBenchTest {
  private static final long MIB = 1 << 20;
  private final List<String> lines = new ArrayList<>();

  private PtsResult run(String address, PtsPlan plan) {
    try (NvmeController controller = Drives.open(address)) {
      return new PtsBench(
              controller,
              controller.namespaces().getFirst(),
              plan,
              RunOptions.standard().withThreads(1),
              lines::add)
          .run();
    }
  }

  private static PtsPlan plan(PtsTest test, PtsPlan.Purge purge, int rounds) {
    return new PtsPlan(List.of(test), 16 * MIB, purge, 1_000_000, rounds, 4, 2, 2);
  }

  @Test
  void allPatternsOfTheTestOfIopsAreMeasured() {
    PtsResult result =
        run(
            "virtual:memory?size=16M&thread=shared",
            plan(PtsTest.IOPS, PtsPlan.Purge.DEALLOCATE, 5));
    assertThat(result.interrupted()).isFalse();
    PtsResult.Test test = result.tests().getFirst();
    assertThat(test.preconditionBytesPerSecond()).isPositive();
    assertThat(test.rounds()).hasSize(5).allMatch(round -> round.size() == 56);
    assertThat(test.windows()).containsOnlyKeys(new Cell(0, 4096));
    for (Cell cell : test.test().cells()) {
      assertThat(test.mean(cell, PtsResult.Figures::iops).orElseThrow()).isPositive();
    }
    assertThat(result.drive().capacityBytes()).isEqualTo(16 * MIB);
  }

  /** A drive of a fixed rate is steady after five rounds, and its rate is told. */
  @Test
  void aSteadyDriveIsSteadySoon() {
    PtsPlan plan =
        new PtsPlan(List.of(PtsTest.LATENCY), 16 * MIB, PtsPlan.Purge.NONE, 20_000_000, 8, 4, 1, 1);
    PtsResult result = run("virtual:null?size=16M&thread=shared&latency=2ms", plan);
    PtsResult.Test test = result.tests().getFirst();
    assertThat(test.rounds().size()).isBetween(5, 8);
    assertThat(test.mean(new Cell(65, 8192), PtsResult.Figures::meanNanos).orElseThrow())
        .isGreaterThanOrEqualTo(2e6 - 1000);
  }

  @Test
  void whatTheDrivesBlocksDoNotAllowIsLeftOut() {
    PtsResult result =
        run(
            "virtual:null?size=16M&thread=shared&lba=4096",
            plan(PtsTest.LATENCY, PtsPlan.Purge.NONE, 5));
    PtsResult.Test test = result.tests().getFirst();
    assertThat(test.rounds().getFirst()).hasSize(6);
    assertThat(test.mean(new Cell(0, 512), PtsResult.Figures::iops)).isEmpty();
  }

  @Test
  void aStopLeavesTheRoundsThatAreWhole() {
    try (NvmeController controller = Drives.open("virtual:null?size=16M&thread=shared")) {
      PtsBench[] bench = new PtsBench[1];
      bench[0] =
          new PtsBench(
              controller,
              controller.namespaces().getFirst(),
              new PtsPlan(
                  List.of(PtsTest.values()),
                  16 * MIB,
                  PtsPlan.Purge.NONE,
                  250_000_000,
                  25,
                  1,
                  1,
                  0),
              RunOptions.standard(),
              line -> bench[0].stop());
      PtsResult result = bench[0].run();
      assertThat(result.interrupted()).isTrue();
      assertThat(result.isSteady()).isFalse();
      assertThat(result.tests()).hasSize(1);
      assertThat(result.tests().getFirst().rounds()).isEmpty();
    }
  }

  @Test
  void whatIsNotPossibleIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run("virtual:null?size=8M", plan(PtsTest.IOPS, PtsPlan.Purge.NONE, 5)))
        .withMessageContaining("8388608 bytes at most");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan(PtsTest.IOPS, PtsPlan.Purge.NONE, 4))
        .withMessageContaining("5 to 1000 rounds");
  }
}
