package sluice.bench.cliff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.bench.pass.PassMaker;
import sluice.bench.run.WarmingUp;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;

/** Virtual drives with a cliff, by a clock that goes on by a fixed time when it is read. */
class CliffBenchTest {
  private static final long MIB = 1 << 20;

  private long time = 1_000_000_000;

  private CliffResult run(String address, long bytes, int chunk, int depth) {
    try (NvmeController controller =
        Drives.open(
            DriveAddress.parse(address),
            ControllerOptions.defaults().withNanoClock(() -> time += 2_000))) {
      return new CliffBench(
              controller,
              controller.namespaces().getFirst(),
              new PassMaker.Shape(bytes, chunk, depth, 10_000_000),
              WarmingUp.NONE,
              () -> time += 2_000,
              part -> {})
          .run();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {16, 48, 100, 200, 240})
  void theCliffIsWhereTheDriveHasIt(long cliff) {
    CliffResult result =
        run(
            "virtual:null?size=1G&thread=shared&bandwidth=800MB/s&after=100MB/s&cliff="
                + cliff * MIB,
            256 * MIB,
            131_072,
            8);
    assertThat(result.errorBytes()).isEqualTo(3 * MIB);
    assertThat(result.hasCliff()).isTrue();
    assertThat(result.cliffBytes()).isCloseTo(cliff * MIB, within(result.errorBytes()));
    assertThat(result.fastBytesPerSecond()).isCloseTo(800e6, offset(40e6));
    assertThat(result.sustainedBytesPerSecond()).isCloseTo(100e6, offset(5e6));
    assertThat(result.pauses().count()).isZero();
    assertThat(result.interrupted()).isFalse();
  }

  @Test
  void aSteadyDriveHasNone() {
    CliffResult result =
        run("virtual:null?size=1G&thread=shared&bandwidth=800MB/s", 128 * MIB, 131_072, 4);
    assertThat(result.hasCliff()).isFalse();
    assertThat(result.cliffBytes()).isEqualTo(128 * MIB);
    assertThat(result.levels()).hasSize(1);
    assertThat(result.sustainedBytesPerSecond()).isCloseTo(800e6, offset(10e6));
  }

  @Test
  void pausesAreToldAndAreNoCliff() {
    CliffResult result =
        run(
            "virtual:null?size=1G&thread=shared&bandwidth=800MB/s&pause=50ms&every=200ms",
            512 * MIB,
            131_072,
            8);
    assertThat(result.hasCliff()).isFalse();
    assertThat(result.pauses().count()).isBetween(2L, 5L);
    assertThat(result.pauses().longestNanos()).isBetween(49_000_000L, 51_000_000L);
  }

  @Test
  void aSizeThatIsNoMultipleOfAChunkIsWrittenInFull() {
    CliffResult result =
        run("virtual:null?size=1G&thread=shared&bandwidth=800MB/s", 10 * MIB + 4096, 131_072, 4);
    assertThat(result.bytes()).isEqualTo(10 * MIB + 4096);
    assertThat(result.stepEnds()).hasSize(11);
    assertThat(result.hasCliff()).isFalse();
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run("virtual:null?size=1M", 2 * MIB, 4096, 1))
        .withMessageContaining("1048576 bytes at most");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run("virtual:null?size=1M", 5000, 1000, 1))
        .withMessageContaining("blocks of 512");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run("virtual:null?size=1M", MIB, 4096, 0))
        .withMessageContaining("out at a time, not 0");
  }
}
