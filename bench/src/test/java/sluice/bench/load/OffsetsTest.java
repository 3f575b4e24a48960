package sluice.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.bench.result.Direction;

class OffsetsTest {
  private static final long SEED = 4711;

  private static List<Long> first(Offsets offsets, int count, int wanted) {
    List<Long> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      offsets.next(Direction.READ, wanted);
      list.add(offsets.offset());
    }
    return list;
  }

  @Test
  void oneAfterTheOtherAndFromTheStartAgain() {
    Offsets offsets = Offsets.of(Jobs.of("rw=read", "bs=4k"), 3 * 4096 + 100, SEED);
    assertThat(offsets).isInstanceOf(SequentialOffsets.class);
    assertThat(first(offsets, 2, 4096)).containsExactly(0L, 4096L);
    assertThat(offsets.isAtEndOfPass()).isFalse();
    assertThat(first(offsets, 1, 4096)).containsExactly(8192L);
    assertThat(offsets.isAtEndOfPass()).isTrue();
    assertThat(first(offsets, 2, 4096)).containsExactly(0L, 4096L);
  }

  @Test
  void whatHasNoRoomAtTheEndIsShortened() {
    Offsets offsets = Offsets.of(Jobs.of("rw=read", "bsrange=4k-16k"), 5 * 4096, SEED);
    offsets.next(Direction.READ, 16384);
    offsets.next(Direction.READ, 16384);
    assertThat(offsets.offset()).isEqualTo(16384);
    assertThat(offsets.length()).isEqualTo(4096);
  }

  @Test
  void directionsFollowTheirOwnWay() {
    Offsets offsets = Offsets.of(Jobs.of("rw=rw", "bs=4k"), 1 << 20, SEED);
    offsets.next(Direction.READ, 4096);
    offsets.next(Direction.READ, 4096);
    offsets.next(Direction.WRITE, 4096);
    assertThat(offsets.offset()).isZero();
  }

  @Test
  void zonesHaveGapsBetweenThem() {
    Offsets offsets =
        Offsets.of(
            Jobs.of("rw=read", "bs=4k", "zonemode=strided", "zonesize=8k", "zoneskip=12k"),
            12 * 4096,
            SEED);
    assertThat(first(offsets, 7, 4096))
        .containsExactly(0L, 4096L, 5 * 4096L, 6 * 4096L, 10 * 4096L, 11 * 4096L, 0L);
    offsets.restart(SEED);
    for (int i = 0; i < 6; i++) {
      assertThat(offsets.isAtEndOfPass()).isFalse();
      offsets.next(Direction.READ, 4096);
    }
    assertThat(offsets.isAtEndOfPass()).isTrue();
  }

  /** Each block of a zone once, then those of the next; none lies in a gap. */
  @Test
  void zonesAtRandom() {
    Offsets offsets =
        Offsets.of(
            Jobs.of("rw=randread", "bs=4k", "zonemode=strided", "zonesize=64k", "zoneskip=64k"),
            1 << 20,
            SEED);
    for (int zone = 0; zone < 20; zone++) {
      long begin = zone % 8 * (128L << 10);
      List<Long> its = first(offsets, 16, 4096);
      assertThat(its).doesNotHaveDuplicates();
      assertThat(its).allMatch(at -> at >= begin && at < begin + (64 << 10));
      assertThat(offsets.isAtEndOfPass()).isEqualTo(zone % 8 == 7);
    }
  }

  /** Where more is moved than a zone is long, what was there comes again, and that is known. */
  @Test
  void aZoneIsGoneThroughSeveralTimes() {
    Offsets offsets =
        Offsets.of(
            Jobs.of("rw=randread", "bs=4k", "zonemode=strided", "zonesize=16k", "zonerange=8k"),
            1 << 20,
            SEED);
    for (int zone = 0; zone < 3; zone++) {
      for (int pass = 0; pass < 2; pass++) {
        assertThat(first(offsets, 2, 4096))
            .containsExactlyInAnyOrder(zone * 8192L, zone * 8192L + 4096);
        assertThat(offsets.isAtEndOfPass()).isEqualTo(pass == 0);
      }
    }
  }

  @Test
  void holesAreLeftOut() {
    Offsets offsets = Offsets.of(Jobs.of("rw=read:8k", "bs=4k"), 1 << 20, SEED);
    assertThat(first(offsets, 3, 4096)).containsExactly(0L, 12288L, 24576L);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 64, 100, 1000, 4097, 65536})
  void aRandomMapCoversEachBlockOnceInEachPass(long blocks) {
    Offsets offsets = Offsets.of(Jobs.of("rw=randread", "bs=4k"), blocks * 4096, SEED);
    assertThat(offsets).isInstanceOf(MappedOffsets.class);
    List<Long> firstPass = null;
    for (int pass = 0; pass < 3; pass++) {
      List<Long> all = first(offsets, (int) blocks, 4096);
      assertThat(all).doesNotHaveDuplicates().allMatch(at -> at % 4096 == 0);
      assertThat(offsets.isAtEndOfPass()).isTrue();
      if (blocks > 100 && firstPass != null) {
        assertThat(all).isNotEqualTo(firstPass);
      }
      firstPass = firstPass == null ? all : firstPass;
    }
    // Another object of the same seed goes the same way.
    List<Long> again =
        first(Offsets.of(Jobs.of("rw=randread", "bs=4k"), blocks * 4096, SEED), (int) blocks, 4096);
    assertThat(again).isEqualTo(firstPass);
  }

  @Test
  void aRandomMapLooksDrawn() {
    Offsets offsets = Offsets.of(Jobs.of("rw=randread", "bs=4k"), 1L << 32, SEED);
    List<Long> some = first(offsets, 10_000, 4096);
    double mean = some.stream().mapToLong(Long::longValue).average().getAsDouble();
    assertThat(mean / (1L << 32)).isBetween(0.48, 0.52);
    long ascents = 0;
    for (int i = 1; i < some.size(); i++) {
      ascents += some.get(i) > some.get(i - 1) ? 1 : 0;
    }
    assertThat(ascents).isBetween(4_800L, 5_200L);
  }

  @Test
  void severalSizesCoverEachUnitOnce() {
    Offsets offsets = Offsets.of(Jobs.of("rw=randwrite", "bssplit=4k/50:16k"), 1000 * 4096, SEED);
    assertThat(offsets).isInstanceOf(CoveringOffsets.class);
    for (int pass = 0; pass < 3; pass++) {
      BitSet seen = new BitSet();
      int turn = 0;
      do {
        offsets.next(Direction.WRITE, turn++ % 2 == 0 ? 4096 : 16384);
        for (long at = offsets.offset(); at < offsets.offset() + offsets.length(); at += 4096) {
          assertThat(seen.get((int) (at / 4096))).as("seed %d, byte %d", SEED, at).isFalse();
          seen.set((int) (at / 4096));
        }
      } while (!offsets.isAtEndOfPass());
      assertThat(seen.cardinality()).isEqualTo(1000);
    }
  }

  @Test
  void withoutAMapSomeComeTwice() {
    Offsets offsets = Offsets.of(Jobs.of("rw=randread", "bs=4k", "norandommap"), 1 << 20, SEED);
    assertThat(first(offsets, 256, 4096).stream().distinct().count()).isBetween(140L, 185L);
  }

  @Test
  void runsFollowEachDraw() {
    Offsets offsets = Offsets.of(Jobs.of("rw=randread:4", "bs=4k"), 1L << 30, SEED);
    List<Long> some = first(offsets, 400, 4096);
    int follow = 0;
    for (int i = 1; i < 400; i++) {
      follow += some.get(i) == some.get(i - 1) + 4096 ? 1 : 0;
    }
    assertThat(follow).isBetween(299, 301);
  }

  @Test
  void partsAreDrawn() {
    Offsets offsets =
        Offsets.of(Jobs.of("rw=randread", "bs=4k", "percentage_random=25"), 1L << 30, SEED);
    List<Long> some = first(offsets, 10_000, 4096);
    int follow = 0;
    for (int i = 1; i < 10_000; i++) {
      follow += some.get(i) == some.get(i - 1) + 4096 ? 1 : 0;
    }
    assertThat(follow).isBetween(7_300, 7_700);
  }

  /** As fio 3.33 was seen to do it, of 32k. */
  @Test
  void backwards() {
    Offsets offsets = Offsets.of(Jobs.of("rw=read:-8k", "bs=4k"), 32 << 10, SEED);
    List<Long> seen = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      offsets.next(Direction.READ, 4096);
      seen.add(offsets.offset());
      assertThat(offsets.isAtEndOfPass()).isEqualTo(offsets.offset() == 0);
    }
    assertThat(seen).containsExactly(0L, 24576L, 20480L, 16384L, 12288L, 8192L, 4096L, 0L);
  }
}
