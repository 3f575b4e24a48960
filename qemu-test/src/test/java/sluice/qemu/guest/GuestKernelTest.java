package sluice.qemu.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The kernels: what each offers. */
@Tag("guest")
class GuestKernelTest {
  @Test
  void modulesAreLoadedAfterThoseThatTheyNeed() {
    List<String> order =
        GuestKernel.stock().vfioModules().stream()
            .map(Path::getFileName)
            .map(Path::toString)
            .toList();
    assertThat(order)
        .containsSubsequence("vfio.ko", "vfio_iommu_type1.ko")
        .containsSubsequence("irqbypass.ko", "vfio-pci-core.ko", "vfio-pci.ko")
        .doesNotHaveDuplicates();
  }

  @Test
  void theSmallOneHasWhatNoStockOneHas() {
    GuestMachine machine =
        new GuestMachine().kernel(GuestKernel.small()).drive(drive -> drive.size("16M"));
    try (Guest guest = Guest.boot(machine)) {
      String _ = guest.bind(0);
      assertThat(guest.check("uname -r")).startsWith("6.12.");
      assertThat(guest.check("ls /dev/iommu /dev/vfio/devices")).contains("/dev/iommu", "vfio0");
      assertThat(guest.check("ls /sys/module/vfio/parameters"))
          .contains("enable_unsafe_noiommu_mode");
    }
  }

  @Test
  void thereAreNoOthers() {
    assertThatThrownBy(() -> GuestKernel.named("large"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no kernel large");
  }
}
