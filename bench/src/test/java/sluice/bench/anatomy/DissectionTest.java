package sluice.bench.anatomy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;

class DissectionTest {
  private static NvmeController open(String options) {
    return Drives.open(
        DriveAddress.parse("virtual:memory?size=16M&thread=shared" + options),
        ControllerOptions.defaults());
  }

  private static List<Dissection.Result> run(Dissection dissection, NvmeController... drives) {
    for (NvmeController each : drives) {
      dissection.add(each, each.namespace(1));
    }
    try (dissection) {
      return dissection.run();
    }
  }

  @Test
  void aSlowDriveIsSlowBetweenDataAndCompletion() {
    try (NvmeController fast = open("");
        NvmeController slow = open("&latency=200us")) {
      List<Dissection.Result> results = run(new Dissection(false, 4096, 30), fast, slow);
      assertThat(results)
          .extracting(Dissection.Result::drive)
          .containsExactly(fast.address(), slow.address());
      Map<Step, Summary> quick = results.get(0).steps();
      Map<Step, Summary> late = results.get(1).steps();
      // The drive counts from the turn that takes the command, and that begins after the doorbell.
      assertThat(late.get(Step.DEVICE).min()).isGreaterThanOrEqualTo(200_000);
      // A thread that has to stop before its stamp gets part of that into another step: so not all.
      assertThat(late.get(Step.POST).p50()).isGreaterThan(100_000);
      for (Step step : List.of(Step.QUEUE, Step.DOORBELL, Step.FETCH, Step.MOVE, Step.RELEASE)) {
        assertThat(late.get(step).p50()).as("%s", step).isLessThan(100_000);
      }
      assertThat(quick.get(Step.POST).p50()).isLessThan(100_000);
    }
  }

  @Test
  void thePartsOfTheDeviceAreAllOfIt() {
    try (NvmeController drive = open("")) {
      Dissection.Result result = run(new Dissection(true, 8192, 1000), drive).getFirst();
      double parts = 0;
      double steps = 0;
      for (Step step : Step.values()) {
        assertThat(result.steps().get(step).count()).isEqualTo(1000);
        if (step.deviceTells()) {
          parts += result.steps().get(step).mean();
        } else if (step != Step.TOTAL) {
          steps += result.steps().get(step).mean();
        }
      }
      assertThat(parts).isCloseTo(result.steps().get(Step.DEVICE).mean(), near());
      assertThat(steps).isCloseTo(result.steps().get(Step.TOTAL).mean(), near());
    }
  }

  private static Offset<Double> near() {
    return Offset.offset(0.01);
  }

  @Test
  void aCommandAllocatesNothing() {
    try (NvmeController drive = open("");
        Subject subject = new Subject(drive, drive.namespace(1), false, 4096, 1)) {
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long bytes = Long.MAX_VALUE;
      for (int round = 0; round < 50 && bytes > 0; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10_000; i++) {
          subject.run(0);
        }
        bytes = threads.getCurrentThreadAllocatedBytes() - before;
      }
      assertThat(bytes).as("bytes of 10000 commands").isZero();
    }
  }

  @Test
  void theClockHasAPrice() {
    assertThat(ClockCost.measure()).isPositive();
  }

  @Test
  void aFailedCommandEndsIt() {
    try (NvmeController drive = open("&error=lba:0-32767:unrecovered-read")) {
      assertThatThrownBy(() -> run(new Dissection(false, 4096, 30), drive))
          .isInstanceOf(NvmeException.class)
          .hasMessageContaining("Unrecovered Read Error");
    }
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThatThrownBy(() -> new Dissection(false, 4096, 29))
        .hasMessage("30 to 1000000 commands can be timed, not 29");
    assertThatThrownBy(() -> new Dissection(false, 4096, 1_000_001)).hasMessageContaining("can be");
    assertThatThrownBy(() -> new Dissection(false, 0, 30)).hasMessageContaining("at least a block");
    try (NvmeController drive = open("");
        Dissection dissection = new Dissection(false, 1000, 30)) {
      assertThatThrownBy(() -> dissection.add(drive, drive.namespace(1)))
          .hasMessageContaining("commands of 1000 bytes are not possible");
    }
  }
}
