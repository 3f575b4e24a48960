package sluice.qemu.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.qemu.QemuException;
import sluice.qemu.Qmp;

/** What a guest offers, in one that is booted once. */
@Order(2)
@Tag("guest")
class GuestTest {
  private static final String ECHO = "java '" + Echo.class.getName() + "'";

  @RegisterExtension
  static final GuestExtension guests =
      GuestExtension.with(machine ->
          machine
              .memory("800M")
              .drive(drive -> drive.size("32M"))
              .drive(drive -> drive.size("16M").lba(4096))
              .module("dm-mod"));

  @Test
  void runsACommandAndTellsHowItEnded(Guest guest) {
    assertThat(guest.run("echo out; echo err >&2")).extracting("status").isEqualTo(0);
    assertThat(guest.run("echo out; echo err >&2").text()).isEqualTo("out\nerr");
    assertThat(guest.run("printf 'no end of line'").text()).isEqualTo("no end of line");
    assertThat(guest.run("true").text()).isEmpty();
    assertThat(guest.run("exit 3").status()).isEqualTo(3);
    assertThat(guest.run("nowhere").status()).isEqualTo(127);
    assertThat(guest.run("kill -9 $$").status()).isEqualTo(137);
    assertThat(guest.run("read nothing || echo end of input").text()).isEqualTo("end of input");
  }

  @Test
  void takesCommandsOfAnyLetters(Guest guest) {
    assertThat(guest.run("for i in 1 2\ndo\n  echo \"$i\" 'é€\"' \\\\\ndone").text())
        .isEqualTo("1 é€\" \\\n2 é€\" \\");
    String letters = "x".repeat(20_000);
    assertThat(guest.run("echo " + letters).text()).isEqualTo(letters);
  }

  @Test
  void checkFailsWithTheOutput(Guest guest) {
    assertThat(guest.check("uname -s")).isEqualTo("Linux");
    assertThatThrownBy(() -> guest.check("echo why; exit 4"))
        .isInstanceOf(QemuException.class)
        .hasMessage("in the guest, echo why; exit 4 ended with 4:\nwhy");
  }

  @Test
  void tellsTheOutputAsItComes(Guest guest) {
    List<String> pieces = new ArrayList<>();
    GuestResult result =
        guest.run(
            "echo one; sleep 1; echo two",
            Duration.ofSeconds(30),
            bytes -> pieces.add(new String(bytes, StandardCharsets.UTF_8)));
    assertThat(String.join("", pieces)).isEqualTo("one\ntwo\n");
    assertThat(pieces).hasSizeGreaterThan(1);
    assertThat(result.text()).isEqualTo("one\ntwo");
  }

  @Test
  void bringsOutFilesOfAnyBytes(Guest guest) {
    assertThat(guest.fetch("/proc/version")).startsWith("Linux".getBytes(StandardCharsets.UTF_8));
    guest.check("head -c 300000 /dev/urandom >/tmp/random");
    byte[] content = guest.fetch("/tmp/random");
    assertThat(content).hasSize(300_000);
    String sum = guest.check("sha256sum </tmp/random").substring(0, 12);
    assertThat(Digest.of(content)).isEqualTo(sum);
    assertThatThrownBy(() -> guest.fetch("/nowhere"))
        .isInstanceOf(QemuException.class)
        .hasMessageContaining("cannot fetch /nowhere from the guest: ")
        .hasMessageContaining("No such file");
  }

  @Test
  void hasTheMemoryProcessorsAndModulesThatWereAskedFor(Guest guest) {
    long kilobytes = Long.parseLong(guest.check("awk '/MemTotal/ { print $2 }' /proc/meminfo"));
    assertThat(kilobytes).isBetween(700L << 10, 800L << 10);
    assertThat(guest.check("nproc")).isEqualTo("1");
    assertThat(guest.check("lsmod")).contains("vfio_pci", "vfio_iommu_type1", "dm_mod");
  }

  @Test
  void runsJavaWithTheClassesOfThisJvm(Guest guest) {
    assertThat(guest.check(ECHO + " one two")).isEqualTo("[one, two] on " + Runtime.version());
  }

