package sluice.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;

/**
 * What sluice tells Flight Recorder, in a file: from the start to the end of the process, also if a
 * signal ends it. Nothing of Java's Flight Recorder is loaded unless there is one of these.
 */
final class FlightFile implements AutoCloseable {
  /** Of Java's own events those that are rare, and that a reader of the file wants. */
  private static final Set<String> OTHERS = Set.of("jdk.JVMInformation", "jdk.GarbageCollection");

  private final Recording recording = new Recording();

  private FlightFile() {}

  /**
   * Begins to record.
   *
   * @throws IOException if the file cannot be written; one clear line
   */
  static FlightFile begin(Path path) throws IOException {
    FlightFile file = new FlightFile();
    try {
      for (EventType type : FlightRecorder.getFlightRecorder().getEventTypes()) {
        if (!type.getName().startsWith("sluice.") && !OTHERS.contains(type.getName())) {
          file.recording.disable(type.getName());
        }
      }
      file.recording.setDumpOnExit(true);
      file.recording.setDestination(path);
      file.recording.start();
      return file;
    } catch (IOException | RuntimeException e) {
      file.recording.close();
      throw new IOException("--jfr cannot write " + path + ": " + e, e);
    }
  }

  /** Writes the file. */
  @Override
  public void close() {
    recording.stop();
    recording.close();
  }
}
