package sluice.virtual.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.spec.StatusCode;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.vfio.MappedDmaSpace;

class PrpWalkerTest {
  private static final int MAX = 4 << 20;
  private static final int OFFSET_INVALID = StatusCode.INVALID_PRP_OFFSET.statusDnr();
  private static final int FAULT = StatusCode.DATA_TRANSFER_ERROR.status();

  private final VirtualIommu iommu = new VirtualIommu(() -> {});
  private final MappedDmaSpace space = new MappedDmaSpace(iommu);
  private final PrpWalker walker = new PrpWalker(iommu, MAX);

  PrpWalkerTest() {
    iommu.busMaster(true);
  }

  @AfterEach
  void free() {
    space.close();
  }

  /**
   * Joins the extents byte by byte: the n-th byte of the data is at the n-th of these addresses.
   */
  private void assertExtents(List<Long> pieces, List<Long> lengths) {
    List<Long> addresses = new ArrayList<>();
    List<Long> sizes = new ArrayList<>();
    for (int i = 0; i < pieces.size(); i++) {
      int last = sizes.size() - 1;
      if (last >= 0 && addresses.get(last) + sizes.get(last) == pieces.get(i)) {
        sizes.set(last, sizes.get(last) + lengths.get(i));
      } else {
        addresses.add(pieces.get(i));
        sizes.add(lengths.get(i));
      }
    }
    List<Long> walked = new ArrayList<>();
    List<Long> walkedSizes = new ArrayList<>();
    for (int i = 0; i < walker.count(); i++) {
      walked.add(walker.address(i));
      walkedSizes.add(walker.length(i));
    }
    assertThat(walked).isEqualTo(addresses);
    assertThat(walkedSizes).isEqualTo(sizes);
  }

  private int walk(long prp1, long prp2, long length) {
    return walker.walk(prp1, prp2, length, true);
  }

  /** As a guest's IOMMU maps them: each 4 KiB for themselves, from anywhere. */
  @Test
  void largePagesMayLieInSeveralRegions() {
    int pageSize = 64 << 10;
    walker.pageSize(pageSize);
    DmaMemory memory = space.allocate(4L * pageSize);
    long iova = 1L << 32;
    int parts = 4 * pageSize / 4096;
    for (int i = 0; i < parts; i++) {
      long address = memory.address() + 4096L * (parts - 1 - i);
      int access = VirtualIommu.READ | VirtualIommu.WRITE;
      iommu.map(address, iova + 4096L * i, 4096, access);
    }
    // A list across two parts of the first page, with the two pages behind it.
    long list = memory.address() + 4096L * (parts - 1);
    OffHeap.putLong(list + 4096 - 8, iova + pageSize);
    OffHeap.putLong(list - 4096, iova + 2L * pageSize);
    int length = 2 * pageSize + 512;
    long prp1 = iova + 4L * pageSize - 512;
    assertThat(walk(prp1, iova + 4096 - 8, length)).isZero();
    long bytes = 0;
    for (int i = 0; i < walker.count(); i++) {
      assertThat(walker.length(i)).as("extent %d", i).isEqualTo(i == 0 ? 512 : 4096);
      bytes += walker.length(i);
    }
    assertThat(bytes).isEqualTo(length);
    assertThat(walker.address(1)).isEqualTo(memory.address() + 4096L * (parts - 1 - 16));
    assertThat(walker.address(32)).isEqualTo(memory.address() + 4096L * (parts - 1 - 47));
    iommu.unmap(iova + 4096L * 40, 4096);
    assertThat(walk(prp1, iova + 4096 - 8, length)).isEqualTo(FAULT);
    iommu.unmap(iova + 4096, 4096);
    assertThat(walk(prp1, iova + 4096 - 8, length)).as("the list").isEqualTo(FAULT);
  }

  /** Every length around the page boundaries, from every offset in question, pages in disorder. */
  @ParameterizedTest
  @ValueSource(ints = {4096, 8192})
  void everySmallShape(int pageSize) {
    walker.pageSize(pageSize);
    int pages = 6;
    DmaMemory data = space.allocate((long) pages * 2 * pageSize);
    DmaMemory list = space.allocate(pageSize);
    // Aligned to the larger page, in descending order, so that no two are neighbours.
    long base = (data.iova() + pageSize - 1) & -pageSize;
    long delta = data.address() - data.iova();
    int cases = 0;
    for (long offset : new long[] {0, 4, 512, pageSize - 512, pageSize - 4}) {
      for (int whole = 0; whole <= 4; whole++) {
        for (long more : new long[] {-512, -4, 0, 4, 512}) {
          long length = (long) whole * pageSize + more;
          if (length <= 0) {
            continue;
          }
          List<Long> pieces = new ArrayList<>();
          List<Long> lengths = new ArrayList<>();
          long page = base + (long) (pages - 1) * pageSize;
          long first = Math.min(length, pageSize - offset);
          pieces.add(page + offset + delta);
          lengths.add(first);
          long prp1 = page + offset;
          List<Long> rest = new ArrayList<>();
          for (long left = length - first; left > 0; left -= pageSize) {
            page -= pageSize;
            rest.add(page);
            pieces.add(page + delta);
            lengths.add(Math.min(left, pageSize));
          }
          long prp2 = 0;
          if (rest.size() == 1) {
            prp2 = rest.getFirst();
          } else if (rest.size() > 1) {
            prp2 = list.iova();
            for (int i = 0; i < rest.size(); i++) {
              OffHeap.putLong(list.address() + 8L * i, rest.get(i));
            }
          }
          assertThat(walk(prp1, prp2, length)).as("offset %d, length %d", offset, length).isZero();
          assertExtents(pieces, lengths);
          cases++;
        }
      }
    }
    assertThat(cases).isGreaterThan(100);
  }

