package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import sluice.nvme.NvmeController;
import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.LogPage;

/** The events that a controller tells, and a threshold of its temperature that makes some. */
final class Events {
  static final int TOO_WARM =
      AsyncEvent.of(AsyncEvent.TYPE_SMART, AsyncEvent.SMART_TEMPERATURE, LogPage.SMART);

  /** In kelvin; no drive of the suite is so warm. */
  static final int WARM_ENOUGH = 400;

  private final List<Integer> told = new ArrayList<>();

  /** Null if no threshold was changed. */
  private NvmeController changed;

  /** What was told, for a controller to add to. */
  List<Integer> told() {
    return told;
  }

  /** Begins with a controller that tells of nothing yet, whatever its own threshold is. */
  void begin(NvmeController controller) {
    setThreshold(controller, WARM_ENOUGH);
    settle(controller);
    told.clear();
  }

  void await(NvmeController controller, int count) {
    Deadline deadline = new Deadline(count + " events, there are " + told);
    while (told.size() < count) {
      int _ = controller.poll();
      deadline.check();
    }
  }

  /**
   * Whatever is to come of what was done before has come when this returns. Reads no log: that
   * would do the driver's work, which is to let an event come again.
   */
  static void settle(NvmeController controller) {
    for (int i = 0; i < 20; i++) {
      assertThat(controller.admin().activeNamespaces()).containsExactly(1);
      int _ = controller.poll();
    }
  }

  void setThreshold(NvmeController controller, int kelvin) {
    changed = controller;
    int _ =
        controller
            .admin()
            .setFeature(
                Feature.TEMPERATURE_THRESHOLD, Feature.temperatureThreshold(kelvin, 0, false));
  }

  /** QEMU keeps features over resets, and in a guest its drive is the next test's too. */
  void setThresholdBack() {
    if (changed != null) {
      int fid = Feature.TEMPERATURE_THRESHOLD;
      int before = changed.admin().getFeature(fid, Feature.SELECT_DEFAULT);
      changed.admin().setFeature(fid, before);
    }
  }
}
