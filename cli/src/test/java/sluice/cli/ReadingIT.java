package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.nvme.drive.NvmeDrive;
import sluice.recorder.Recorder;
import sluice.recorder.RecordingOptions;
import sluice.recorder.Volume;
import sluice.recorder.VolumeOptions;
import sluice.recorder.format.SealedBlock;
import sluice.recorder.format.Superblock;
import sluice.recorder.ring.StreamRing;
import sluice.recorder.stream.Pattern;

/** What check, recordings and play say of recordings with gaps, of damage, and of odd names. */
class ReadingIT {
  private static final long SEED = 7;
  private static final int GAPS = 30;
  private static final int SLOT = 4096;
  private static final long T0 = 1_700_000_000_000_000_000L;

  @TempDir Path directory;
  private Path image;
  private String drive;
  private Superblock layout;

  /** A recording {@code gaps} with a gap before each of its chunks, and one {@code plain}. */
  @BeforeEach
  void record() {
    image = directory.resolve("d.img");
    drive = "virtual:" + image;
    try (Volume volume =
        Volume.create(NvmeDrive.open(drive + "?size=16M"), VolumeOptions.standard())) {
      layout = volume.layout();
      record(volume, "gaps", GAPS, 1000, 1);
      record(volume, "plain", GAPS, 0, 1);
    }
  }

  private static void record(Volume volume, String name, int chunks, int lost, long step) {
    Pattern pattern = new Pattern(SEED);
    try (Recorder recorder = volume.record(RecordingOptions.named(name).withSlots(SLOT, 4))) {
      long offset = 0;
      for (int i = 0; i < chunks; i++) {
        MemorySegment slot;
        while ((slot = recorder.ring().claimSegment()) == null) {
          recorder.agent().doWork();
        }
        if (lost > 0) {
          recorder.ring().lost(lost, T0 + i * step, false);
          offset += lost;
        }
        pattern.fill(slot.address(), SLOT, offset);
        recorder.ring().commit(SLOT, T0 + i * step);
        offset += SLOT;
      }
      recorder.ring().end();
      while (!recorder.hasEnded()) {
        recorder.agent().doWork();
      }
    }
  }

