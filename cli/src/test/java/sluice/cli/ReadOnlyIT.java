package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.drive.NvmeDrive;
import sluice.recorder.Recorder;
import sluice.recorder.RecordingOptions;
import sluice.recorder.Volume;
import sluice.recorder.VolumeOptions;
import sluice.virtual.media.FileBackend;

/** Commands that only read leave an image as it is, and need no right to write it. */
class ReadOnlyIT {
  private static final int SLOT = 4096;
  private static final FileTime LONG_AGO = FileTime.fromMillis(1_000_000_000_000L);

  @TempDir Path directory;
  private Path image;
  private String drive;

  /** An image with a recording {@code a}; and nothing that is kept beside it. */
  @BeforeEach
  void record() throws IOException {
    Path made = directory.resolve("made.img");
    image = directory.resolve("d.img");
    drive = "virtual:" + image;
    try (Volume volume =
        Volume.create(NvmeDrive.open("virtual:" + made + "?size=16M"), VolumeOptions.standard())) {
      try (Recorder recorder = volume.record(RecordingOptions.named("a").withSlots(SLOT, 4))) {
        put(recorder);
        recorder.ring().end();
        while (!recorder.hasEnded()) {
          recorder.agent().doWork();
        }
      }
    }
    copy(made, image);
  }

  /** As a copy that knows nothing of the drive that it was. */
  private static void copy(Path from, Path to) throws IOException {
    Files.write(to, Files.readAllBytes(from));
    Files.setLastModifiedTime(to, LONG_AGO);
  }

  private static void put(Recorder recorder) {
    MemorySegment slot = recorder.ring().claimSegment();
    slot.fill((byte) 'x');
    recorder.ring().commit(SLOT, 1);
    while (recorder.status().durableBytes() < SLOT) {
      recorder.agent().doWork();
    }
  }

  /** An image with a recording that a crash left open. */
  private void crash() throws IOException {
    Path running = directory.resolve("running.img");
    copy(image, running);
    try (Volume volume = Volume.open("virtual:" + running)) {
      try (Recorder recorder = volume.record(RecordingOptions.named("b").withSlots(SLOT, 4))) {
        put(recorder);
        copy(running, image);
      }
    }
  }

  private List<Object> state() throws IOException {
    List<Object> state = new ArrayList<>();
    try (var files = Files.list(directory)) {
      state.add(files.sorted().toList());
    }
    try {
      state.add(Files.getFileAttributeView(image, UserDefinedFileAttributeView.class).list());
    } catch (IOException e) {
      // The file system has none.
    }
    state.add(Files.getLastModifiedTime(image));
    state.add(Arrays.hashCode(Files.readAllBytes(image)));
    return state;
  }

  private String[] words(String command) {
    return command.replace("DRIVE", drive).split(" ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "info DRIVE",
        "recordings DRIVE",
        "check DRIVE",
        "check DRIVE --index-only",
        "play DRIVE a --to null:",
        "bench --rw=randread --size=64k --drive DRIVE",
        "bench anatomy DRIVE --count 30",
        "bench modes --drive DRIVE --runtime 1ms --rounds 1 --iodepth 1 --queues 1"
      })
  void aLookChangesNothing(String command) throws IOException {
    Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("r--r--r--"));
    List<Object> before = state();
    // Others may look at the same time.
    try (FileBackend _ = FileBackend.openReadOnly(image, OptionalLong.empty(), 512)) {
      InProcess.run(words(command)).expect(ExitStatus.OK);
    }
    assertThat(state()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "info DRIVE?size=1G",
        "recordings DRIVE?size=1G",
        "check DRIVE?size=1G",
        "play DRIVE?size=1G a --to null:",
        "bench --rw=randread --size=64k --drive DRIVE?size=1G"
      })
  void aLookMakesNoImage(String command) throws IOException {
    Files.delete(image);
    InProcess.run(words(command)).expectError(ExitStatus.FAILURE, "does not exist");
    assertThat(image).doesNotExist();
  }

  @Test
  void whatACrashLeftIsCheckedWhereNothingCanBeWritten() throws IOException {
    crash();
    List<Object> before = state();
    InProcess check = InProcess.run("check", drive + "?access=read").expect(ExitStatus.OK);
    assertThat(check.out())
        .contains("recording 'b'", "not recovered, because the drive can only be read")
        .contains("intact: 2 recordings");
    InProcess.run("play", drive, "b", "--to", "null:").expect(ExitStatus.OK);
    assertThat(state()).isEqualTo(before);
    assertThat(InProcess.run("check", drive).expect(ExitStatus.OK).out()).contains("; recovered:");
    assertThat(InProcess.run("check", drive).expect(ExitStatus.OK).out())
        .doesNotContain("; recovered:");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "init DRIVE?access=read --force",
        "check DRIVE?access=read --repair",
        "record DRIVE?access=read --from generator:size=1M",
        "record DRIVE?access=read --from generator:size=1M --raw --start 0 --force"
      })
  void whatIsToBeReadIsNotWritten(String command) throws IOException {
    List<Object> before = state();
    InProcess.run(words(command)).expectError(ExitStatus.FAILURE, "write-protected");
    assertThat(state()).isEqualTo(before);
  }
}
