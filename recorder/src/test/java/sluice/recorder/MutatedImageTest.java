package sluice.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.NvmeException;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.FormatException;
import sluice.recorder.format.Superblock;
import sluice.recorder.stream.Pattern;
import sluice.recorder.volume.Finding;
import sluice.recorder.write.FlushPolicy;

/**
 * Images of a volume, changed by chance and by intent. Whatever it is, a command ends, with a clear
 * refusal if need be; memory is bounded; what is shown is right; damage is told; and what is right
 * stays right through a repair and a new recording.
 *
 * <p>The property {@code sluice.images} says how many, {@code sluice.seed} which.
 */
@Tag("long")
class MutatedImageTest {
  private static final int SIZE = 3 << 20;
  private static final int SLOT = 16384;
  private static final long STREAM = 250_000;
  private static final long GAP_AT = 100_000;
  private static final long GAP = 1000;
  private static final long MAX_MEMORY = 4 << 20;
  private static final int DEPTH = 4;
  private static final int IMAGES = Integer.getInteger("sluice.images", 250);
  private static final long SEED = Long.getLong("sluice.seed", 20_261_130);

  /** A volume before anything happens to it. */
  private record Base(
      MemorySegment image,
      Superblock layout,
      List<CatalogueEntry> entries,
      Map<String, Long> seeds) {}

  private final Map<String, Integer> outcomes = new TreeMap<>();
  private Base base;
  private String what;

  private static RecordingOptions options(String name) {
    RecordingOptions options =
        RecordingOptions.named(name).withSlots(SLOT, 8).withHeader(Map.of("k", "v"));
    return options.withWriter(options.writer().withFlush(FlushPolicy.every(50_000)));
  }

  private static Base build(boolean withOpen) {
    MemoryDrive drive = MemoryDrive.of(SIZE);
    Volume volume = Volume.create(drive, VolumeOptions.standard().withCatalogueEntries(6));
    Map<String, Long> seeds = new LinkedHashMap<>();
    for (String name : List.of("a", "b", "empty", "c")) {
      long seed = seeds.size() + 1L;
      seeds.put(name, seed);
      try (Recorder recorder = volume.record(options(name))) {
        TestStream stream = new TestStream(recorder.ring(), seed);
        if (!name.equals("empty")) {
          produce(recorder, stream);
        }
        recorder.ring().end();
        TestStream.run(recorder);
        assertThat(recorder.await(Duration.ofSeconds(1)).closed()).isTrue();
      }
    }
    if (withOpen) {
      seeds.put("open", 99L);
      Recorder recorder = volume.record(options("open"));
      produce(recorder, new TestStream(recorder.ring(), 99));
      for (int i = 0; i < 50; i++) {
        recorder.agent().doWork();
      }
    }
    List<CatalogueEntry> entries = volume.recordings().stream().map(Recording::entry).toList();
    return new Base(drive.medium(), volume.layout(), entries, seeds);
  }

