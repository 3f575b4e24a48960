package sluice.qemu.served;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.qemu.guest.Guest;
import sluice.qemu.guest.GuestMachine;

/**
 * Served drives that are alike, of two processes, in one Linux guest: each has a name of its own,
 * or Linux would take the second for the first one come again and leave it out.
 */
@Order(2)
@Tag("guest")
class ManyDrivesGuestTest {
  private static final int DRIVES = 4;

  @Test
  void alikeDrivesOfFilesAndOfMemoryAreAllThere(@TempDir Path directory) throws IOException {
    String memory = "virtual:memory?size=16M";
    try (ServedDrives first =
            ServedDrives.start(Map.of("file", image(directory, "a"), "memory", memory));
        ServedDrives second =
            ServedDrives.start(Map.of("file", image(directory, "b"), "memory", memory));
        Guest guest =
            Guest.boot(
                new GuestMachine()
                    .withoutIommu()
                    .target(first.socket("file"))
                    .target(first.socket("memory"))
                    .target(second.socket("file"))
                    .target(second.socket("memory")))) {
      String _ =
          guest.check(
              "while [ $(ls -d /sys/block/nvme*n1 | wc -l) -lt %d ]; do usleep 50000; done"
                  .formatted(DRIVES));
      for (String name : List.of("device/serial", "device/subsysnqn", "wwid")) {
        assertThat(guest.check("cat /sys/block/nvme*n1/" + name).lines())
            .as(name)
            .hasSize(DRIVES)
            .doesNotHaveDuplicates();
      }
      String _ =
          guest.check(
              "for d in /dev/nvme*n1; do echo $d | dd of=$d bs=4096 conv=sync oflag=direct; done");
      assertThat(guest.check("for d in /dev/nvme*n1; do head -n 1 $d; done").lines())
          .as("what was written to each")
          .containsExactlyElementsOf(guest.check("ls -1 /dev/nvme*n1").lines().toList());
      assertThat(guest.check("dmesg -r | grep '^<[0-4]>' | grep -i nvme || true")).isEmpty();
    }
  }

  private static String image(Path directory, String name) {
    return "virtual:" + directory.resolve(name) + "?size=16M";
  }
}
