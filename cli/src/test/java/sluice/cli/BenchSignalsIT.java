package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signals that reach a benchmark as a process. */
class BenchSignalsIT {
  private static final int USR1 = 10;
  private static final long POLL_MILLIS = 20;
  private static final long DEADLINE_SECONDS = 120;

  @TempDir Path directory;

  @Test
  void whoAsksBeforeItRunsDoesNotEndIt() throws Exception {
    Path jobs = directory.resolve("jobs");
    assertThat(new ProcessBuilder("mkfifo", jobs.toString()).start().waitFor()).isZero();
    Launcher.Running bench =
        new Launcher(directory)
            .start(
                "/bin/sh",
                new File("/dev/null"),
                "-c",
                "exec \"$0\" \"$@\" <jobs",
                Launcher.ROOT.resolve("sluice").toString(),
                "bench",
                "-",
                "--drive",
                "virtual:null?size=1G");
    // Each side's opening waits for the other's.
    try (OutputStream job = Files.newOutputStream(jobs)) {
      await(bench, "SigIgn", "SigCgt");
      bench.signal("USR1");
      await(bench, "SigCgt");
      bench.signal("USR1");
      job.write("[late]\nrw=read\nsize=1m\n".getBytes(StandardCharsets.US_ASCII));
    }

    assertThat(bench.await().expect(ExitStatus.OK).out()).contains("late: (groupid=0, jobs=1)");
  }

  @Test
  void itReportsWhenItIsAskedAndWhenItIsEnded() throws Exception {
    Launcher.Running bench =
        new Launcher(directory)
            .start(
                new File("/dev/null"),
                "bench",
                "--rw=randread",
                "--time_based",
                "--runtime=1h",
                "--rate_iops=100",
                "--drive",
                "virtual:null?size=1G");
    await(bench, "SigCgt");
    Path out = directory.resolve("run1.out");
    long deadline = deadline();
    while (!Files.readString(out).contains("Run status group 0")) {
      assertThat(System.nanoTime()).as("a report is late").isLessThan(deadline);
      bench.signal("USR1");
      assertThat(bench.process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)).isFalse();
    }
    assertThat(Files.readString(out)).doesNotContain("Interrupted");
    bench.signal("INT");

    assertThat(bench.await().expect(ExitStatus.INTERRUPTED).out())
        .contains("Interrupted: the figures are of what was done until then.");
  }

  private static long deadline() {
    return System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
  }

  /** Waits until SIGUSR1 is in one of a process's sets of signals. */
  private static void await(Launcher.Running bench, String... sets) throws Exception {
    long deadline = deadline();
    while (!isIn(bench.process.pid(), List.of(sets))) {
      assertThat(System.nanoTime()).as("SIGUSR1 is not taken over").isLessThan(deadline);
      assertThat(bench.process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)).isFalse();
    }
  }

  private static boolean isIn(long pid, List<String> sets) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .map(line -> line.split(":\\s*"))
        .filter(line -> sets.contains(line[0]))
        .anyMatch(line -> (Long.parseUnsignedLong(line[1], 16) >> (USR1 - 1) & 1) != 0);
  }
}
