package sluice.bench.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.bench.job.BlockSizes.Share;
import sluice.bench.job.RandomDistribution.Zone;
import sluice.bench.result.SteadyState;

class ValuesTest {
  /** What fio 3.33 was seen to make of them. */
  @ParameterizedTest
  @CsvSource({
    "4096, 4096, 4096",
    "4k, 4096, 4000",
    "4K, 4096, 4000",
    "4kb, 4096, 4000",
    "4ki, 4096, 4000",
    "4kib, 4000, 4096",
    "4KiB, 4000, 4096",
    "2m, 2097152, 2000000",
    "1g, 1073741824, 1000000000",
    "1t, 1099511627776, 1000000000000",
    "1p, 1125899906842624, 1000000000000000",
    "1.5k, 1536, 1500",
    "0x1000, 4096, 4096",
    "0, 0, 0",
  })
  void sizes(String text, long by1024, long by1000) {
    assertThat(Values.size(text, 1024)).isEqualTo(by1024);
    assertThat(Values.size(text, 1000)).isEqualTo(by1000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "k", "4q", "4kk", "1e5", "9999999999999999999p", "٣", "4 4"})
  void badSizes(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Values.size(text, 1024))
        .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
  }

  @ParameterizedTest
  @CsvSource({
    "60, 60000000000",
    "60s, 60000000000",
    "2m, 120000000000",
    "1h, 3600000000000",
    "1d, 86400000000000",
    "500ms, 500000000",
    "500msec, 500000000",
    "80us, 80000",
    "80usec, 80000",
    "7ns, 7",
    "0.5, 500000000",
    "1h30m, 5400000000000",
    "1m1s500ms, 61500000000",
    "1:30, 90000000000",
    "90:00, 5400000000000",
    "1:00:00, 3600000000000",
  })
  void durations(String text, long nanos) {
    assertThat(Values.duration(text, 1_000_000_000)).isEqualTo(nanos);
  }

  @Test
  void aBareTimeIsInTheOptionsOwnUnit() {
    assertThat(Values.duration("50", 1_000)).isEqualTo(50_000);
  }

  @Test
  void threeDirections() {
    PerDirection<Long> all = PerDirection.parse("1", Long::valueOf, 9L);
    assertThat(all).isEqualTo(new PerDirection<>(1L, 1L, 1L));
    assertThat(PerDirection.parse("1,2", Long::valueOf, 9L))
        .isEqualTo(new PerDirection<>(1L, 2L, 2L));
    assertThat(PerDirection.parse("1,2,3", Long::valueOf, 9L))
        .isEqualTo(new PerDirection<>(1L, 2L, 3L));
    assertThat(PerDirection.parse(",2", Long::valueOf, 9L))
        .isEqualTo(new PerDirection<>(9L, 2L, 2L));
    assertThat(PerDirection.parse("1,", Long::valueOf, 9L))
        .isEqualTo(new PerDirection<>(1L, 9L, 9L));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PerDirection.parse("1,2,3,4", Long::valueOf, 9L));
  }

  @Test
  void blockSizes() {
    assertThat(BlockSizes.parse("8k", 1024)).isEqualTo(BlockSizes.of(8192));
    assertThat(BlockSizes.parseRange("4k-1k", 1024))
        .isEqualTo(new BlockSizes(1024, 4096, List.of()));
    assertThat(BlockSizes.parseRange("512:1M", 1024))
        .isEqualTo(new BlockSizes(512, 1 << 20, List.of()));
    assertThat(BlockSizes.parseSplit("4k/10:64k/50:32k", 1024))
        .isEqualTo(
            new BlockSizes(
                4096,
                65536,
                List.of(new Share(4096, 10), new Share(65536, 50), new Share(32768, 40))));
    assertThat(BlockSizes.parseSplit("4k:8k:16k", 1024).shares())
        .extracting(Share::percent)
        .containsExactly(33, 33, 34);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BlockSizes.parseSplit("4k/60:8k/50", 1024))
        .withMessage("\"4k/60:8k/50\" adds up to 110 per cent");
    assertThatIllegalArgumentException().isThrownBy(() -> BlockSizes.parse("0", 1024));
    assertThatIllegalArgumentException().isThrownBy(() -> BlockSizes.parse("4g", 1024));
  }

  @Test
  void modes() {
    assertThat(RwMode.parse("randtrimwrite"))
        .isEqualTo(new RwMode("randtrimwrite", false, true, true, true, 0));
    assertThat(RwMode.parse("readwrite").isMixed()).isTrue();
    assertThat(RwMode.parse("read:4k").step()).isEqualTo(4096);
    assertThat(RwMode.parse("read:-8k").step()).isEqualTo(-8192);
    assertThatIllegalArgumentException().isThrownBy(() -> RwMode.parse("randread:-8"));
    assertThat(RwMode.parse("trim").destroys()).isTrue();
    assertThat(RwMode.parse("randread").destroys()).isFalse();
  }

  @Test
  void distributions() {
    assertThat(RandomDistribution.parse("zipf", 1024).parameter()).isEqualTo(1.1);
    assertThat(RandomDistribution.parse("zipf:1.2", 1024).parameter()).isEqualTo(1.2);
    assertThat(RandomDistribution.parse("zipf:1.2", 1024).centre()).isNaN();
    assertThat(RandomDistribution.parse("pareto:0.3:0.25", 1024).centre()).isEqualTo(0.25);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RandomDistribution.parse("zipf:1.2:2", 1024));
    assertThat(RandomDistribution.parse("pareto:0.3", 1024).kind())
        .isEqualTo(RandomDistribution.Kind.PARETO);
    assertThat(RandomDistribution.parse("normal:20", 1024).parameter()).isEqualTo(0.2);
    assertThat(RandomDistribution.parse("zoned:60/10:40/90", 1024).zones().read())
        .containsExactly(new Zone(60, new Extent(0, 0.1)), new Zone(40, new Extent(0, 0.9)));
    assertThat(RandomDistribution.parse("zoned:50/5:30/15:20/", 1024).zones().read())
        .containsExactly(
            new Zone(50, new Extent(0, 0.05)),
            new Zone(30, new Extent(0, 0.15)),
            new Zone(20, new Extent(0, 0.8)));
    assertThat(RandomDistribution.parse("zoned_abs:60/1m:40/2m", 1024).zones().write())
        .containsExactly(
            new Zone(60, new Extent(1 << 20, 0)), new Zone(40, new Extent(2 << 20, 0)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RandomDistribution.parse("zoned:60/10:30/90", 1024))
        .withMessage("its zones get 90 per cent of the I/O");
  }

  @Test
  void patterns() {
    assertThat(DataPattern.parse("0xdeadbeef").bytes()).containsExactly(0xde, 0xad, 0xbe, 0xef);
    assertThat(DataPattern.parse("300").bytes()).containsExactly(0x2c, 0x01);
    assertThat(DataPattern.parse("0").bytes()).containsExactly(0);
    assertThat(DataPattern.parse("\"ab\"-12").bytes())
        .containsExactly('a', 'b', 0xf4, 0xff, 0xff, 0xff);
    assertThat(DataPattern.parse("\"abcd\"-120xdeadface").bytes())
        .containsExactly('a', 'b', 'c', 'd', 0xf4, 0xff, 0xff, 0xff, 0xde, 0xad, 0xfa, 0xce);
    assertThat(DataPattern.parse("120xff").bytes()).containsExactly(12, 0xff);
    assertThat(DataPattern.parse("0xff-300").bytes()).containsExactly(0xff, 0xd4, 0xfe, 0xff, 0xff);
    assertThatIllegalArgumentException().isThrownBy(() -> DataPattern.parse("\"ab\"-0xff"));
    assertThatIllegalArgumentException().isThrownBy(() -> DataPattern.parse("-"));
    DataPattern offset = DataPattern.parse("0xaa%o");
    assertThat(offset.length()).isEqualTo(9);
    assertThat(offset.offsetPositions()).containsExactly(1);
    assertThatIllegalArgumentException().isThrownBy(() -> DataPattern.parse("\"ab"));
    assertThatIllegalArgumentException().isThrownBy(() -> DataPattern.parse("xyz"));
  }

  @Test
  void steadyStates() {
    assertThat(SteadyStateGoal.parse("iops_slope:0.3%", 1024))
        .isEqualTo(new SteadyStateGoal(SteadyState.Figure.IOPS, true, 0.003, true));
    assertThat(SteadyStateGoal.parse("bw:10m", 1024))
        .isEqualTo(new SteadyStateGoal(SteadyState.Figure.BW, false, 10 << 20, false));
  }

  @Test
  void partsOfSomething() {
    assertThat(Extent.parse("20%", 1024).of(1000)).isEqualTo(200);
    assertThat(Extent.parse("100%%", 1024).of(1000)).isEqualTo(1000);
    assertThat(Extent.parse("4k", 1024).of(1000)).isEqualTo(4096);
    assertThat(Extent.parse("100%", 1024).of(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
  }
}
