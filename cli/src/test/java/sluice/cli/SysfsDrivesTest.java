package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SysfsDrivesTest {
  @TempDir Path sysfs;

  @Test
  void findsNvmeControllersAmongPciFunctions() throws IOException {
    Path held = function("0000:02:00.0", "0x010802");
    driver(held, "nvme");
    Path controller = Files.createDirectories(held.resolve("nvme/nvme0"));
    Files.writeString(controller.resolve("model"), "A fast drive                   \n");
    Files.writeString(
        Files.createDirectories(controller.resolve("nvme0n1")).resolve("size"), "2048\n");
    Files.writeString(
        Files.createDirectories(controller.resolve("nvme0n2")).resolve("size"), "1024\n");
    driver(function("0000:01:00.0", "0x010802"), "vfio-pci");
    function("0000:03:00.0", "0x010802");
    function("0000:04:00.0", "0x020000");

    assertThat(new SysfsDrives(sysfs).list())
        .containsExactly(
            new SysfsDrives.Drive("0000:01:00.0", "vfio-pci", "", "", 0),
            new SysfsDrives.Drive("0000:02:00.0", "nvme", "nvme0", "A fast drive", 3072 * 512),
            new SysfsDrives.Drive("0000:03:00.0", "", "", "", 0));
  }

  @Test
  void aMachineWithoutPciHasNone() {
    assertThat(new SysfsDrives(sysfs).list()).isEmpty();
  }

  private Path function(String address, String pciClass) throws IOException {
    Path function = Files.createDirectories(sysfs.resolve("bus/pci/devices").resolve(address));
    Files.writeString(function.resolve("class"), pciClass + "\n");
    return function;
  }

  private void driver(Path function, String name) throws IOException {
    Path driver = Files.createDirectories(sysfs.resolve("bus/pci/drivers").resolve(name));
    Files.createSymbolicLink(function.resolve("driver"), driver);
  }
}
