package sluice.vfio.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.support.memory.OffHeap;
import sluice.vfio.IovaRange;
import sluice.vfio.PciAddress;
import sluice.vfio.abi.Capabilities;
import sluice.vfio.abi.Interrupts;
import sluice.vfio.abi.RegionInfo;
import sluice.vfio.abi.RegionInfo.Area;

/** The structures of VFIO and iommufd, byte for byte as Linux's headers lay them out. */
class StructuresTest {
  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void close() {
    arena.close();
  }

  private static String hex(MemorySegment segment) {
    return HexFormat.of().formatHex(segment.toArray(ValueLayout.JAVA_BYTE));
  }

  private MemorySegment bytes(String... lines) {
    byte[] bytes = HexFormat.of().parseHex(String.join("", lines).replace(" ", ""));
    return arena.allocate(bytes.length, 8).copyFrom(MemorySegment.ofArray(bytes));
  }

  @Test
  void aRegionThatIsMappedAsAWhole() {
    RegionInfo info =
        RegionInfo.parse(
            bytes(
                "20000000 07000000 00000000 00000000", // argsz, read + write + mmap, BAR 0
                "0040000000000000 0000000000010000")); // 16 KiB, at 2^40
    assertThat(info).isEqualTo(new RegionInfo(0x4000, 1L << 40, List.of(new Area(0, 0x4000))));
  }

  @Test
  void aRegionThatIsNotMapped() {
    RegionInfo info =
        RegionInfo.parse(
            bytes(
                "20000000 03000000 07000000 00000000", // argsz, read + write, configuration space
                "0010000000000000 0000000000070000")); // 4 KiB
    assertThat(info).isEqualTo(new RegionInfo(0x1000, 7L << 40, List.of()));
  }

  @Test
  void aRegionWithAHole() {
    RegionInfo info =
        RegionInfo.parse(
            bytes(
                "58000000 0f000000 00000000 20000000", // … with capabilities, the first at 0x20
                "0080000000000000 0000000000000000", // 32 KiB
                "03000100 28000000", // id 3: the table of MSI-X may be mapped; next at 0x28
                "01000100 00000000", // id 1: sparse areas; the last
                "03000000 00000000", // three of them
                "0000000000000000 0020000000000000", // 0 to 8 KiB
                "0030000000000000 0000000000000000", // nothing
                "0030000000000000 0050000000000000")); // 12 KiB to the end
    assertThat(info.areas()).containsExactly(new Area(0, 0x2000), new Area(0x3000, 0x5000));
  }

  @Test
  void aChainThatTurnsBackEnds() {
    MemorySegment info =
        bytes("00000000 00000000", "05000100 10000000", "06000100 08000000"); // 5 → 6 → 5 → …
    assertThat(hex(Capabilities.find(info, 8, 6)).substring(0, 16)).isEqualTo("0600010008000000");
    assertThat(Capabilities.find(info, 8, 7)).isNull();
    assertThat(Capabilities.find(info, 0, 5)).isNull();
    assertThat(Capabilities.find(info, 0x14, 6)).as("a header that is cut off").isNull();
  }

  @Test
  void interruptsThatCanBeEvents() {
    // argsz, flags: event + cannot be resized, MSI-X, 65 of them
    assertThat(Interrupts.eventCount(bytes("10000000 09000000 02000000 41000000"))).isEqualTo(65);
    assertThat(Interrupts.eventCount(bytes("10000000 00000000 02000000 41000000"))).isZero();
  }

  @Test
  void settingInterrupts() {
    assertThat(hex(Interrupts.setEvents(arena, Interrupts.MSIX, 7, 258)))
        .isEqualTo(
            "1c000000"
                + "24000000"
                + "02000000"
                + "00000000"
                + "02000000"
                + "07000000"
                + "02010000");
  }

  @Test
  void whatAHotResetConcerns() {
    MemorySegment info =
        bytes(
            "1c000000 00000000 02000000", // argsz, flags, two functions
            "03000000 0000 01 00", // group 3, 0000:01:00.0
            "04000000 0100 02 fb"); // group 4, 0001:02:1f.3
    assertThat(HotReset.parse(info))
        .isEqualTo(
            new HotReset(
                false,
                List.of(
                    new HotReset.Function(3, new PciAddress(0, 1, 0, 0)),
                    new HotReset.Function(4, new PciAddress(1, 2, 31, 3)))));
    OffHeap.putInt(info.address() + 4, 1); // ids, but not all of them ours
    assertThat(HotReset.parse(info).allOwned()).isFalse();
    OffHeap.putInt(info.address() + 4, 3);
    assertThat(HotReset.parse(info).allOwned()).isTrue();
  }

  @Test
  void orderingAHotReset() {
    assertThat(hex(HotReset.order(arena, 9)))
        .isEqualTo("10000000" + "00000000" + "0100000009000000");
    assertThat(hex(HotReset.order(arena))).isEqualTo("0c000000" + "00000000" + "00000000");
  }