  private static void produce(Recorder recorder, TestStream stream) {
    stream.commitUpTo(GAP_AT, recorder.agent());
    stream.lose(GAP);
    stream.commitUpTo(STREAM, recorder.agent());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void anyImageIsReadRightOrRefused(boolean withOpen) {
    base = build(withOpen);
    for (int run = 0; run < IMAGES; run++) {
      SplittableRandom random = new SplittableRandom(SEED * 1_000_003 + run);
      MemorySegment image = Arena.ofAuto().allocate(SIZE, 4096).copyFrom(base.image);
      ImageMutator mutator = new ImageMutator(image, base.layout, base.entries, random);
      mutator.mutate();
      long size =
          random.nextInt(12) == 0 ? Math.max(4096, random.nextLong(SIZE / 512) * 512) : SIZE;
      if (size == SIZE && image.mismatch(base.image) < 0) {
        continue;
      }
      what = "seed %d, image %d: %sof %d bytes".formatted(SEED, run, mutator, size);
      tryAll(image, size, mutator.isForged(), random);
    }
    System.out.println(outcomes);
  }

  private MemoryDrive drive(MemorySegment image, long size) {
    MemoryDrive drive = MemoryDrive.of(size);
    MemorySegment.copy(image, 0, drive.medium(), 0, size);
    return drive;
  }

  /** Does it, or is refused it for a reason that is told; anything else is a fault. */
  private <T> T attempt(String name, Supplier<T> attempt) {
    try {
      return attempt.get();
    } catch (FormatException | NvmeException e) {
      assertThat(e.getMessage()).as(what).doesNotContain("\n");
      if (name.startsWith("repair")) {
        // What is not there any more can only be told.
        assertThat(e.getMessage()).as(what).contains("it has ", ", and its layout ");
      }
      outcomes.merge(name + " refused", 1, Integer::sum);
      return null;
    } catch (RuntimeException | AssertionError | OutOfMemoryError e) {
      throw new AssertionError(name + " of " + what + ": " + e, e);
    }
  }

  private void tryAll(MemorySegment image, long size, boolean isForged, SplittableRandom random) {
    MemoryDrive read = drive(image, size);
    read.refuseWrites();
    Volume volume = attempt("open", () -> Volume.open(read));
    if (volume == null) {
      return;
    }
    Map<String, String> plays = new HashMap<>();
    for (Recording recording : volume.recordings()) {
      plays.merge(recording.name(), play(recording), (a, b) -> a.equals(b) ? a : "two of them");
      attempt("seek", () -> seek(recording, random));
    }
    CheckReport report = attempt("check", () -> Volume.open(drive(image, size)).check(true));
    assertThat(read.largestAllocation()).as(what).isLessThanOrEqualTo(MAX_MEMORY);
    if (report != null && !report.hasDamage()) {
      outcomes.merge("intact", 1, Integer::sum);
      requireIntact(volume, plays, isForged);
    }
    MemoryDrive written = drive(image, size);
    requireKept(plays, attempt("repair", () -> repairAndRecord(written, isForged)));
    assertThat(written.largestAllocation()).as(what).isLessThanOrEqualTo(MAX_MEMORY);
    repairWithCuts(image, size, plays, isForged, random);
  }

  private void requireKept(Map<String, String> plays, Map<String, String> repaired) {
    if (repaired != null) {
      plays.forEach((name, outcome) -> {
        if (outcome.equals("right")) {
          assertThat(repaired.get(name)).as("'%s' of %s", name, what).isEqualTo("right");
        }
      });
    }
  }

  /** The power goes while it is repaired, perhaps twice; then it is repaired. */
  private void repairWithCuts(
      MemorySegment image,
      long size,
      Map<String, String> plays,
      boolean isForged,
      SplittableRandom random) {
    MemoryDrive drive = MemoryDrive.random(size, random.split());
    MemorySegment.copy(image, 0, drive.medium(), 0, size);
    for (int cuts = 1 + random.nextInt(2); cuts > 0; cuts--) {
      drive.cutAfter(random.nextInt(random.nextInt(4) == 0 ? 200 : 60));
      try {
        Volume.open(drive).repair();
      } catch (FormatException | NvmeException e) {
        // Refused, or cut.
      }
      outcomes.merge(drive.isPowered() ? "repaired before the cut" : "repair cut", 1, Integer::sum);
      drive.powerUp();
    }
    requireKept(plays, attempt("repair after a cut", () -> repairAndRecord(drive, isForged)));
  }

  /** What a check has nothing to say against can be played, and is all that there was. */
  private void requireIntact(Volume volume, Map<String, String> plays, boolean isForged) {
    plays.forEach((name, outcome) ->
        assertThat(outcome).as("'%s' of %s", name, what).isNotEqualTo("refused"));
    if (!isForged) {
      // An open recording is cut where it can no longer be proved: that may be a crash's work.
      base.seeds
          .keySet()
          .forEach(name ->
              assertThat(plays.get(name))
                  .as("'%s' of %s", name, what)
                  .isIn("right", name.equals("open") ? "short" : "right"));
    }
    List<Long> keys = volume.recordings().stream().map(each -> each.entry().key()).toList();
    for (CatalogueEntry entry : base.entries) {
      if (!entry.name().equals("empty")) {
        assertThat(keys).as("'%s' of %s", entry.name(), what).contains(entry.key());
      }
    }
  }

  private Map<String, String> repairAndRecord(MemoryDrive drive, boolean isForged) {
    CheckReport report = Volume.open(drive).repair();
    Volume volume = Volume.open(drive);
    // A recording that is proved is not given up, wherever a forged superblock says that it may be.
    List<Finding> left = volume.findings().stream().filter(Finding::forbidsWriting).toList();
    assertThat(left)
        .as("after a repair")
        .allMatch(f -> isForged && f.where().startsWith("recording "));
    Map<String, String> before = playAll(volume);
    boolean isNewWanted =
        volume.freeBytes() > STREAM && before.size() < base.layout.catalogueEntries();
    if (isNewWanted && left.isEmpty()) {
      outcomes.merge(report.hasDamage() ? "repaired in part" : "repaired", 1, Integer::sum);
      try (Recorder recorder = volume.record(options("new"))) {
        TestStream stream = new TestStream(recorder.ring(), 5);
        stream.commitUpTo(STREAM, recorder.agent());
        recorder.ring().end();
        TestStream.run(recorder);
      } catch (DriveFullException e) {
        assertThat(e).hasMessageContaining("is full");
      }
      Map<String, String> after = playAll(Volume.open(drive));
      before.forEach((name, outcome) ->
          assertThat(after.get(name)).as("'%s' after a new recording", name).isEqualTo(outcome));
    }
    return before;
  }

  private Map<String, String> playAll(Volume volume) {
    Map<String, String> plays = new HashMap<>();
    for (Recording recording : volume.recordings()) {
      plays.put(recording.name(), play(recording));
    }
    return plays;
  }

  /** "right" if all of it is there, "refused" if it is said that not. */
  private String play(Recording recording) {
    String outcome = attempt("play", () -> playThrough(recording));
    return outcome == null ? "refused" : outcome;
  }

  private String playThrough(Recording recording) {
    Long seed = base.seeds.get(recording.name());
    long offset = 0;
    try (RecordingReader reader = recording.read(DEPTH)) {
      RecordingReader.Range range;
      while ((range = reader.next()) != RecordingReader.Range.END) {
        assertThat(reader.streamOffset()).isEqualTo(offset);
        if (seed != null && range == RecordingReader.Range.DATA) {
          long wrong = new Pattern(seed).verify(reader.address(), reader.length(), offset);
          assertThat(wrong).as("wrong byte shown of '%s'", recording.name()).isEqualTo(-1);
        }
        offset += reader.length();
      }
    }
    long expected = recording.name().equals("empty") ? 0 : STREAM;
    if (recording.name().equals("open")) {
      // What the catalogue has noted is never taken for what a crash has left undone.
      assertThat(offset).isGreaterThanOrEqualTo(recording.streamBytes());
    }
    return seed == null ? "unknown" : offset == expected ? "right" : "short";
  }

  private Object seek(Recording recording, SplittableRandom random) {
    try (RecordingReader reader = recording.read(DEPTH);
        GapReader gaps = recording.openGaps()) {
      for (int i = 0; i < 3 && reader.recording().totals().streamBytes() > 0; i++) {
        reader.seek(random.nextLong(reader.recording().totals().streamBytes()));
        reader.next();
      }
      reader.seekTime(random.nextLong(2_000_000));
      reader.next();
      while (gaps.next() != null) {
        // All of them.
      }
    }
    return recording;
  }
}
