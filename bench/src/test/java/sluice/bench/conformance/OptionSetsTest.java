package sluice.bench.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.job.Dialect;
import sluice.bench.result.BenchResult;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.JobResult;
import sluice.bench.run.Bench;
import sluice.bench.run.KeptLogs;
import sluice.bench.run.RunOptions;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;

/**
 * Sets of options by the real fio, on a file in memory, and by us, on a drive in memory of the same
 * size: {@code option-sets.txt} says what of each is compared.
 */
class OptionSetsTest {
  private static final int MIB = 1 << 20;
  private static final int DRIVE_BYTES = 16 * MIB;
  private static final double SHARE = 0.1;

  /** Most of fio's log of one job; several jobs write over each other's. */
  private static final String CLONES = "numjobs";

  @TempDir static Path folder;
  private static Path file;

  /** How much of what fio did has to be so here. */
  enum Check {
    /** The same I/Os in the same order. */
    SAME,
    /** The same I/Os in another order. */
    BLOCKS,
    /** As many I/Os in all, and about as many in each direction. */
    MIX,
    /** As many I/Os and bytes in each direction. */
    AMOUNTS,
    /** As many bytes in all. */
    BYTES,
    /** About as many I/Os in each direction. */
    ABOUT,
    /** That it fails. */
    FAILS,
    /** Nothing: it is known to differ, and the line says why. */
    DIFFERS
  }

  /**
   * @param reason why it differs
   */
  record OptionSet(Check check, List<String> options, String reason) {
    static OptionSet parse(String line) {
      String[] parts = line.split(" \\| ", 3);
      return new OptionSet(
          Check.valueOf(parts[0].strip().toUpperCase(Locale.ROOT)),
          Stream.of(parts[1].strip().split(" ")).map(option -> "--" + option).toList(),
          parts.length > 2 ? parts[2].strip() : "");
    }

    @Override
    public String toString() {
      return check + " " + String.join(" ", options);
    }
  }

