package sluice.virtual.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VirtualIommuTest {
  private static final long HOST = 0x7000_0000_0000L;

  private int quiesced;
  private final VirtualIommu iommu = new VirtualIommu(() -> quiesced++);
  private final DmaWindow window = new DmaWindow(iommu, VirtualIommu.READ);

  @BeforeEach
  void turnOn() {
    iommu.busMaster(true);
  }

  private void map(long iova, long size) {
    iommu.map(-1, 0, HOST + iova, iova, size);
  }

  @Test
  void translatesWhatIsMapped() {
    map(0x10000, 0x2000);
    assertThat(window.translate(0x10000, 1)).isEqualTo(HOST + 0x10000);
    assertThat(window.translate(0x11ffc, 4)).isEqualTo(HOST + 0x11ffc);
    assertThat(window.translate(0x10000, 0x2000)).isEqualTo(HOST + 0x10000);
    assertThat(window.translate(0x11ffc, 5)).isEqualTo(DmaWindow.FAULT);
    assertThat(window.translate(0xfffc, 8)).isEqualTo(DmaWindow.FAULT);
    assertThat(window.translate(0x10000, 0x2001)).isEqualTo(DmaWindow.FAULT);
    assertThat(window.translate(0x12000, 1)).isEqualTo(DmaWindow.FAULT);
    assertThat(window.translate(0, 1)).isEqualTo(DmaWindow.FAULT);
    assertThat(window.translate(-1, 1)).isEqualTo(DmaWindow.FAULT);
    assertThat(window.translate(0x10000, Long.MAX_VALUE)).isEqualTo(DmaWindow.FAULT);
    assertThat(window.translate(Long.MIN_VALUE, 4096)).isEqualTo(DmaWindow.FAULT);
  }

  @Test
  void forgetsWhatIsUnmappedAtOnce() {
    map(0x10000, 0x1000);
    assertThat(window.translate(0x10000, 8)).isNotEqualTo(DmaWindow.FAULT);
    quiesced = 0;
    assertThat(iommu.unmap(0x10000, 0x1000)).isEqualTo(0x1000);
    assertThat(quiesced).isEqualTo(1);
    assertThat(window.translate(0x10000, 8)).isEqualTo(DmaWindow.FAULT);
  }

  @Test
  void unmapsWholeRegionsOnly() {
    map(0x10000, 0x2000);
    map(0x12000, 0x1000);
    map(0x20000, 0x1000);
    assertThat(iommu.unmap(0x10000, 0x1000)).isZero();
    assertThat(iommu.unmap(0x11000, 0x1000)).isZero();
    assertThat(iommu.unmap(0x30000, 0x1000)).isZero();
    assertThat(window.translate(0x10000, 8)).isNotEqualTo(DmaWindow.FAULT);
    assertThat(iommu.unmap(0x10000, 0x3000)).isEqualTo(0x3000);
    assertThat(window.translate(0x20000, 8)).isEqualTo(HOST + 0x20000);
    assertThat(iommu.unmap(0, 1L << 39)).isEqualTo(0x1000);
  }

  @Test
  void refusesWhatCannotBeMapped() {
    map(0x20000, 0x2000);
    for (long start : new long[] {0x1f000, 0x20000, 0x21000}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> map(start, 0x2000))
          .withMessageStartingWith("mapped already");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> map(0x1f000, 0x10000));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> map(0x30800, 0x1000))
        .withMessageStartingWith("not whole pages");
    assertThatIllegalArgumentException().isThrownBy(() -> map(0x30000, 0x800));
    assertThatIllegalArgumentException().isThrownBy(() -> map(0x30000, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> map(0xfee0_0000L, 0x1000))
        .withMessageStartingWith("no addresses of the drive");
    assertThatIllegalArgumentException().isThrownBy(() -> map(1L << 39, 0x1000));
    assertThatIllegalArgumentException().isThrownBy(() -> map((1L << 39) - 0x1000, 0x2000));
    map(0x1f000, 0x1000);
    map(0x22000, 0x1000);
  }

  @Test
  void nothingIsMappedWithoutBusMastering() {
    map(0x10000, 0x1000);
    iommu.busMaster(false);
    assertThat(window.translate(0x10000, 8)).isEqualTo(DmaWindow.FAULT);
    map(0x20000, 0x1000);
    assertThat(window.translate(0x20000, 8)).isEqualTo(DmaWindow.FAULT);
    iommu.busMaster(true);
    assertThat(window.translate(0x10000, 8)).isEqualTo(HOST + 0x10000);
    assertThat(window.translate(0x20000, 8)).isEqualTo(HOST + 0x20000);
  }

  /** As many regions as a guest's IOMMU gives, mapped and unmapped in any order and in ranges. */
  @Test
  void agreesWithASortedMapOfThousands() {
    long seed = 77;
    SplittableRandom random = new SplittableRandom(seed);
    NavigableMap<Long, Long> model = new TreeMap<>();
    int most = 0;
    for (int round = 0; round < 30_000; round++) {
      long page = random.nextInt(20_000);
      most = Math.max(most, model.size());
      boolean many = random.nextInt(1000) == 0;
      if (many || random.nextInt(6) == 0) {
        long pages = 1L + random.nextInt(many ? 4000 : 8);
        NavigableMap<Long, Long> inside = new TreeMap<>(model.subMap(page, page + pages));
        inside.entrySet().removeIf(e -> e.getKey() + e.getValue() > page + pages);
        long bytes = 4096 * inside.values().stream().mapToLong(Long::longValue).sum();
        assertThat(iommu.unmap(page << 12, pages << 12)).isEqualTo(bytes);
        model.keySet().removeAll(inside.keySet());
      } else {
        long pages = 1L + random.nextInt(2);
        Map.Entry<Long, Long> before = model.lowerEntry(page + pages);
        if (before == null || before.getKey() + before.getValue() <= page) {
          map(page << 12, pages << 12);
          model.put(page, pages);
        } else {
          assertThatIllegalArgumentException().isThrownBy(() -> map(page << 12, pages << 12));
        }
      }
      long probe = random.nextInt(20_000);
      Map.Entry<Long, Long> holder = model.floorEntry(probe);
      boolean isMapped = holder != null && holder.getKey() + holder.getValue() > probe;
      assertThat(window.translate(probe << 12, 4096))
          .as("seed %d, round %d", seed, round)
          .isEqualTo(isMapped ? HOST + (probe << 12) : DmaWindow.FAULT);
    }
    assertThat(most).as("enough to have several leaves").isGreaterThan(2000);
    long all = 4096 * model.values().stream().mapToLong(Long::longValue).sum();
    assertThat(iommu.unmap(0, 1L << 39)).isEqualTo(all);
  }

  @Test
  void agreesWithASetOfPages() {
    long seed = 42;
    SplittableRandom random = new SplittableRandom(seed);
    boolean[] mapped = new boolean[64];
    List<long[]> regions = new ArrayList<>();
    for (int round = 0; round < 2000; round++) {
      int page = random.nextInt(64);
      int pages = 1 + random.nextInt(Math.min(6, 64 - page));
      if (random.nextBoolean()) {
        boolean free = true;
        for (int i = page; i < page + pages; i++) {
          free &= !mapped[i];
        }
        if (free) {
          map(0x10000 + page * 4096L, pages * 4096L);
          regions.add(new long[] {page, pages});
          Arrays.fill(mapped, page, page + pages, true);
        }
      } else if (!regions.isEmpty()) {
        long[] region = regions.remove(random.nextInt(regions.size()));
        assertThat(iommu.unmap(0x10000 + region[0] * 4096, region[1] * 4096))
            .isEqualTo(region[1] * 4096);
        Arrays.fill(mapped, (int) region[0], (int) (region[0] + region[1]), false);
      }
      int probe = random.nextInt(64);
      long iova = 0x10000 + probe * 4096L + random.nextInt(4096);
      assertThat(window.translate(iova, 1))
          .as("seed %d, round %d", seed, round)
          .isEqualTo(mapped[probe] ? HOST + iova : DmaWindow.FAULT);
    }
  }
}
