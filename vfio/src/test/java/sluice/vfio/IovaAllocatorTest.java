package sluice.vfio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IovaAllocatorTest {
  private static final long PAGE = 4096;

  private static IovaAllocator over(long... startsAndEnds) {
    List<IovaRange> ranges = new ArrayList<>();
    for (int i = 0; i < startsAndEnds.length; i += 2) {
      ranges.add(new IovaRange(startsAndEnds[i], startsAndEnds[i + 1]));
    }
    return new IovaAllocator(ranges);
  }

  @Test
  void leavesOutTheFirst64KiB() {
    IovaAllocator iovas = over(0, 0x1ffff);
    assertThat(iovas.allocate(PAGE, PAGE)).isEqualTo(0x10000);
    assertThat(iovas.allocate(PAGE, PAGE)).isEqualTo(0x11000);
  }

  @Test
  void aRangeThatLiesInTheFirst64KiBIsNoRange() {
    IovaAllocator iovas = over(0, 0xffff);
    assertThatThrownBy(() -> iovas.allocate(1, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no range of 1 free device addresses is left");
  }

  @Test
  void theEndOfARangeBelongsToIt() {
    IovaAllocator iovas = over(0x20000, 0x20fff);
    assertThat(iovas.allocate(PAGE, PAGE)).isEqualTo(0x20000);
    assertThatThrownBy(() -> iovas.allocate(1, 1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void neverCrossesAReservedHole() {
    // The hole that x86 keeps for interrupts.
    IovaAllocator iovas = over(0, 0xfedfffffL, 0xfef00000L, 0x7fffffffffL);
    assertThat(iovas.allocate(0xfee00000L, PAGE)).isEqualTo(0xfef00000L);
    assertThat(iovas.allocate(0xfee00000L - 0x10000, PAGE)).isEqualTo(0x10000);
    assertThat(iovas.allocate(PAGE, PAGE)).isEqualTo(0xfef00000L + 0xfee00000L);
  }

  @Test
  void takesTheLowestPlaceThatFits() {
    IovaAllocator iovas = over(0x10000, 0x1ffff);
    long first = iovas.allocate(PAGE, PAGE);
    iovas.allocate(PAGE, PAGE);
    long third = iovas.allocate(2 * PAGE, PAGE);
    iovas.allocate(PAGE, PAGE);
    iovas.free(first, PAGE);
    iovas.free(third, 2 * PAGE);
    assertThat(iovas.allocate(2 * PAGE, PAGE)).isEqualTo(third);
    assertThat(iovas.allocate(PAGE, PAGE)).isEqualTo(first);
  }

  @Test
  void whatAlignmentSkipsStaysFree() {
    IovaAllocator iovas = over(0x11000, 0x5fffff);
    assertThat(iovas.allocate(0x200000, 0x200000)).isEqualTo(0x200000);
    assertThat(iovas.allocate(0x1ef000, PAGE)).isEqualTo(0x11000);
    assertThat(iovas.allocate(PAGE, PAGE)).isEqualTo(0x400000);
  }

  @Test
  void aRangeNeedNotBeginOrEndAtAPage() {
    IovaAllocator iovas = over(0x12345, 0x14fff - 1);
    assertThat(iovas.allocate(PAGE, PAGE)).isEqualTo(0x13000);
    assertThatThrownBy(() -> iovas.allocate(PAGE, PAGE)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void addressesAboveTheWindowsOfDevicesComeFirst() {
    // As x86 has it: 4 GiB with a hole for interrupts, and 35 bits more.
    IovaAllocator iovas =
        new IovaAllocator(
            List.of(new IovaRange(0, 0xfedfffffL), new IovaRange(0xfef00000L, 0x7fffffffffL)),
            1L << 32);
    assertThat(iovas.allocate(3L << 30, 2 << 20)).isEqualTo(1L << 32);
    long second = iovas.allocate(PAGE, PAGE);
    assertThat(second).isEqualTo(7L << 30);
    iovas.free(1L << 32, 3L << 30);
    assertThat(iovas.allocate(PAGE, PAGE)).isEqualTo(1L << 32);
    iovas.free(1L << 32, PAGE);
    iovas.free(second, PAGE);
    assertThat(iovas.allocate(0x7f00000000L, PAGE)).as("all of it").isEqualTo(1L << 32);
    assertThat(iovas.allocate(PAGE, PAGE)).as("nothing is left above").isEqualTo(0x10000);
    assertThat(iovas.allocate(2L << 30, PAGE)).isEqualTo(0x11000);
  }

  @Test
  void anIommuOf32BitsGivesWhatItHas() {
    IovaAllocator iovas = new IovaAllocator(List.of(new IovaRange(0, 0xffffffffL)), 1L << 32);
    assertThat(iovas.allocate(PAGE, PAGE)).isEqualTo(0x10000);
    assertThat(iovas.allocate(2 << 20, 2 << 20)).isEqualTo(2 << 20);
  }

  @ParameterizedTest
  @CsvSource({"0,1,2", "0,2,1", "1,0,2", "1,2,0", "2,0,1", "2,1,0"})
  void freedNeighboursBecomeOne(int first, int second, int third) {
    IovaAllocator iovas = over(0x10000, 0x12fff);
    for (int i = 0; i < 3; i++) {
      assertThat(iovas.allocate(PAGE, PAGE)).isEqualTo(0x10000 + i * PAGE);
    }
    iovas.free(0x10000 + first * PAGE, PAGE);
    iovas.free(0x10000 + second * PAGE, PAGE);
    iovas.free(0x10000 + third * PAGE, PAGE);
    assertThat(iovas.allocate(3 * PAGE, PAGE)).isEqualTo(0x10000);
  }

  @Test
  void theTopOfTheAddressesDoesNotOverflow() {
    IovaAllocator iovas = over(Long.MAX_VALUE - 0x1800, Long.MAX_VALUE);
    // 0x7ff…f000 is the only page boundary; the very last byte is given up.
    assertThatThrownBy(() -> iovas.allocate(PAGE, PAGE)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> iovas.allocate(1, 1L << 62)).isInstanceOf(IllegalStateException.class);
    assertThat(iovas.allocate(PAGE - 1, PAGE)).isEqualTo(0x7ffffffffffff000L);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void agreesWithAModelOfPages(long seed) {
    int pages = 512;
    BitSet taken = new BitSet(pages);
    // Pages 0 to 15 are the first 64 KiB; holes stand for reserved ranges.
    taken.set(0, 16);
    taken.set(100, 103);
    taken.set(300, 364);
    IovaAllocator iovas =
        over(0, 100 * PAGE - 1, 103 * PAGE, 300 * PAGE - 1, 364 * PAGE, pages * PAGE - 1);
    SplittableRandom random = new SplittableRandom(seed);
    List<int[]> out = new ArrayList<>();
    for (int step = 0; step < 20_000; step++) {
      String where = "seed " + seed + ", step " + step;
      if (!out.isEmpty() && random.nextInt(100) < 48) {
        int[] one = out.remove(random.nextInt(out.size()));
        iovas.free(one[0] * PAGE, one[1] * PAGE);
        taken.clear(one[0], one[0] + one[1]);
        continue;
      }
      int size = 1 + random.nextInt(random.nextInt(4) == 0 ? 64 : 6);
      int alignment = 1 << random.nextInt(5);
      int expected = firstFit(taken, pages, size, alignment);
      if (expected < 0) {
        assertThatThrownBy(() -> iovas.allocate(size * PAGE, alignment * PAGE))
            .as(where)
            .isInstanceOf(IllegalStateException.class);
      } else {
        assertThat(iovas.allocate(size * PAGE, alignment * PAGE))
            .as(where)
            .isEqualTo(expected * PAGE);
        taken.set(expected, expected + size);
        out.add(new int[] {expected, size});
      }
    }
    for (int[] one : out) {
      iovas.free(one[0] * PAGE, one[1] * PAGE);
    }
    assertThat(iovas.allocate(197 * PAGE, PAGE)).as("seed " + seed).isEqualTo(103 * PAGE);
    assertThat(iovas.allocate(148 * PAGE, PAGE)).as("seed " + seed).isEqualTo(364 * PAGE);
    assertThat(iovas.allocate(84 * PAGE, PAGE)).as("seed " + seed).isEqualTo(16 * PAGE);
  }

  private static int firstFit(BitSet taken, int pages, int size, int alignment) {
    for (int start = 0; start + size <= pages; start += alignment) {
      int next = taken.nextSetBit(start);
      if (next < 0 || next >= start + size) {
        return start;
      }
    }
    return -1;
  }

  @Test
  void aRangeIsARange() {
    assertThatThrownBy(() -> new IovaRange(0x2000, 0x1fff))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("not a range: 0x2000 to 0x1fff");
    assertThatThrownBy(() -> new IovaRange(-1, 5)).isInstanceOf(IllegalArgumentException.class);
    assertThat(new IovaRange(7, 7).end()).isEqualTo(7);
  }
}
