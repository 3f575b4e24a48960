package sluice.vfio.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import sluice.support.linux.Events;
import sluice.support.linux.Linux;
import sluice.support.memory.OffHeap;
import sluice.vfio.abi.Interrupts;
import sluice.vfio.abi.RegionInfo;

/** Devices and regions that there cannot be: each ends in one line, and leaves nothing behind. */
class NonsenseRegionsTest extends NonsenseServer {
  // ---- the device

  @Test
  void aDeviceThatIsTooShort() {
    change(Command.DEVICE_GET_INFO, 15, _ -> {});
    failsToOpen("the server answers DEVICE_GET_INFO with 15 bytes instead of 16");
  }

  @Test
  void noPciDevice() {
    change(Command.DEVICE_GET_INFO, body -> OffHeap.putInt(body + 4, 1));
    failsToOpen("the server answers DEVICE_GET_INFO with a device that is no PCI device");
  }

  @Test
  void aDeviceWithoutConfigurationSpace() {
    change(Command.DEVICE_GET_INFO, body -> OffHeap.putInt(body + 8, 7));
    failsToOpen("the server's device has no configuration space");
  }

  @Test
  void aDeviceWithoutMsix() {
    change(Command.DEVICE_GET_INFO, body -> OffHeap.putInt(body + 12, 2));
    open();
    assertThat(function.interruptVectors()).isZero();
    assertThat(server.taken()).noneMatch(request -> request.startsWith("0800", 4));
  }

  @Test
  void moreVectorsThanThereCanBe() {
    change(Command.DEVICE_GET_IRQ_INFO, body -> OffHeap.putInt(body + Interrupts.INFO_COUNT, -1));
    failsToOpen("the server answers DEVICE_GET_IRQ_INFO with 4294967295 MSI-X vectors");
  }

  // ---- regions

  @Test
  void regions() {
    regionFails(
        body -> OffHeap.putInt(body + RegionInfo.ARGSZ, 8), "a region of 8 bytes in a body of 64");
  }

  @Test
  void aRegionThatAsksForMoreRoomThanThereIs() {
    regionFails(
        body -> OffHeap.putInt(body + RegionInfo.ARGSZ, -1),
        "a region of 4294967295 bytes in a body of 64");
  }

  @Test
  void aRegionThatAsksForMoreRoomAgainAndAgain() {
    regionFails(
        body -> OffHeap.putInt(body + RegionInfo.ARGSZ, 60000),
        "a region of 60000 bytes in a body of 64");
  }

  @Test
  void anotherRegion() {
    regionFails(body -> OffHeap.putInt(body + RegionInfo.INDEX, 1), "another region than 0");
  }

  @Test
  void aChainThatGoesInACircle() {
    regionFails(body -> OffHeap.putInt(body + NEXT, 32), "capabilities that are no chain");
  }

  @Test
  void aChainThatLeavesTheStructure() {
    regionFails(body -> OffHeap.putInt(body + NEXT, 60), "capabilities that are no chain");
  }

  @Test
  void aChainThatBeginsOutside() {
    regionFails(body -> OffHeap.putInt(body + CAPABILITY, -4), "capabilities that are no chain");
  }

  @Test
  void moreAreasThanAreThere() {
    regionFails(body -> OffHeap.putInt(body + AREAS, 2), "more areas to be mapped than it names");
  }

  @Test
  void areasAsManyAsThereCanBeNumbers() {
    regionFails(body -> OffHeap.putInt(body + AREAS, -1), "more areas to be mapped than it names");
  }

  @Test
  void sizesThatCannotBe() {
    regionFails(
        body -> OffHeap.putLong(body + SIZE, -1), "a region of 0xffffffffffffffff bytes at 0x0");
  }

  @Test
  void anAreaOutsideOfItsRegion() {
    regionFails(
        body -> OffHeap.putLong(body + AREA_OFFSET, 0x4000),
        "memory that cannot be: 0x1000 bytes at 0x4000 of a region of 0x4000 bytes, at 0x0 of a"
            + " file of 0x2000");
  }