  private static Map<String, Object> json(String text) {
    try {
      return JSON.std.mapFrom(text);
    } catch (IOException e) {
      throw new AssertionError("no JSON: " + text, e);
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> list(Map<String, Object> json, String key) {
    return (List<Map<String, Object>>) json.get(key);
  }

  @Test
  void everyGapIsListed() {
    for (String command : List.of("recordings", "check")) {
      InProcess told = InProcess.run(command, drive, "-o", "json").expect(ExitStatus.OK);
      Map<String, Object> recording = list(json(told.out()), "recordings").getFirst();
      assertGaps(list(recording, "gapList"), 0, GAPS);
      InProcess text = InProcess.run(command, drive, "--list-gaps").expect(ExitStatus.OK);
      assertThat(text.out().lines().filter(line -> line.startsWith("gap: "))).hasSize(GAPS);
    }
    String[] play = {"play", drive, "gaps", "--to", "null:"};
    assertThat(InProcess.run(play).expect(ExitStatus.GAPS).err())
        .contains("and 10 more gaps; --list-gaps lists all");
    InProcess all = InProcess.run("play", drive, "gaps", "--to", "null:", "--list-gaps");
    assertThat(all.expect(ExitStatus.GAPS).err().lines())
        .hasSize(GAPS)
        .startsWith("gap: 1000 bytes lost at stream offset 0, 2023-11-14T22:13:20Z");
    InProcess part =
        InProcess.run(
            "play",
            drive,
            "gaps",
            "--to",
            "null:",
            "-o",
            "json",
            "--offset",
            "500",
            "--length",
            "10192");
    assertThat(json(part.expect(ExitStatus.GAPS).out()))
        .containsEntry("gaps", 3)
        .containsEntry("lostBytes", 2000)
        .containsEntry("playedBytes", 8192);
    List<Map<String, Object>> gaps = list(json(part.out()), "gapList");
    assertThat(gaps).hasSize(3);
    assertThat(gaps.getFirst()).containsEntry("offset", 500).containsEntry("bytes", 500);
    assertThat(gaps.getLast()).containsEntry("offset", 10192).containsEntry("bytes", 500);
  }

  private static void assertGaps(List<Map<String, Object>> gaps, int first, int count) {
    assertThat(gaps).hasSize(count);
    for (int i = 0; i < count; i++) {
      assertThat(gaps.get(i))
          .containsEntry("offset", (first + i) * (1000 + SLOT))
          .containsEntry("bytes", 1000);
    }
  }

  @Test
  void aGapIsNoMismatchAndAPartIsComparedWhereItBelongs() {
    InProcess.run("play", drive, "gaps", "--to", "verify:seed=7").expect(ExitStatus.GAPS);
    InProcess.run("play", drive, "gaps", "--to", "verify:seed=7", "--offset", "20001")
        .expect(ExitStatus.GAPS);
    InProcess.run("play", drive, "plain", "--to", "verify:seed=7", "--offset", "5")
        .expect(ExitStatus.OK);
    InProcess.run("play", drive, "plain", "--to", "verify:seed=8")
        .expectError(ExitStatus.FAILURE, "differs at byte 0");
    InProcess.run("play", drive, "gaps", "--to", "verify:seed=7", "--gaps", "fail")
        .expectError(ExitStatus.FAILURE, "has a gap");
  }

  private void flip(long address) {
    try (FileChannel file =
        FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      file.read(one, address);
      one.put(0, (byte) (one.get(0) ^ 1));
      file.write(one.clear(), address);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void damageIsToldByAllAndARepairSaysWhatItDid() {
    flip(layout.addressOf(0) + 100);
    flip(layout.catalogueAddress(0, 0) + 100);
    flip(layout.catalogueAddress(0, 1) + 100);
    InProcess recordings = InProcess.run("recordings", drive, "-o", "json");
    Map<String, Object> json = json(recordings.expect(ExitStatus.FAILURE).out());
    assertThat(json).containsEntry("damaged", true);
    assertThat(list(json, "findings")).hasSize(2);
    assertThat(list(json, "recordings")).hasSize(1);
    assertThat(InProcess.run("play", drive, "plain", "--to", "null:").expect(ExitStatus.OK).err())
        .contains("sluice play: superblock copy A: ")
        .contains("sluice play: catalogue entry 0: ");

    InProcess repair = InProcess.run("check", drive, "--repair", "--index-only");
    assertThat(repair.expect(ExitStatus.OK).out())
        .contains(
            "repaired: superblock copy A: its checksum is wrong; written anew from the other copy")
        .containsPattern("repaired: catalogue entry 0: .*; given up")
        .contains("index intact, data not read");
    InProcess.run("recordings", drive).expect(ExitStatus.OK);
  }

  @Test
  void aNameCannotPlayWithTheTerminal() throws IOException {
    String odd = "a\nb\u001b[2J\u202e";
    try (Volume volume = Volume.open(drive);
        FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
      for (int copy = 0; copy < 2; copy++) {
        MemorySegment payload = Arena.ofAuto().allocate(SealedBlock.PAYLOAD, 8);
        volume.recording("plain").entry().encode(payload, copy);
        payload.asSlice(768, 255).fill((byte) 0);
        payload.setString(768, odd);
        payload.set(ValueLayout.JAVA_BYTE, 176, (byte) odd.getBytes(StandardCharsets.UTF_8).length);
        MemorySegment block = Arena.ofAuto().allocate(SealedBlock.SIZE, 8);
        SealedBlock.seal(payload, copy == 0 ? 4 : 5, block);
        file.write(block.asByteBuffer(), layout.catalogueAddress(1, copy));
      }
    }
    for (String command : List.of("recordings", "check")) {
      InProcess shown = InProcess.run(command, drive).expect(ExitStatus.OK);
      assertThat(shown.out()).contains("a\\x0ab\\x1b[2J\\u202e").doesNotContain("\u001b");
    }
    assertThat(InProcess.run("play", drive, "none", "--to", "null:").err())
        .contains("b\\x1b[2J")
        .doesNotContain("\u001b[2J");
    assertThat(InProcess.run("play", drive, odd, "--to", "null:").expect(ExitStatus.OK).err())
        .doesNotContain("\u001b[2J");
  }

  @Test
  void theHistogramOfWritesIsTold() {
    Map<String, Object> json = json(InProcess.run("recordings", drive, "-o", "json").out());
    long writes =
        list(list(json, "recordings").getFirst(), "writeLatencies").stream()
            .mapToLong(bucket -> ((Number) bucket.get("writes")).longValue())
            .sum();
    assertThat(writes).isEqualTo(GAPS);
  }

  @Test
  void aClockThatWasSetBackIsTold() {
    try (Volume volume = Volume.open(drive)) {
      record(volume, "back", 3, 0, -3_600_000_000_000L);
    }
    InProcess check = InProcess.run("check", drive).expect(ExitStatus.OK);
    assertThat(check.out())
        .contains("the clock was set back while it was made: 2 times, by 3600.000 s at the most");
  }

  @Test
  void aClockThatWasSetBackBeforeTheEndIsToldByTheList() {
    long[] now = {T0};
    try (Volume volume = Volume.open(drive)) {
      RecordingOptions options = RecordingOptions.named("back").withSlots(SLOT, 4);
      record(
          volume,
          options.withWriter(options.writer().withWallClock(() -> now[0])),
          ring -> {
            now[0] -= 1_000_000_000;
            ring.commit(1, T0);
          });
    }
    assertThat(InProcess.run("recordings", drive).expect(ExitStatus.OK).out())
        .containsOnlyOnce("the clock was set back")
        .contains(
            "recording 'back': the clock was set back while it was made, so that it was closed at"
                + " 2023-11-14T22:13:19Z");
    assertThat(list(json(InProcess.run("recordings", drive, "-o", "json").out()), "recordings"))
        .extracting(recording -> recording.get("clockWasSetBack"))
        .containsExactly(false, false, true);
  }

  @Test
  void whatIsAnEstimateIsCalledSoWhereverItIsTold() {
    try (Volume volume = Volume.open(drive)) {
      record(
          volume,
          RecordingOptions.named("udp").withSlots(SLOT, 4),
          ring -> {
            ring.lost(512, T0, false);
            ring.commit(1, T0);
            StreamRing _ = claimed(ring);
            ring.lost(1024, T0, true);
            ring.commit(1, T0);
          });
    }
    assertThat(InProcess.run("recordings", drive).expect(ExitStatus.OK).out())
        .containsPattern("udp +closed .* about 1\\.5 KiB ")
        .containsOnlyOnce("about ");
    assertThat(list(json(InProcess.run("recordings", drive, "-o", "json").out()), "recordings"))
        .extracting(recording -> recording.get("estimatedLostBytes"))
        .containsExactly(0, 0, 1024);
    String[] play = {"play", drive, "udp", "--to", "null:", "-o", "json"};
    assertThat(json(InProcess.run(play).expect(ExitStatus.GAPS).out()))
        .containsEntry("lostBytes", 1536)
        .containsEntry("estimatedLostBytes", 1024);
  }

  private static StreamRing claimed(StreamRing ring) {
    assertThat(ring.claim()).isNotZero();
    return ring;
  }

  /** A recording of what is done to a ring whose first slot is claimed. */
  private static void record(
      Volume volume, RecordingOptions options, Consumer<StreamRing> producer) {
    try (Recorder recorder = volume.record(options)) {
      producer.accept(claimed(recorder.ring()));
      recorder.ring().end();
      while (!recorder.hasEnded()) {
        recorder.agent().doWork();
      }
    }
  }

  @Test
  void aRecordingOfWhichACrashLeftNothingIsNotCalledGapless() {
    try (Volume volume = Volume.open(drive)) {
      Recorder recorder = volume.record(RecordingOptions.named("open").withSlots(SLOT, 4));
      recorder.agent().doWork();
      // Not closed: as a process that is killed.
      assertThat(recorder.hasEnded()).isFalse();
    }
    InProcess check = InProcess.run("check", drive).expect(ExitStatus.OK);
    assertThat(check.out())
        .containsPattern("open +recovered .*empty: a crash came before anything was kept")
        .containsPattern("plain +closed .*gapless, every byte verified");
    Map<String, Object> json = json(InProcess.run("check", drive, "-o", "json").out());
    @SuppressWarnings("unchecked")
    Map<String, Object> certificate =
        (Map<String, Object>) list(json, "recordings").getLast().get("certificate");
    assertThat(certificate).containsEntry("gapless", false);
  }
}