  /** What came of a set: of the jobs together. */
  private record Outcome(
      int status, Map<Direction, Long> ios, Map<Direction, Long> bytes, List<Access> accesses) {
    long allIos() {
      return ios.values().stream().mapToLong(Long::longValue).sum();
    }

    long allBytes() {
      return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    double readShare() {
      return ios.get(Direction.READ) / (double) Math.max(1, allIos());
    }
  }

  static List<OptionSet> sets() throws IOException {
    try (var in = OptionSetsTest.class.getResourceAsStream("option-sets.txt")) {
      return new String(in.readAllBytes(), UTF_8)
          .lines()
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .map(OptionSet::parse)
          .toList();
    }
  }

  @BeforeAll
  static void makeFile() throws IOException {
    file = Files.createTempFile(Path.of("/dev/shm"), "sluice", ".img");
  }

  @AfterAll
  static void removeFile() throws IOException {
    Files.delete(file);
  }

  @Test
  void thereAreFiftyOneAtLeast() throws IOException {
    List<OptionSet> sets = sets();
    assertThat(sets).doesNotHaveDuplicates();
    assertThat(sets.stream().filter(set -> set.check() != Check.DIFFERS))
        .hasSizeGreaterThanOrEqualTo(51);
    assertThat(sets).allMatch(set -> set.check() == Check.DIFFERS != set.reason().isEmpty());
  }

  @ParameterizedTest
  @MethodSource("sets")
  void itIsAsFioDoesIt(OptionSet set) throws Exception {
    Outcome fio = ofFio(set);
    Outcome own = own(set);

    if (set.check() == Check.DIFFERS) {
      assertThat(own).as("what is known to differ does").isNotEqualTo(fio);
      return;
    }
    assertThat(own.status()).as("status").isEqualTo(fio.status());
    assertThat(fio.status()).as("fio's status").isEqualTo(set.check() == Check.FAILS ? 1 : 0);
    if (set.check() == Check.FAILS) {
      return;
    }
    if (set.check() == Check.BYTES) {
      assertThat(own.allBytes()).as("bytes").isEqualTo(fio.allBytes()).isPositive();
      return;
    }
    if (set.check() == Check.ABOUT) {
      fio.ios()
          .forEach((way, ios) ->
              assertThat((double) own.ios().get(way))
                  .as("%s I/Os", way)
                  .isBetween(ios * (1 - SHARE), ios * (1 + SHARE)));
      return;
    }
    if (set.check() == Check.MIX) {
      assertThat(own.allIos()).as("I/Os").isEqualTo(fio.allIos()).isPositive();
      assertThat(own.readShare())
          .as("share of reads")
          .isBetween(fio.readShare() - SHARE, fio.readShare() + SHARE);
      return;
    }
    assertThat(own.ios()).as("I/Os").isEqualTo(fio.ios());
    assertThat(own.bytes()).as("bytes").isEqualTo(fio.bytes());
    assertThat(own.allIos()).isPositive();
    if (set.check() == Check.SAME) {
      requireSame(own.accesses(), fio.accesses());
    } else if (set.check() == Check.BLOCKS) {
      requireSame(sorted(own.accesses()), sorted(fio.accesses()));
      assertThat(AccessOrder.of(own.accesses())).isEqualTo(AccessOrder.of(fio.accesses()));
    }
  }

  /** Shows the first that differs, rather than all. */
  private static void requireSame(List<Access> own, List<Access> fio) {
    for (int i = 0; i < Math.min(own.size(), fio.size()); i++) {
      assertThat(own.get(i)).as("I/O %d", i).isEqualTo(fio.get(i));
    }
    assertThat(own).hasSameSizeAs(fio);
  }

  private static List<Access> sorted(List<Access> accesses) {
    return accesses.stream()
        .sorted(
            Comparator.comparing(Access::direction)
                .thenComparingLong(Access::offset)
                .thenComparingInt(Access::length))
        .toList();
  }

  private static Outcome ofFio(OptionSet set) throws IOException, InterruptedException {
    try (RandomAccessFile image = new RandomAccessFile(file.toFile(), "rw")) {
      image.setLength(0);
      image.setLength(DRIVE_BYTES);
    }
    Path log = folder.resolve("iolog");
    List<String> options = new ArrayList<>(List.of("--filename=" + file));
    if (set.options().stream().noneMatch(option -> option.startsWith("--name"))) {
      options.add("--name=j");
    }
    options.addAll(set.options());
    boolean isLogged = isLogged(set);
    if (isLogged) {
      // fio goes on with a log that is there.
      Files.deleteIfExists(log);
      options.add("--write_iolog=" + log);
    }
    RealFio.Answer answer = RealFio.run(folder, options);
    Map<Direction, Long> ios = new EnumMap<>(Direction.class);
    Map<Direction, Long> bytes = new EnumMap<>(Direction.class);
    for (Direction way : Direction.values()) {
      ios.put(way, 0L);
      bytes.put(way, 0L);
    }
    int begin = answer.report().indexOf('{');
    if (begin >= 0) {
      Map<String, Object> report = JSON.std.mapFrom(answer.report().substring(begin));
      for (Object job : (List<?>) report.get("jobs")) {
        for (Direction way : Direction.values()) {
          Map<?, ?> of = (Map<?, ?>) ((Map<?, ?>) job).get(way.lowerCase());
          ios.merge(way, ((Number) of.get("total_ios")).longValue(), Long::sum);
          bytes.merge(way, ((Number) of.get("io_bytes")).longValue(), Long::sum);
        }
      }
    }
    return new Outcome(answer.status(), ios, bytes, isLogged ? FioLog.read(log) : List.of());
  }

  /** Whether the order of I/Os is looked at. */
  private static boolean isLogged(OptionSet set) {
    return (set.check() == Check.SAME || set.check() == Check.BLOCKS)
        && set.options().stream().noneMatch(option -> option.contains(CLONES));
  }

  private static Outcome own(OptionSet set) {
    List<String> options = new ArrayList<>(List.of("--filename=f"));
    options.addAll(List.of("--write_lat_log=l", "--log_offset=1", "--log_avg_msec=0"));
    if (set.options().stream().noneMatch(option -> option.startsWith("--name"))) {
      options.add("--name=j");
    }
    options.addAll(set.options());
    Map<Direction, Long> ios = new EnumMap<>(Direction.class);
    Map<Direction, Long> bytes = new EnumMap<>(Direction.class);
    List<Access> accesses = new ArrayList<>();
    int status = 0;
    KeptLogs logs = new KeptLogs();
    for (Direction way : Direction.values()) {
      ios.put(way, 0L);
      bytes.put(way, 0L);
    }
    try (NvmeController drive = Drives.open("virtual:memory?size=" + DRIVE_BYTES)) {
      BenchResult result =
          new Bench(
                  CommandLineJobs.read(options, new Dialect(false, true)),
                  drive,
                  drive.namespace(1),
                  RunOptions.standard().withAllowWrite(true).withLogs(logs))
              .run();
      status = result.isClean() ? 0 : 1;
      for (JobResult job : result.jobs()) {
        for (Direction way : Direction.values()) {
          DirectionResult of = job.direction(way);
          ios.merge(way, of.ios(), Long::sum);
          bytes.merge(way, of.bytes(), Long::sum);
        }
      }
      for (KeptLogs.Line line : logs.files().getOrDefault("l_lat.1.log", List.of())) {
        accesses.add(new Access(line.direction(), line.offsetBytes(), line.blockBytes()));
      }
    } catch (IllegalArgumentException e) {
      status = 1;
    }
    return new Outcome(status, ios, bytes, isLogged(set) ? accesses : List.of());
  }
}
