package sluice.bench.chunks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import sluice.bench.chunks.ChunksResult.Full;
import sluice.bench.chunks.ChunksResult.Session;
import sluice.bench.pass.PassMaker;
import sluice.bench.run.WarmingUp;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;

/** By a clock that goes on by a fixed time when it is read. */
class ChunksBenchTest {
  private static final long MIB = 1 << 20;

  private long time = 1_000_000_000;

  private ChunksResult run(String address, ChunksBench.Load load) {
    try (NvmeController controller =
        Drives.open(
            DriveAddress.parse(address),
            ControllerOptions.defaults().withNanoClock(() -> time += 1_000))) {
      return new ChunksBench(
              controller,
              controller.namespaces().getFirst(),
              load,
              WarmingUp.NONE,
              () -> time += 1_000,
              line -> {})
          .run();
    }
  }

  private static ChunksBench.Load load(long bytes, int most, boolean full) {
    return new ChunksBench.Load(new PassMaker.Shape(bytes, 131_072, 8, 10_000_000), most, 3, full);
  }

  /** A drive of 1 GB/s that takes 1 ms besides: one chunk takes 1.13 ms, and many a tenth each. */
  @Test
  void shortSessionsPayTheLatencyAndLongOnesDoNot() {
    ChunksResult result =
        run(
            "virtual:null?size=1G&thread=shared&bandwidth=1GB/s&latency=1ms",
            load(512 * MIB, 1024, false));
    assertThat(result.sessions())
        .extracting(Session::chunks)
        .containsExactly(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024);
    Session one = result.sessions().getFirst();
    assertThat(one.write().median()).isCloseTo(1_131_072, within(30_000L));
    assertThat(one.read().median()).isCloseTo(1_131_072, within(30_000L));
    Session eight = result.sessions().get(3);
    assertThat(eight.write().median()).isCloseTo(1_000_000 + 8 * 131_072, within(60_000L));
    Session longest = result.sessions().getLast();
    assertThat(longest.bytes()).isEqualTo(128 * MIB);
    assertThat(longest.write().bytesPerSecond(longest.bytes()))
        .isCloseTo(8 * 131_072 / 1.131e-3, offset(100e6));
    assertThat(result.full()).isEmpty();
    assertThat(result.isClean()).isTrue();
  }

  @Test
  void sessionsThatDoNotFitAreLeftOut() {
    ChunksResult result = run("virtual:null?size=1M&thread=shared", load(MIB, 32_768, false));
    assertThat(result.sessions()).extracting(Session::chunks).containsExactly(1, 2, 4, 8);
  }

  @Test
  void allIsWrittenReadBackAndChecked() {
    ChunksResult result =
        run(
            "virtual:memory?size=64M&thread=shared&bandwidth=800MB/s&cliff=20M&after=100MB/s",
            load(64 * MIB, 1, true));
    Full full = result.full().orElseThrow();
    assertThat(full.write().bytes()).isEqualTo(64 * MIB);
    assertThat(full.read().bytes()).isEqualTo(64 * MIB);
    assertThat(full.differentBlocks()).isZero();
    assertThat(full.write().hasCliff()).isTrue();
    assertThat(full.write().cliffBytes()).isBetween(16 * MIB, 23 * MIB);
    assertThat(full.read().hasCliff()).isFalse();
    assertThat(full.read().sustainedBytesPerSecond()).isCloseTo(800e6, offset(20e6));
  }

  @Test
  void aByteThatDiffersIsFound() {
    ChunksResult result =
        run("virtual:memory?size=16M&thread=shared&flip=lba:20000", load(16 * MIB, 4, true));
    assertThat(result.isClean()).isFalse();
    assertThat(result.full().orElseThrow().differentBlocks()).isEqualTo(1);
    assertThat(result.full().orElseThrow().firstDifference()).contains("byte ");
  }

  @Test
  void aStopLeavesWhatIsWhole() {
    ChunksBench[] bench = new ChunksBench[1];
    try (NvmeController controller = Drives.open("virtual:null?size=1G&thread=shared")) {
      bench[0] =
          new ChunksBench(
              controller,
              controller.namespaces().getFirst(),
              load(512 * MIB, 1024, true),
              WarmingUp.NONE,
              System::nanoTime,
              line -> {
                if (line.startsWith("sessions of 8 ")) {
                  bench[0].stop();
                }
              });
      ChunksResult result = bench[0].run();
      assertThat(result.interrupted()).isTrue();
      assertThat(result.sessions()).extracting(Session::chunks).containsExactly(1, 2, 4);
      assertThat(result.full()).isEmpty();
    }
  }

  @Test
  void whatIsNotPossibleIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run("virtual:null?size=1M", load(2 * MIB, 1, false)))
        .withMessageContaining("1048576 bytes at most");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> load(MIB, 0, false))
        .withMessageContaining("at least 1 chunk");
  }
}
