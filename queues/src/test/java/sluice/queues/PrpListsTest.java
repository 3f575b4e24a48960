package sluice.queues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

class PrpListsTest {
  private static final long KI = 1024;
  private static final long MI = 1024 * KI;

  private final MemorySegment memory = Arena.ofAuto().allocate(64, 64);
  private final long entry = memory.address();

  /** Data that nobody touches: only its addresses matter. */
  private static DmaMemory data(long iova, long size) {
    return new DmaMemory(OffHeap.segment(0x1000, size), iova);
  }

  /** Describes, decodes as a device, and compares with what was meant. */
  private void verify(
      PrpLists lists, FakeDmaSpace space, int pageSize, DmaMemory data, long offset, long length) {
    SubmissionEntry.begin(entry, 2, 0, 1);
    lists.describe(entry, 0, data, offset, length);
    verifyEntry(pageSize, data, offset, length, new PrpDecoder(space, pageSize));
  }

  private void verifyEntry(
      int pageSize, DmaMemory data, long offset, long length, PrpDecoder decoder) {
    String what =
        String.format(
            "page %d, data at 0x%x, offset %d, length %d", pageSize, data.iova(), offset, length);
    List<PrpDecoder.Piece> pieces;
    try {
      pieces = decoder.decode(SubmissionEntry.prp1(entry), SubmissionEntry.prp2(entry), length);
    } catch (AssertionError e) {
      throw new AssertionError(what + ": " + e.getMessage(), e);
    }
    long expected = data.iova() + offset;
    for (PrpDecoder.Piece piece : pieces) {
      if (piece.iova() != expected) {
        throw new AssertionError(
            String.format("%s: 0x%x instead of 0x%x", what, piece.iova(), expected));
      }
      expected += piece.length();
    }
    assertThat(expected).as(what).isEqualTo(data.iova() + offset + length);
  }

  @ParameterizedTest
  @ValueSource(longs = {8 * KI, 128 * KI, 256 * KI, 1 * MI})
  void listsBeginAtMultiplesOf512(long maxTransfer) {
    PrpLists lists = new PrpLists(new FakeDmaSpace(0x10_0000), 4, maxTransfer, 4096);
    DmaMemory data = data(0x70_0000, 2 * MI);
    for (int slot = 0; slot < 4; slot++) {
      lists.describe(entry, slot, data, 512, maxTransfer);
      assertThat(SubmissionEntry.prp2(entry) & 511).isZero();
    }
  }

  @Test
  void onePageNeedsOnePrp() {
    FakeDmaSpace space = new FakeDmaSpace(0x10_0000);
    PrpLists lists = new PrpLists(space, 1, 128 * KI, 4096);
    DmaMemory data = data(0x12_3456_7000L, 1 * MI);
    SubmissionEntry.begin(entry, 2, 0, 1);
    lists.describe(entry, 0, data, 0x204, 4096 - 0x204);
    assertThat(SubmissionEntry.prp1(entry)).isEqualTo(0x12_3456_7204L);
    assertThat(SubmissionEntry.prp2(entry)).isZero();
  }

  @Test
  void twoPagesNeedTwo() {
    FakeDmaSpace space = new FakeDmaSpace(0x10_0000);
    PrpLists lists = new PrpLists(space, 1, 128 * KI, 4096);
    DmaMemory data = data(0x12_3456_7000L, 1 * MI);
    lists.describe(entry, 0, data, 0x204, 4096 - 0x204 + 1);
    assertThat(SubmissionEntry.prp1(entry)).isEqualTo(0x12_3456_7204L);
    assertThat(SubmissionEntry.prp2(entry)).isEqualTo(0x12_3456_8000L);
  }

