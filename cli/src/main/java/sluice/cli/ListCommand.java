package sluice.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import sluice.nvme.Units;

/** {@code sluice list}: which NVMe drives there are, and who holds them. */
@Command(
    name = "list",
    description = "Lists this machine's NVMe drives and the kernel driver that holds each.",
    footer = {
      "",
      "  sluice list",
      "  sluice list -o json",
      "",
      "A virtual drive needs no hardware and is not listed: it is made where it is named, as in",
      "  sluice init virtual:disk.img --size 4G"
    })
final class ListCommand implements Runnable {
  @Mixin private Output output;

  @Override
  public void run() {
    List<SysfsDrives.Drive> drives = new SysfsDrives(Path.of("/sys")).list();
    if (output.isJson()) {
      output.json(json(drives));
      return;
    }
    if (drives.isEmpty()) {
      System.err.println("No NVMe drive on this machine's PCI buses.");
    } else {
      Output.Table table = new Output.Table("PCI", "driver", "device", ">size", "model");
      for (SysfsDrives.Drive drive : drives) {
        table.row(
            drive.pci(),
            drive.driver().isEmpty() ? "-" : drive.driver(),
            drive.device().isEmpty() ? "-" : drive.device(),
            drive.bytes() == 0 ? "-" : Units.formatSize(drive.bytes()),
            drive.model().isEmpty() ? "-" : drive.model());
      }
      table.print(System.out);
    }
    System.err.println("A file can be a drive too: sluice init virtual:disk.img --size 4G");
  }

  private static List<Map<String, Object>> json(List<SysfsDrives.Drive> drives) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (SysfsDrives.Drive drive : drives) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("pci", drive.pci());
      map.put("driver", drive.driver());
      map.put("device", drive.device());
      map.put("model", drive.model());
      map.put("bytes", drive.bytes());
      list.add(map);
    }
    return list;
  }
}
