package sluice.qemu.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.qemu.takeover.Commands.sluice;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.qemu.guest.Guest;
import sluice.qemu.guest.GuestExtension;
import sluice.qemu.guest.NewQemu;

/** Four drives with interrupts, and what layouts of their queues make of eleven jobs. */
@Order(2)
@Tag("guest")
class QueueLayoutsTest {
  private static final int DRIVES = 4;
  private static final List<String> LAYOUTS = List.of("4/0/0", "1/0/0", "1/1/0", "0/0/1");
  private static final String FILE = "/tmp/eleven.fio";

  @RegisterExtension
  static final GuestExtension guests =
      GuestExtension.with(machine -> {
        Commands.in(machine)
            // QEMU 7.2 loses completions when many writes are out.
            .binary(NewQemu.binary().toString())
            .file(FILE, Path.of("../bench/jobs/eleven-on-four-drives.fio"));
        for (int i = 0; i < DRIVES; i++) {
          machine.drive(drive -> drive.size("64M"));
        }
        return machine;
      });

  @Test
  void layoutsAreComparedOverElevenJobsOnFourDrives(Guest guest) {
    List<String> drives = new ArrayList<>();
    for (int i = 0; i < DRIVES; i++) {
      sluice(guest, "bind " + guest.address(i));
      drives.add("--drive pci:" + guest.address(i));
    }
    String csv =
        sluice(
            guest,
            "bench queues %s %s --queues %s --csv --allow-write --rounds 1 --time-scale 0.002"
                .formatted(FILE, String.join(" ", drives), String.join(",", LAYOUTS)));
    assertThat(csv).as("interrupts are there").doesNotContain("no interrupts");
    List<String> rows = csv.lines().filter(line -> line.contains("numjobs")).toList();
    // Three of the eleven go both ways; each way on all drives and on each.
    assertThat(rows).hasSize(14 * (1 + DRIVES) * LAYOUTS.size());
    for (int i = 0; i < rows.size(); i++) {
      assertThat(rows.get(i)).contains("," + LAYOUTS.get(i % LAYOUTS.size()) + ",");
      assertThat(Double.parseDouble(rows.get(i).split(",")[4])).as(rows.get(i)).isPositive();
    }
    for (int i = 0; i < DRIVES; i++) {
      sluice(guest, "unbind " + guest.address(i));
    }
  }
}