  @Test
  void threePagesNeedAList() {
    FakeDmaSpace space = new FakeDmaSpace(0x10_0000);
    PrpLists lists = new PrpLists(space, 2, 128 * KI, 4096);
    DmaMemory data = data(0x12_3456_7000L, 1 * MI);
    lists.describe(entry, 1, data, 0, 12 * KI);
    assertThat(SubmissionEntry.prp1(entry)).isEqualTo(0x12_3456_7000L);
    assertThat(SubmissionEntry.prp2(entry)).as("64 entries per slot").isEqualTo(0x10_0200L);
    assertThat(space.read(0x10_0200)).isEqualTo(0x12_3456_8000L);
    assertThat(space.read(0x10_0208)).isEqualTo(0x12_3456_9000L);
    assertThat(space.read(0x10_0210)).isZero();
  }

  /** Every length up to three pages and more, at every offset that behaves differently. */
  @ParameterizedTest
  @CsvSource({"4096, 0x10_0000", "4096, 0x10_1000", "8192, 0x10_0000", "8192, 0x10_1000"})
  void everySmallTransfer(int pageSize, String dataIova) {
    FakeDmaSpace space = new FakeDmaSpace(0x7f_ffff_f000L);
    PrpLists lists = new PrpLists(space, 4, 128 * KI, pageSize);
    DmaMemory data = data(Long.decode(dataIova.replace("_", "")), 256 * KI);
    for (long offset : offsets(pageSize)) {
      for (long length = 1; length <= 3L * pageSize + 600; length += length % 512 == 4 ? 500 : 1) {
        if (length % 512 > 8 && length % 512 < 504) {
          length += 504 - length % 512;
        }
        verify(lists, space, pageSize, data, offset, length);
      }
    }
  }

  private static long[] offsets(int pageSize) {
    return new long[] {
      0,
      4,
      8,
      12,
      252,
      508,
      512,
      516,
      2048,
      4088,
      4092,
      4096,
      4100,
      pageSize - 512,
      pageSize - 8,
      pageSize - 4,
      pageSize,
      pageSize + 4,
      2L * pageSize - 4,
      3L * pageSize + 1024
    };
  }

  /** The largest transfer and what lies around it and around every page of the list. */
  @ParameterizedTest
  @CsvSource({
    "4096, 4",
    "4096, 8",
    "4096, 12",
    "4096, 128",
    "4096, 512",
    "4096, 1024",
    "4096, 2044",
    "4096, 2048",
    "4096, 2052",
    "4096, 4088",
    "4096, 4092",
    "4096, 4096",
    "4096, 4100",
    "4096, 6144",
    "4096, 8192",
    "4096, 32768",
    "8192, 8",
    "8192, 128",
    "8192, 4096",
    "8192, 8184",
    "8192, 8192",
    "8192, 8200",
    "8192, 16376",
    "8192, 16384",
    "8192, 32768",
    "16384, 32768",
    "65536, 4096",
  })
  void everyBoundaryUpToTheLargestTransfer(int pageSize, long maxKi) {
    long max = maxKi * KI;
    for (long listIova : new long[] {0x10_0000, 0x10_1000, 0x12_3456_7000L, 0x12_345f_f000L}) {
      FakeDmaSpace space = new FakeDmaSpace(listIova);
      PrpLists lists = new PrpLists(space, 3, max, pageSize);
      DmaMemory data = data(0x700_0000_1000L, max + 8L * pageSize);
      long perPage = pageSize / 8;
      for (long offset : offsets(pageSize)) {
        for (long pages :
            new long[] {
              1,
              2,
              3,
              perPage - 1,
              perPage,
              perPage + 1,
              2 * perPage - 2,
              2 * perPage - 1,
              2 * perPage,
              max / pageSize - 1,
              max / pageSize
            }) {
          long inFirst = pageSize - offset % pageSize;
          for (long fit : new long[] {pages * pageSize, pages * pageSize + inFirst}) {
            for (long delta : new long[] {-512, -4, -1, 0, 1, 4, 512}) {
              long length = fit + delta;
              if (length > 0 && length <= max) {
                verify(lists, space, pageSize, data, offset, length);
              }
            }
          }
        }
        verify(lists, space, pageSize, data, offset, max);
        verify(lists, space, pageSize, data, offset, max - 1);
      }
      lists.free();
      assertThat(space.outstanding()).isZero();
    }
  }

