package sluice.support.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IncidentsTest {
  private enum Door {
    OPEN,
    SHUT
  }

  /** Kept, because the log manager does not keep it. */
  private final Logger logger = Logger.getLogger("sluice");

  private final List<String> lines = new ArrayList<>();

  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          lines.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @TempDir Path folder;

  @AfterEach
  void putBack() {
    Incidents.unmute();
    logger.removeHandler(handler);
    logger.setLevel(null);
    logger.setUseParentHandlers(true);
  }

  private void listen() {
    logger.addHandler(handler);
    logger.setLevel(Level.FINE);
    logger.setUseParentHandlers(false);
  }

  @Test
  void aChangeOfStateIsOneLineThatSaysFromWhatToWhatAndWhy() {
    listen();
    StateLog.changed("door", "pci:1", Door.OPEN, Door.SHUT, "wind");
    StateLog.changed("door", "", Door.SHUT, Door.OPEN, "");
    assertThat(lines).containsExactly("door pci:1: OPEN -> SHUT (wind)", "door: SHUT -> OPEN");
  }

  @Test
  void nothingIsToldWhileMutedOrNotAskedFor() {
    logger.addHandler(handler);
    StateLog.changed("door", "", Door.OPEN, Door.SHUT, "");
    listen();
    Incidents.mute();
    StateLog.changed("door", "", Door.OPEN, Door.SHUT, "");
    Incidents.aborted("pci:1", 1, 2);
    assertThat(lines).isEmpty();
  }

  @Test
  void eachIncidentIsAnEventWithWhatIsToBeKnownOfIt() throws IOException {
    List<RecordedEvent> events = recorded(IncidentsTest::tellOneOfEach);
    assertThat(events)
        .extracting(event -> event.getEventType().getName())
        .containsExactly(
            "sluice.StateChange",
            "sluice.BringUpStep",
            "sluice.ControllerReset",
            "sluice.LateCommand",
            "sluice.CommandAborted",
            "sluice.DrivePause",
            "sluice.Flush",
            "sluice.StreamGap",
            "sluice.Session");
    assertThat(events.get(0).getString("machine")).isEqualTo("door pci:1");
    assertThat(events.get(0).getString("to")).isEqualTo("SHUT");
    assertThat(events.get(0).getString("reason")).isEqualTo("wind");
    assertThat(events.get(2).getString("reason")).isEqualTo("asked for");
    assertThat(events.get(2).getDuration("took").toNanos()).isEqualTo(5);
    assertThat(events.get(2).getBoolean("cameBack")).isTrue();
    assertThat(events.get(3).getInt("command")).isEqualTo(17);
    assertThat(events.get(5).getDuration("took").toMillis()).isEqualTo(120);
    assertThat(events.get(7).getLong("lostBytes")).isEqualTo(512);
    assertThat(events).allMatch(event -> event.getStackTrace() == null);
  }

  private static void tellOneOfEach() {
    StateLog.changed("door", "pci:1", Door.OPEN, Door.SHUT, "wind");
    Incidents.step("pci:1", "enable", 7);
    Incidents.reset("pci:1", "asked for", 5, true);
    Incidents.late("pci:1", 3, 17, false);
    Incidents.aborted("pci:1", 3, 17);
    Incidents.pause(TimeUnit.MILLISECONDS.toNanos(120), 4);
    Incidents.flush(6, 4096);
    Incidents.gap(4096, 512);
    Incidents.session("virtual:memory", "a client has connected");
  }

  private List<RecordedEvent> recorded(Runnable action) throws IOException {
    Path file = folder.resolve("a.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      action.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().startsWith("sluice."))
        .toList();
  }

  @Test
  void whileAStreamIsRecordedNothingIsAllocatedThoughSomebodyListenedOnce() throws IOException {
    assertThat(recorded(IncidentsTest::tellOneOfEach)).isNotEmpty();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long bytes = Long.MAX_VALUE;
    // The first rounds link and compile.
    for (int round = 0; round < 20 && bytes > 0; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 1000; i++) {
        Incidents.pause(i, 4);
        Incidents.flush(i, 4096);
        Incidents.gap(i, 512);
      }
      bytes = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertThat(bytes).isZero();
  }
}
