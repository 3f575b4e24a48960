package sluice.qemu.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.qemu.takeover.Commands.STANDBY;
import static sluice.qemu.takeover.Commands.sluice;
import static sluice.qemu.takeover.Commands.succeed;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.qemu.guest.Guest;
import sluice.qemu.guest.GuestExtension;

/** Job files of fio's users, on QEMU's controller by way of VFIO. */
@Order(2)
@Tag("guest")
class BenchTest {
  @RegisterExtension
  static final GuestExtension guests =
      GuestExtension.with(machine ->
          Commands.in(machine)
              .file("/jobs", Path.of("../bench/jobs"))
              .drive(drive -> drive.size("128M").serial("S-1")));

  @ParameterizedTest
  @CsvSource({"eleven, 11, 0.01", "sixteen, 2, 0.02"})
  void aRealProfileRunsUnchanged(String file, int reports, String scale, Guest guest)
      throws IOException {
    String address = guest.address(0);
    sluice(guest, "bind " + address + " --serial S-1");
    String command =
        "cd /tmp && %s bench /jobs/%s.fio --filename=drive --drive pci:%s --allow-write --serial S-1 --time-scale %s --output-format=json"
            .formatted(STANDBY, file, address, scale);
    Map<String, Object> report = JSON.std.mapFrom(succeed(guest, command + " 2>/tmp/messages"));
    sluice(guest, "unbind " + address);
    List<?> jobs = (List<?>) report.get("jobs");
    assertThat(jobs).hasSize(reports);
    for (Object each : jobs) {
      Map<?, ?> job = (Map<?, ?>) each;
      assertThat(job.get("error")).as("%s", job.get("jobname")).isEqualTo(0);
      assertThat(ios(job, "read") + ios(job, "write"))
          .as("I/Os of %s", job.get("jobname"))
          .isPositive();
    }
  }

  private static long ios(Map<?, ?> job, String direction) {
    return ((Number) ((Map<?, ?>) job.get(direction)).get("total_ios")).longValue();
  }
}
