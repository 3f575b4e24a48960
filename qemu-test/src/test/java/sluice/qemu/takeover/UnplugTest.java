package sluice.qemu.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.qemu.takeover.Commands.SLUICE;
import static sluice.qemu.takeover.Commands.number;
import static sluice.qemu.takeover.Commands.sluice;
import static sluice.qemu.takeover.Commands.succeed;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.nvme.CompletionMode;
import sluice.qemu.Patience;
import sluice.qemu.Qmp;
import sluice.qemu.guest.Guest;
import sluice.qemu.guest.GuestExtension;

/** A drive is pulled while it is recorded to. */
@Order(2)
@Tag("guest")
class UnplugTest {
  /** On a quiet machine. */
  private static final Duration TO_END = Duration.ofSeconds(2);

  private static final int SOME_BYTES = 8 << 20;

  @RegisterExtension
  static final GuestExtension guests =
      GuestExtension.with(
          machine -> Commands.in(machine).drive(drive -> drive.size("256M").serial("S-1")));

  @ParameterizedTest
  @EnumSource(names = {"POLLED", "INTERRUPTS"})
  void theRecordingEndsAndWhatIsDurableStays(CompletionMode mode, Guest guest, Qmp qmp) {
    String address = guest.address(0);
    String drive = "pci:" + address;
    sluice(guest, "bind " + address + " --serial S-1");
    sluice(guest, "init " + drive + " --serial S-1");

    // With the time at which each line came, by the clock that the kernel's log has too.
    guest.check(
        "rm -f /tmp/log /tmp/status; ("
            + SLUICE
            + " record "
            + drive
            + " --name cut --from generator:rate=4MB/s,seed=7 --durable every=100ms --progress events"
            + " --ring 32M --completions "
            + mode
            + " 2>&1; echo $? >/tmp/status) | while read -r line; do"
            + " read -r time _ </proc/uptime; echo \"$time $line\" >>/tmp/log; done"
            + " >/dev/null 2>&1 &");
    succeed(
        guest,
        "until [ $(awk '/ durable /{d=$NF} END{print d+0}' /tmp/log) -gt "
            + SOME_BYTES
            + " ]; do [ -s /tmp/status ] && exit 1; usleep 200000; done");

    Object _ = qmp.execute("device_del", Map.of("id", guest.drive(0).id()));
    succeed(guest, "while ! [ -s /tmp/status ]; do usleep 50000; done");
    Map<?, ?> _ = qmp.awaitEvent("DEVICE_DELETED");

    String log = guest.check("cat /tmp/log");
    assertThat(guest.check("cat /tmp/status")).as(log).isEqualTo("1");
    String last = log.lines().filter(line -> line.contains("sluice record: ")).toList().getLast();
    assertThat(last).contains(drive + " is wanted back by the kernel");
    assertThat(log).doesNotContain("\tat ").doesNotContain("SIGBUS");
    double ended = Double.parseDouble(last.split(" ", 2)[0]);
    assertThat(ended - timeOfRequest(guest))
        .as(log)
        .isBetween(0.0, Patience.stretch(TO_END).toMillis() / 1e3);

    Object _ = qmp.execute("device_add", guest.drive(0).controller());
    succeed(
        guest, "while ! [ -e /sys/bus/pci/devices/" + address + "/nvme ]; do usleep 50000; done");
    sluice(guest, "bind " + address + " --serial S-1");
    long durable =
        log.lines()
            .filter(line -> line.contains(" durable "))
            .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
            .max()
            .orElse(0);
    assertThat(durable).as(log).isGreaterThan(SOME_BYTES);
    String check = sluice(guest, "check " + drive + " -o json");
    assertThat(number(check, "bytes")).as(check).isGreaterThanOrEqualTo(durable);
    sluice(guest, "play " + drive + " cut --to verify:seed=7");
    sluice(guest, "unbind " + address);
  }

  /** When the kernel asked for the drive, in seconds since it started. */
  private static double timeOfRequest(Guest guest) {
    String line = guest.check("dmesg | grep 'Relaying device request' | tail -n 1");
    return Double.parseDouble(line.substring(1, line.indexOf(']')).strip());
  }
}