  @Test
  void takesACommandsLifeAtItsDeadline(Guest guest) {
    GuestResult result = guest.run("echo begun; sleep 100", Duration.ofSeconds(1));
    assertThat(result.status()).isEqualTo(137);
    // The limit is of a quiet machine, which this one may not be.
    assertThat(result.text()).matches("begun\n\ndeadline: \\d+ s have passed");

    GuestResult java = guest.run(ECHO + " hang", Duration.ofSeconds(5));
    assertThat(java.status()).isEqualTo(137);
    assertThat(java.text()).containsPattern("deadline: \\d+ s have passed");
    assertThat(java.text()).contains("Full thread dump", "Echo.main");
    assertThat(guest.check("ps | grep -c '[j]ava' || true")).isEqualTo("0");
  }

  @Test
  void aDriveIsTheKernelsUntilItIsBound(Guest guest) throws Exception {
    String address = guest.address(0);
    try (FileChannel image = FileChannel.open(guest.image(0, 1), StandardOpenOption.WRITE)) {
      int _ = image.write(StandardCharsets.UTF_8.encode("from the host"), 1 << 20);
    }
    String device = guest.check("ls /sys/bus/pci/devices/" + address + "/nvme");
    assertThat(
            guest.check(
                "dd bs=1M skip=1 count=1 status=none if=/dev/" + device + "n1 | head -c 13"))
        .isEqualTo("from the host");

    assertThat(guest.bind(0)).isEqualTo(address);

    String driver = "basename $(readlink /sys/bus/pci/devices/%s/driver)";
    assertThat(guest.check(driver.formatted(address))).isEqualTo("vfio-pci");
    assertThat(guest.check(driver.formatted(guest.address(1)))).isEqualTo("nvme");
    assertThat(guest.check("ls /dev/" + device + "n1 2>&1 || true")).contains("No such file");
    assertThat(guest.check("cat /sys/bus/pci/devices/" + address + "/driver_override"))
        .isEqualTo("(null)");

    guest.unbind(0);

    assertThat(guest.check(driver.formatted(address))).isEqualTo("nvme");
  }

  @Test
  void everyDriveHasAnIommuGroupOfItsOwn(Guest guest) {
    for (int drive = 0; drive < 2; drive++) {
      assertThat(
              guest.check(
                  "ls /sys/bus/pci/devices/" + guest.address(drive) + "/iommu_group/devices"))
          .isEqualTo(guest.address(drive));
    }
    assertThat(guest.address(0)).isNotEqualTo(guest.address(1));
  }

  @Test
  void drivesArePulledAndPlugged(Guest guest, Qmp qmp) {
    String address = guest.address(1);
    Object _ = qmp.execute("device_del", Map.of("id", guest.drive(1).id()));
    guest.check("while [ -e /sys/bus/pci/devices/" + address + " ]; do usleep 50000; done");
    Map<?, ?> _ = qmp.awaitEvent("DEVICE_DELETED");

    Object _ = qmp.execute("device_add", guest.drive(1).controller());
    guest.check("until [ -e /sys/bus/pci/devices/" + address + "/nvme ]; do usleep 50000; done");
  }

  @Test
  void commandsArriveWholeWhileOrphansDie(Guest guest) {
    for (int i = 0; i < 10; i++) {
      guest.check("for i in $(seq 30); do usleep $((i * 1000)) & done");
      assertThat(guest.check("echo it is all there")).isEqualTo("it is all there");
    }
  }

  /** What runs in the guest. */
  static final class Echo {
    private Echo() {}

    public static void main(String[] arguments) throws InterruptedException {
      System.out.println(List.of(arguments) + " on " + Runtime.version());
      if (arguments[0].equals("hang")) {
        Thread.currentThread().join();
      }
    }
  }

  @Test
  void randomCommandsComeBackWhole(Guest guest) {
    long seed = 20_261_121;
    Random random = new Random(seed);
    for (int i = 0; i < 20; i++) {
      int lines = random.nextInt(2000);
      String output = guest.run("seq 1 " + lines).text();
      assertThat(output.isEmpty() ? 0 : output.lines().count())
          .as("seed %d", seed)
          .isEqualTo(lines);
    }
  }
}