  @Test
  void whatAType1ContainerTranslates() {
    Type1Info info =
        Type1Info.parse(
            bytes(
                "54000000 03000000", // argsz, page sizes + capabilities
                "0010200040000000", // pages of 4 KiB, 2 MiB and more
                "14000000", // the first capability at 0x14, which is no multiple of 8
                "03000100 20000000 ffff0000", // mappings left; next at 0x20
                "01000100 00000000 02000000 00000000", // ranges; the last; two of them
                "0000000000000000 ffffdffe00000000",
                "0000f0fe00000000 ffffffffffffffff"));
    assertThat(info.smallestPage()).isEqualTo(4096);
    assertThat(info.mappingsLeft()).hasValue(65535);
    assertThat(info.ranges())
        .containsExactly(new IovaRange(0, 0xfedfffffL), new IovaRange(0xfef00000L, Long.MAX_VALUE));
  }

  @Test
  void anOldContainerThatDoesNotTell() {
    Type1Info info =
        Type1Info.parse(bytes("18000000 01000000", "00f0ffffffffffff", "00000000 00000000"));
    assertThat(info.smallestPage()).isEqualTo(4096);
    assertThat(info.mappingsLeft()).isEmpty();
    assertThat(info.ranges())
        .as("without the window of interrupt messages")
        .noneMatch(range -> range.start() <= 0xfee00000L && range.end() >= 0xfee00000L);
  }

  @Test
  void mappingInAContainer() {
    assertThat(hex(Type1Dma.map(arena, 0x7f1122334000L, 0x10000, 0x200000)))
        .isEqualTo(
            "20000000"
                + "03000000"
                + "004033221"
                + "17f0000"
                + "0000010000000000"
                + "0000200000000000");
    MemorySegment unmap = Type1Dma.unmap(arena, 0x10000, 0x200000);
    assertThat(hex(unmap))
        .isEqualTo("18000000" + "00000000" + "0000010000000000" + "0000200000000000");
    OffHeap.putLong(unmap.address() + 0x10, 0x1000);
    assertThat(Type1Dma.unmapped(unmap)).isEqualTo(0x1000);
  }

  @Test
  void anAddressSpaceOfIommufd() {
    MemorySegment allocate = Ioas.allocate(arena);
    assertThat(hex(allocate)).isEqualTo("0c000000" + "00000000" + "00000000");
    OffHeap.putInt(allocate.address() + 8, 5);
    assertThat(Ioas.allocated(allocate)).isEqualTo(5);
    assertThat(hex(Ioas.bind(arena, 12)))
        .isEqualTo("10000000" + "00000000" + "0c000000" + "00000000");
    assertThat(hex(Ioas.attach(arena, 5))).isEqualTo("0c000000" + "00000000" + "05000000");
  }

  @Test
  void mappingInAnAddressSpace() {
    assertThat(hex(Ioas.map(arena, 5, 0x7f1122334000L, 0x10000, 0x200000)))
        .isEqualTo(
            "28000000"
                + "07000000"
                + "05000000"
                + "00000000"
                + "004033221"
                + "17f0000"
                + "0000200000000000"
                + "0000010000000000");
    MemorySegment unmap = Ioas.unmap(arena, 5, 0x10000, 0x200000);
    assertThat(hex(unmap))
        .isEqualTo("18000000" + "05000000" + "0000010000000000" + "0000200000000000");
    OffHeap.putLong(unmap.address() + 0x10, 0x1000);
    assertThat(Ioas.unmapped(unmap)).isEqualTo(0x1000);
  }

  @Test
  void theRangesOfAnAddressSpace() {
    MemorySegment ranges = Ioas.ranges(arena, 5, 16);
    assertThat(hex(ranges.asSlice(0, 16)))
        .isEqualTo("20000000" + "05000000" + "10000000" + "00000000");
    assertThat(hex(ranges.asSlice(24))).isEqualTo("0000000000000000");
    assertThat(Ioas.arrayAddress(ranges)).isNotZero();
    OffHeap.putLong(ranges.address() + 0x18, 0x1000);
    assertThat(Ioas.alignment(ranges)).isEqualTo(4096);
    MemorySegment array =
        bytes("0000000000000000 ffffdffe00000000", "0000f0fe00000000 ffffffff7f000000");
    assertThat(Ioas.ranges(array, 2))
        .containsExactly(new IovaRange(0, 0xfedfffffL), new IovaRange(0xfef00000L, 0x7fffffffffL));
  }

  @Test
  void physicalAddresses() {
    assertThat(Pagemap.frame(0x8180_0000_0012_3456L)).isEqualTo(0x1_2345_6000L);
    assertThatThrownBy(() -> Pagemap.frame(0x8180_0000_0000_0000L))
        .as("a process that may not know")
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("root");
    assertThatThrownBy(() -> Pagemap.frame(0x0000_0000_0012_3456L))
        .as("a page that is not there")
        .isInstanceOf(IllegalStateException.class);
  }
}
