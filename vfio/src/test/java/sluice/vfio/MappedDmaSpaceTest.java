package sluice.vfio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.memory.OffHeap;

class MappedDmaSpaceTest {
  private final FakeIommu iommu = new FakeIommu(new IovaRange(0, 0xff_ffff_ffffL));
  private final MappedDmaSpace space = new MappedDmaSpace(iommu);

  /** How many mappings this process has of memory that the space made. */
  private static long mappingsOfOurs() throws IOException {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return maps.filter(line -> line.contains("memfd:sluice-dma")).count();
    }
  }

  /** How many descriptors this process has of memory that the space made. */
  private static long descriptorsOfOurs() throws IOException {
    long count = 0;
    try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
      for (Path fd : fds.toList()) {
        // The descriptor by which the directory was listed is closed by now.
        if (Files.isSymbolicLink(fd)
            && Files.readSymbolicLink(fd).toString().contains("memfd:sluice-dma")) {
          count++;
        }
      }
    }
    return count;
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    space.close();
    assertThat(iommu.mappings).isEmpty();
    assertThat(mappingsOfOurs()).isZero();
    assertThat(descriptorsOfOurs()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 4095, 4096, 4097, 65536, 1 << 20, (2 << 20) - 1, 2 << 20, (2 << 20) + 1})
  void memoryIsZeroedAlignedAndMapped(long size) throws IOException {
    DmaMemory memory = space.allocate(size);
    assertThat(memory.size()).isEqualTo(size);
    assertThat(memory.address() % 4096).isZero();
    assertThat(memory.iova() % 4096).isZero();
    assertThat(memory.iova()).isGreaterThanOrEqualTo(0x10000);
    for (long i = 0; i < size; i++) {
      if (OffHeap.getByte(memory.address() + i) != 0) {
        throw new AssertionError("byte " + i + " is not zero");
      }
    }
    FakeIommu.Mapping mapping = iommu.mappings.get(memory.iova());
    assertThat(mapping.address()).isEqualTo(memory.address());
    assertThat(mapping.size()).isGreaterThanOrEqualTo(size);
    assertThat(mapping.size() % 4096).isZero();
    assertThat(mappingsOfOurs()).isEqualTo(1);
    assertThat(descriptorsOfOurs()).as("the mapping alone keeps the memory").isZero();

    space.free(memory);
    assertThat(iommu.mappings).isEmpty();
    assertThat(mappingsOfOurs()).isZero();
  }

  @Test
  void everyPageIsPresentBeforeItIsTouched() throws IOException {
    long size = 8 << 20;
    DmaMemory memory = space.allocate(size);
    String begin = Long.toHexString(memory.address()) + "-";
    List<String> smaps = Files.readAllLines(Path.of("/proc/self/smaps"));
    int line = 0;
    while (!smaps.get(line).startsWith(begin)) {
      line++;
    }
    // Huge pages are counted apart from the resident size.
    long presentKiB = 0;
    for (String word : List.of("Rss:", "Shared_Hugetlb:", "Private_Hugetlb:")) {
      String row =
          smaps.subList(line, line + 25).stream()
              .filter(s -> s.startsWith(word))
              .findFirst()
              .orElseThrow();
      presentKiB += Long.parseLong(row.replaceAll("[^0-9]", ""));
    }
    assertThat(presentKiB).isEqualTo(size >> 10);
  }

  @Test
  void addressesComeBackWithTheirMemory() {
    DmaMemory first = space.allocate(4096);
    DmaMemory second = space.allocate(4096);
    assertThat(second.iova()).isEqualTo(first.iova() + 4096);
    space.free(first);
    assertThat(space.allocate(100).iova()).isEqualTo(first.iova());
  }

  @Test
  void addressesAreTakenFromWhereTheIommuPrefersThem() {
    FakeIommu kernels = new FakeIommu(new IovaRange(0, 0xff_ffff_ffffL));
    kernels.preferredStart = 1L << 32;
    MappedDmaSpace high = new MappedDmaSpace(kernels);
    DmaMemory memory = high.allocate(4096);
    assertThat(memory.iova()).isEqualTo(1L << 32);
    high.free(memory);
  }

  @Test
  void bytesWrittenInOneMemoryAreNotInAnother() {
    DmaMemory first = space.allocate(4096);
    DmaMemory second = space.allocate(4096);
    first.segment().fill((byte) 0x11);
    second.segment().fill((byte) 0x22);
    assertThat(OffHeap.getByte(first.address() + 4095)).isEqualTo((byte) 0x11);
    assertThat(OffHeap.getByte(second.address())).isEqualTo((byte) 0x22);
    space.free(first);
    assertThat(space.allocate(4096).segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE))
        .as("memory that was used before")
        .containsOnly(0);
  }

  @Test
  void refusesSizesThatAreNone() {
    assertThatThrownBy(() -> space.allocate(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cannot allocate 0 bytes of DMA memory");
    assertThatThrownBy(() -> space.allocate(-4096)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {1L << 50, Long.MAX_VALUE})
  void saysHowMuchItCouldNotGet(long size) throws IOException {
    assertThatThrownBy(() -> space.allocate(size))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("cannot get " + size + " bytes of DMA memory: ");
    assertThat(mappingsOfOurs()).isZero();
    assertThat(descriptorsOfOurs()).isZero();
  }

  @Test
  void withoutDeviceAddressesNothingIsLeftBehind() throws IOException {
    MappedDmaSpace small = new MappedDmaSpace(new FakeIommu(new IovaRange(0x10000, 0x12fff)));
    assertThatThrownBy(() -> small.allocate(4 * 4096))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no range of 16384 free device addresses is left");
    assertThat(mappingsOfOurs()).isZero();
    assertThat(descriptorsOfOurs()).isZero();
    DmaMemory memory = small.allocate(3 * 4096);
    assertThat(memory.iova()).isEqualTo(0x10000);
    small.free(memory);
  }

  @Test
  void ordinaryPagesDoWhereNoHugePageFitsTheAddresses() {
    // 3 MiB, but no 2 of them from a multiple of 2 MiB.
    MappedDmaSpace odd = new MappedDmaSpace(new FakeIommu(new IovaRange(0x10_1000, 0x3f_ffff)));
    DmaMemory memory = odd.allocate(0x2f_f000);
    assertThat(memory.iova()).isEqualTo(0x10_1000);
    odd.free(memory);
  }

  @Test
  void aMapThatFailsLeavesNothingBehind() throws IOException {
    iommu.failNextMap = new IllegalStateException("the table is full");
    assertThatThrownBy(() -> space.allocate(4096)).hasMessage("the table is full");
    iommu.failNextMap = new LinuxException("ioctl", "VFIO_IOMMU_MAP_DMA", 12, "no memory");
    assertThatThrownBy(() -> space.allocate(4096))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "cannot get 4096 bytes of DMA memory: ioctl(VFIO_IOMMU_MAP_DMA): no memory (errno 12)");
    assertThat(mappingsOfOurs()).isZero();
    assertThat(descriptorsOfOurs()).isZero();
    assertThat(space.allocate(4096).iova()).as("the address was given back").isEqualTo(0x10000);
  }

  @Test
  void freesOnlyWhatItAllocatedAndOnlyOnce() {
    DmaMemory memory = space.allocate(4096);
    DmaMemory slice = memory.slice(0, 4096);
    assertThatThrownBy(() -> space.free(slice))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("not allocated here, or freed already: 4096 bytes at iova 0x10000");
    space.free(memory);
    assertThatThrownBy(() -> space.free(memory)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anUnmapOfAnotherSizeIsAnErrorAndTheMemoryStays() throws IOException {
    DmaMemory memory = space.allocate(8192);
    iommu.nextUnmapReturns = 4096;
    assertThatThrownBy(() -> space.free(memory))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("asked to unmap 8192 bytes, but 4096 were: 8192 bytes at iova 0x10000");
    assertThat(mappingsOfOurs()).as("the device may still write there").isEqualTo(1);
    assertThat(space.allocate(4096).iova()).as("nor is its address reused").isEqualTo(0x12000);
    assertThatThrownBy(() -> space.free(memory)).isInstanceOf(IllegalArgumentException.class);
    cleanUp(memory, 8192);
  }

  @Test
  void closeFreesTheOthersWhenOneCannotBeUnmapped() throws IOException {
    List<DmaMemory> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(space.allocate(4096));
    }
    iommu.nextUnmapReturns = 0;
    assertThatThrownBy(space::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("asked to unmap 4096 bytes, but 0 were: ");
    assertThat(iommu.mappings).hasSize(1);
    assertThat(mappingsOfOurs()).isEqualTo(1);
    space.close();
    assertThat(iommu.mappings).as("closing again does not touch what was leaked").hasSize(1);
    long stuck = iommu.mappings.firstKey();
    cleanUp(all.stream().filter(m -> m.iova() == stuck).findFirst().orElseThrow(), 4096);
  }

  private void cleanUp(DmaMemory memory, long size) {
    iommu.mappings.remove(memory.iova());
    sluice.support.linux.Linux.munmap(memory.address(), size);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12})
  void threadsNeverGetTheSameAddresses(long seed) throws Exception {
    List<CompletableFuture<Void>> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      SplittableRandom random = new SplittableRandom(seed * 31 + t);
      threads.add(CompletableFuture.runAsync(() -> allocateAndFree(random)));
    }
    for (CompletableFuture<Void> thread : threads) {
      // The fake refuses mappings that overlap.
      thread.get(60, TimeUnit.SECONDS);
    }
    assertThat(iommu.mappings).as("seed " + seed).isEmpty();
  }

  private void allocateAndFree(SplittableRandom random) {
    List<DmaMemory> mine = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      if (mine.size() > 8 || (!mine.isEmpty() && random.nextBoolean())) {
        space.free(mine.remove(random.nextInt(mine.size())));
      } else {
        mine.add(space.allocate(1 + random.nextInt(40_000)));
      }
    }
    mine.forEach(space::free);
  }

  @Test
  void whoIsGivenMemoryCannotTakeItAway() {
    List<Integer> given = new ArrayList<>();
    Iommu others =
        new Iommu() {
          @Override
          public List<IovaRange> ranges() {
            return List.of(new IovaRange(0, 0xff_ffff_ffffL));
          }

          @Override
          public void map(int fd, long fdOffset, long address, long iova, long size) {
            for (long cut : new long[] {0, size - 1, size + 1}) {
              assertThatThrownBy(() -> Linux.truncate(fd, cut))
                  .isInstanceOfSatisfying(
                      LinuxException.class,
                      e -> assertThat(e.errno()).isEqualTo(LinuxException.EPERM));
            }
            given.add(fd);
          }

          @Override
          public long unmap(long iova, long size) {
            return size;
          }
        };
    try (MappedDmaSpace shared = new MappedDmaSpace(others)) {
      shared.allocate(8192).segment().fill((byte) 1);
    }
    assertThat(given).hasSize(1);
  }

  @Test
  void memoryThatIsKeptOutlivesItsSpace() throws IOException {
    DmaMemory memory = space.allocate(8192);
    memory.keep();
    space.close();
    assertThat(iommu.mappings).as("what the device reaches").isEmpty();
    assertThat(mappingsOfOurs()).isEqualTo(1);
    OffHeap.putByte(memory.address() + 8191, (byte) 1);
    Linux.munmap(memory.address(), 8192);
  }
}
