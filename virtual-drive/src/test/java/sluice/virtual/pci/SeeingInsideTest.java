package sluice.virtual.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.IoQueue;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.StatusCode;
import sluice.support.agent.IdleStrategy;
import sluice.virtual.VirtualDriveProvider;

/** What Flight Recorder is told of a controller's life. */
class SeeingInsideTest {
  private final AtomicLong clock = new AtomicLong();

  private final ControllerOptions options =
      ControllerOptions.defaults()
          .withIoTimeout(Duration.ofMillis(100))
          .withIdle(IdleStrategy::spinning)
          .withNanoClock(clock::get);

  @TempDir Path folder;

  @Test
  void bringUpIsSeenStepByStepAndAResetWithItsReason() throws IOException {
    List<RecordedEvent> events =
        recorded(() -> {
          try (NvmeController controller = open("virtual:memory?size=16M&thread=shared")) {
            controller.reset();
          }
        });
    assertThat(texts(events, "sluice.BringUpStep", "step"))
        .containsExactly(
            "disable",
            "enable",
            "identify",
            "queues",
            "doorbells",
            "events",
            "namespaces",
            "disable",
            "enable",
            "queues",
            "doorbells",
            "events");
    assertThat(texts(events, "sluice.ControllerReset", "reason")).containsExactly("asked for");
    assertThat(texts(events, "sluice.StateChange", "to"))
        .containsExactly("RUNNING", "RESETTING", "RUNNING", "SHUTTING_DOWN");
    assertThat(texts(events, "sluice.StateChange", "reason"))
        .containsExactly("", "asked for", "", "it is closed");
  }

  @Test
  void aCommandThatIsLateIsSeenAndSoIsItsAbort() throws IOException {
    List<RecordedEvent> events =
        recorded(() -> {
          try (NvmeController controller =
                  open("virtual:memory?size=16M&thread=shared&stuck=count:1");
              IoQueue queue = controller.createIoQueue(4)) {
            assertThat(queue.flush(controller.namespace(1), 1)).isTrue();
            AtomicInteger status = new AtomicInteger(-1);
            while (status.get() < 0) {
              clock.addAndGet(Duration.ofMillis(1).toNanos());
              int _ = queue.poll((tag, itsStatus) -> status.set(itsStatus));
              assertThat(clock.get()).isLessThan(Duration.ofSeconds(60).toNanos());
            }
            assertThat(status).hasValue(StatusCode.ABORT_REQUESTED.status());
          }
        });
    List<RecordedEvent> late = of(events, "sluice.LateCommand");
    List<RecordedEvent> aborted = of(events, "sluice.CommandAborted");
    assertThat(late).hasSize(1);
    assertThat(aborted).hasSize(1);
    assertThat(late.getFirst().getBoolean("wasAborted")).isFalse();
    assertThat(late.getFirst().getInt("queue")).isEqualTo(1);
    assertThat(aborted.getFirst().getInt("command")).isEqualTo(late.getFirst().getInt("command"));
    assertThat(of(events, "sluice.ControllerReset")).isEmpty();
  }

  private NvmeController open(String address) {
    return PcieTransport.open(
        VirtualDriveProvider.function(DriveAddress.parse(address), options), options);
  }

  private List<RecordedEvent> recorded(Runnable action) throws IOException {
    Path file = folder.resolve("a.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      action.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file);
  }

  private static List<RecordedEvent> of(List<RecordedEvent> events, String name) {
    return events.stream().filter(event -> event.getEventType().getName().equals(name)).toList();
  }

  private static List<String> texts(List<RecordedEvent> events, String name, String field) {
    return of(events, name).stream().map(event -> event.getString(field)).toList();
  }
}