  @Test
  void anAreaThatWraps() {
    regionFails(
        body -> OffHeap.putLong(body + AREA_SIZE, Long.MAX_VALUE - 0xfff),
        "memory that cannot be: 0x7ffffffffffff000 bytes at 0x1000 of a region of 0x4000 bytes, at"
            + " 0x0 of a file of 0x2000");
  }

  @Test
  void anAreaOfNegativeSize() {
    regionFails(
        body -> OffHeap.putLong(body + AREA_SIZE, -0x1000),
        "memory that cannot be: 0xfffffffffffff000 bytes at 0x1000 of a region of 0x4000 bytes, at"
            + " 0x0 of a file of 0x2000");
  }

  @Test
  void anAreaThatIsNotOfWholePages() {
    regionFails(
        body -> OffHeap.putLong(body + AREA_SIZE, 0x800),
        "memory that cannot be: 0x800 bytes at 0x1000 of a region of 0x4000 bytes, at 0x0 of a"
            + " file of 0x2000");
  }

  @Test
  void anAreaBehindTheEndOfTheFile() {
    server.resizeDoorbells(FakeServer.DOORBELLS);
    regionFails(
        _ -> {},
        "memory that cannot be: 0x1000 bytes at 0x1000 of a region of 0x4000 bytes, at 0x0 of a"
            + " file of 0x1000");
  }

  @Test
  void aRegionFarBehindTheEndOfTheFile() {
    regionFails(
        body -> OffHeap.putLong(body + OFFSET, 0x7fff_ffff_ffff_f000L),
        "memory that cannot be: 0x1000 bytes at 0x1000 of a region of 0x4000 bytes, at"
            + " 0x7ffffffffffff000 of a file of 0x2000");
  }

  @Test
  void aRegionOfMoreThanAnyMemory() {
    changeRegion(
        -1,
        body -> {
          OffHeap.putLong(body + SIZE, 1L << 62);
          OffHeap.putInt(body + FLAGS, 3);
        });
    open();
    assertThat(function.bar(0).size()).isEqualTo(1L << 62);
    assertThat(function.bar(0).mapping(0x1000, 8)).isEmpty();
  }

  @Test
  void aRegionWithoutItsDescriptor() {
    FakeServer.Answer usual = server.usual(Command.DEVICE_GET_REGION_INFO);
    server.answer(
        Command.DEVICE_GET_REGION_INFO, from -> server.withoutDescriptors(() -> usual.to(from)));
    failsToOpen(
        "the server answers DEVICE_GET_REGION_INFO with a region to be mapped, but not its"
            + " descriptor");
  }

  @Test
  void aDescriptorOfNoFile() {
    int event = Events.eventfd();
    FakeServer.Answer usual = server.usual(Command.DEVICE_GET_REGION_INFO);
    server.answer(
        Command.DEVICE_GET_REGION_INFO, from -> server.withDescriptor(event, () -> usual.to(from)));
    try {
      failsToOpen(
          "the server answers DEVICE_GET_REGION_INFO with memory that cannot be: 0x1000 bytes at"
              + " 0x1000 of a region of 0x4000 bytes, at 0x0 of a file of 0x0");
    } finally {
      Linux.close(event);
    }
  }

  @Test
  void aConfigurationSpaceThatIsTooSmall() {
    change(
        Command.DEVICE_GET_REGION_INFO,
        body -> {
          if (OffHeap.getInt(body + RegionInfo.INDEX) == DeviceInfo.CONFIG_REGION) {
            OffHeap.putLong(body + SIZE, 64);
          }
        });
    failsToOpen("the server's device has a configuration space of 64 bytes");
  }

  private void regionFails(Consumer<Long> change, String what) {
    changeRegion(-1, change);
    failsToOpen("the server answers DEVICE_GET_REGION_INFO with " + what);
  }
}
