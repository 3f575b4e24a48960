package sluice.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.nvme.drive.NvmeDrive;
import sluice.recorder.ring.StreamRing;
import sluice.support.agent.IdleStrategy;
import sluice.support.time.SystemNanoClock;

/** The example of {@link Volume}'s Javadoc, line by line, compiled and run. */
class VolumeExampleTest {
  private static final String BEGIN = "// The example begins.";
  private static final String END = "// The example ends.";

  @TempDir Path folder;
  private final List<String> consumed = new ArrayList<>();

  private void consume(MemorySegment data) {
    consumed.add(data.getString(0));
  }

  @Test
  void doesWhatItSays() {
    String address = "virtual:" + folder.resolve("disk.img") + "?size=64M";
    Volume.create(NvmeDrive.open(address), VolumeOptions.standard()).close();
    SystemNanoClock clock = new SystemNanoClock();
    // The example begins.
    try (Volume volume = Volume.open(address)) {
      try (Recorder recorder = volume.record(RecordingOptions.named("first"))) {
        recorder.start(IdleStrategy.backingOff());
        StreamRing ring = recorder.ring();
        MemorySegment slot = ring.claimSegment(); // null while the ring is full
        slot.setString(0, "hello");
        ring.commit(6, clock.nanos());
        ring.end();
        recorder.await(Duration.ofSeconds(10));
      }
      try (RecordingReader reader = volume.recording("first").read(16)) {
        while (reader.next() == RecordingReader.Range.DATA) {
          consume(reader.data());
        }
      }
    }
    // The example ends.
    assertThat(consumed).containsExactly("hello");
  }

  @Test
  void isTheOneInTheJavadoc() throws IOException {
    List<String> test =
        Files.readAllLines(Path.of("src/test/java/sluice/recorder/VolumeExampleTest.java"));
    List<String> example =
        test.subList(indexOf(test, BEGIN) + 1, indexOf(test, END)).stream()
            .map(line -> " * " + line.substring(4))
            .toList();
    assertThat(Files.readAllLines(Path.of("src/main/java/sluice/recorder/Volume.java")))
        .containsSequence(example);
  }

  private static int indexOf(List<String> lines, String line) {
    return lines.stream().map(String::strip).toList().indexOf(line);
  }
}