  /** All slots hold their longest list at once, and each is still right. */
  @ParameterizedTest
  @CsvSource({
    "4096, 4, 64", "4096, 8, 64", "4096, 20, 64", "4096, 128, 64", "4096, 2048, 16",
    "4096, 2056, 16", "4096, 4096, 8", "8192, 128, 64", "8192, 4096, 16", "8192, 8192, 8",
    "8192, 16384, 8",
  })
  void slotsNeverShareAList(int pageSize, long maxKi, int slots) {
    long max = maxKi * KI;
    FakeDmaSpace space = new FakeDmaSpace(0x10_1000);
    PrpLists lists = new PrpLists(space, slots, max, pageSize);
    DmaMemory data = data(0x700_0000_1000L, max + pageSize * (slots + 1L));
    long[] prp1 = new long[slots];
    long[] prp2 = new long[slots];
    for (int slot = 0; slot < slots; slot++) {
      lists.describe(entry, slot, data, pageSize * (long) slot + 4, max);
      prp1[slot] = SubmissionEntry.prp1(entry);
      prp2[slot] = SubmissionEntry.prp2(entry);
    }
    Set<Long> read = new HashSet<>();
    for (int slot = 0; slot < slots; slot++) {
      SubmissionEntry.prps(entry, prp1[slot], prp2[slot]);
      PrpDecoder decoder = new PrpDecoder(space, pageSize);
      verifyEntry(pageSize, data, pageSize * (long) slot + 4, max, decoder);
      for (long at : decoder.listReads) {
        assertThat(read.add(at)).as("slot %d reads 0x%x, as another does", slot, at).isTrue();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24})
  void anyTransfer(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 60; round++) {
      int pageSize = 4096 << random.nextInt(4);
      long max = 1 + random.nextLong(random.nextBoolean() ? 64 * KI : 9 * MI);
      int slots = 1 + random.nextInt(5);
      FakeDmaSpace space = new FakeDmaSpace(0x1000 * (16 + random.nextLong(1L << 30)));
      PrpLists lists = new PrpLists(space, slots, max, pageSize);
      DmaMemory data = data(0x1000 * (1L << 40) + 0x1000 * random.nextLong(64), max + 128 * KI);
      for (int i = 0; i < 20; i++) {
        long length = random.nextInt(4) == 0 ? max : 1 + random.nextLong(max);
        long offset = 4 * random.nextLong(16 * KI);
        int slot = random.nextInt(slots);
        lists.describe(entry, slot, data, offset, length);
        try {
          verifyEntry(pageSize, data, offset, length, new PrpDecoder(space, pageSize));
        } catch (AssertionError e) {
          throw new AssertionError("seed " + seed + ", round " + round + ": " + e.getMessage(), e);
        }
      }
    }
  }

  @Test
  void refusesSizesThatCannotBe() {
    FakeDmaSpace space = new FakeDmaSpace(0x10_0000);
    for (int pageSize : new int[] {0, -4096, 2048, 4095, 6144}) {
      assertThatThrownBy(() -> new PrpLists(space, 1, 4096, pageSize))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("not a page size: " + pageSize);
    }
    assertThatThrownBy(() -> new PrpLists(space, 0, 4096, 4096))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no lists for 0 commands of 4096 bytes");
    assertThatThrownBy(() -> new PrpLists(space, 4, 0, 4096))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesToDescribeWhatItHasNoRoomFor() {
    FakeDmaSpace space = new FakeDmaSpace(0x10_0000);
    PrpLists lists = new PrpLists(space, 2, 8192, 4096);
    DmaMemory data = data(0x70_0000, 1 * MI);
    assertThatThrownBy(() -> lists.describe(entry, 0, data, 0, 8193))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> lists.describe(entry, 0, data, 0, 0))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> lists.describe(entry, 0, data, 1 * MI - 512, 1024))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> lists.describe(entry, 0, data, 2, 512))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> lists.describe(entry, 2, data, 4, 8192))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> lists.describe(entry, -1, data, 4, 8192))
        .isInstanceOf(AssertionError.class);
  }
}