  @Test
  void neighboursBecomeOneExtent() {
    DmaMemory data = space.allocate(64 << 10);
    DmaMemory list = space.allocate(4096);
    for (int i = 1; i < 16; i++) {
      OffHeap.putLong(list.address() + 8L * (i - 1), data.iova() + i * 4096L);
    }
    assertThat(walk(data.iova(), list.iova(), 64 << 10)).isZero();
    assertThat(walker.count()).isEqualTo(1);
    assertThat(walker.address(0)).isEqualTo(data.address());
    assertThat(walker.length(0)).isEqualTo(64 << 10);
  }

  /** Lists that begin at every place near a page's end, so that they go on in the next. */
  @Test
  void chainedLists() {
    DmaMemory data = space.allocate(MAX);
    DmaMemory lists = space.allocate(16384);
    for (int entriesInFirst = 1; entriesInFirst <= 512; entriesInFirst++) {
      for (int pages : new int[] {entriesInFirst, entriesInFirst + 1, 600, 1000}) {
        if (pages + 1 > MAX / 4096) {
          continue;
        }
        long at = 4096 - 8L * entriesInFirst;
        long prp2 = lists.iova(at);
        int left = pages;
        int page = 1;
        long nextList = 8192;
        while (left > 0) {
          boolean lastOfPage = (at & 4095) == 4088;
          if (lastOfPage && left > 1) {
            OffHeap.putLong(lists.address() + at, lists.iova(nextList));
            at = nextList;
            nextList += 4096;
            continue;
          }
          OffHeap.putLong(lists.address() + at, data.iova(page++ * 4096L));
          at += 8;
          left--;
        }
        if (pages == 1) {
          continue;
        }
        long length = (pages + 1) * 4096L;
        assertThat(walk(data.iova(), prp2, length))
            .as("%d entries in the first page, %d pages", entriesInFirst, pages)
            .isZero();
        assertThat(walker.count()).isEqualTo(1);
        assertThat(walker.length(0)).isEqualTo(length);
      }
    }
  }

  @Test
  void offsetsThatCannotBe() {
    DmaMemory data = space.allocate(16384);
    DmaMemory list = space.allocate(8192);
    assertThat(walk(data.iova() + 1, 0, 512)).isEqualTo(OFFSET_INVALID);
    assertThat(walk(data.iova() + 2, 0, 512)).isEqualTo(OFFSET_INVALID);
    assertThat(walk(data.iova(), data.iova() + 4, 8192)).isEqualTo(OFFSET_INVALID);
    assertThat(walk(data.iova(), list.iova() + 4, 12288)).isEqualTo(OFFSET_INVALID);
    OffHeap.putLong(list.address(), data.iova() + 4096);
    OffHeap.putLong(list.address() + 8, data.iova() + 8192 + 8);
    assertThat(walk(data.iova(), list.iova(), 12288)).isEqualTo(OFFSET_INVALID);
    // The pointer to a list's next page begins that page.
    OffHeap.putLong(list.address() + 4088, list.iova() + 4096 + 8);
    assertThat(walk(data.iova(), list.iova() + 4088, 12288)).isEqualTo(OFFSET_INVALID);
  }

  @Test
  void whatIsNotMappedIsAFault() {
    DmaMemory data = space.allocate(16384);
    DmaMemory list = space.allocate(4096);
    long nowhere = 0x40_0000_0000L;
    assertThat(walk(0, 0, 512)).isEqualTo(FAULT);
    assertThat(walk(nowhere, 0, 512)).isEqualTo(FAULT);
    assertThat(walk(data.iova(), 0, 8192)).isEqualTo(FAULT);
    assertThat(walk(data.iova(), nowhere, 8192)).isEqualTo(FAULT);
    assertThat(walk(data.iova(), nowhere, 12288)).isEqualTo(FAULT);
    OffHeap.putLong(list.address(), data.iova() + 4096);
    OffHeap.putLong(list.address() + 8, nowhere);
    assertThat(walk(data.iova(), list.iova(), 12288)).isEqualTo(FAULT);
    OffHeap.putLong(list.address() + 4088, nowhere);
    assertThat(walk(data.iova(), list.iova() + 4088, 12288)).isEqualTo(FAULT);
    assertThat(walk(-4096, 0, 512)).isEqualTo(FAULT);
  }

  /** Whatever a host writes into a list, the walk ends, and stays within what is mapped. */
  @Test
  void listsOfNoise() {
    DmaMemory data = space.allocate(64 << 10);
    DmaMemory lists = space.allocate(16384);
    long seed = 7;
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 3000; round++) {
      for (int i = 0; i < 2048; i++) {
        long entry =
            switch (random.nextInt(8)) {
              case 0 -> random.nextLong();
              case 1 -> lists.iova(4096L * random.nextInt(4));
              default -> data.iova(4096L * random.nextInt(16));
            };
        OffHeap.putLong(lists.address() + 8L * i, entry);
      }
      long length = 1L + random.nextInt(MAX);
      long prp1 = data.iova(4L * random.nextInt(1024));
      long prp2 = lists.iova(8L * random.nextInt(2048));
      int status = walk(prp1, prp2, length);
      assertThat(status).as("seed %d, round %d", seed, round).isIn(0, FAULT, OFFSET_INVALID);
      long total = 0;
      for (int i = 0; i < walker.count(); i++) {
        total += walker.length(i);
      }
      if (status == 0) {
        assertThat(total).isEqualTo(length);
      }
    }
  }
}
