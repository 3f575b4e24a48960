package sluice.virtual.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CacheOptionsTest {
  @Test
  void whatIsNotSaidIsNotCached() {
    assertThat(CacheOptions.parse(Map.of("size", "1G")).isCached()).isFalse();
  }

  @Test
  void aCacheWritesThroughUnlessItIsToldToWriteAround() {
    assertThat(CacheOptions.parse(Map.of("cache", "256M")))
        .isEqualTo(new CacheOptions(256L << 20, CacheMode.THROUGH));
    assertThat(CacheOptions.parse(Map.of("cache", "1M", "cache-mode", "around")))
        .isEqualTo(new CacheOptions(1 << 20, CacheMode.AROUND));
    assertThat(CacheOptions.parse(Map.of("cache", "1M", "cache-mode", "through")).mode())
        .isEqualTo(CacheMode.THROUGH);
  }

  @Test
  void aCacheTakesNoMoreThanTheMediaHas() {
    try (CacheMedia cache =
        new CacheOptions(1L << 60, CacheMode.AROUND).over(new HeldMedia(8192))) {
      assertThat(cache.statistics().capacityBytes()).isEqualTo(8192);
    }
  }
}
