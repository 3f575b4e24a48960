package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a recording at random instants: what was reported durable is there afterwards. */
class KillIT {
  private static final long SEED = 98431;
  private static final int KILLS = 40;

  /** Each check reads all that is on the drive, so it is made anew after so many recordings. */
  private static final int KILLS_PER_DRIVE = 8;

  private static final int MAX_MILLIS = 300;

  @TempDir Path directory;

  @Test
  void afterKillAtAnyInstantAllThatWasReportedDurableIsThere() throws Exception {
    Launcher sluice = new Launcher(directory);
    SplittableRandom random = new SplittableRandom(SEED);
    long provenTotal = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      if (kill % KILLS_PER_DRIVE == 0) {
        sluice.here("init", "virtual:d.img", "--size", "512M", "--force").expect(ExitStatus.OK);
      }
      // From before the recording is opened to when it runs at full speed.
      int millis = random.nextInt(MAX_MILLIS);
      String what = "kill %d of seed %d, %d ms after the start".formatted(kill, SEED, millis);
      Launcher.Running recorder = record(sluice, kill);
      if (kill % 10 != 0) {
        recorder.awaitLine("started ");
      }
      boolean _ = recorder.process.waitFor(millis, TimeUnit.MILLISECONDS);
      assertThat(recorder.process.destroyForcibly().waitFor()).as(what).isEqualTo(128 + 9);
      long reported = reportedDurable(recorder);

      Launcher.Result check =
          sluice.here("check", "virtual:d.img", "-o", "json").expect(ExitStatus.OK);
      Map<String, Object> recovered = find(check, "take " + kill);
      if (recovered == null) {
        assertThat(recorder.lines("started ")).as("%s, but it is lost", what).isEmpty();
        continue;
      }
      assertThat(recovered).as(what).containsEntry("state", "recovered").containsEntry("gaps", 0);
      long bytes = ((Number) recovered.get("bytes")).longValue();
      assertThat(bytes).as("recovered after %s", what).isGreaterThanOrEqualTo(reported);
      sluice
          .here("play", "virtual:d.img", "take " + kill, "--to", "verify:seed=" + kill)
          .expect(ExitStatus.OK);
      provenTotal += reported;
    }
    assertThat(provenTotal).as("bytes reported durable in all, seed %d", SEED).isPositive();
    sluice
        .run("record", "virtual:d.img", "--from", "generator:size=1M", "--name", "the last")
        .expect(ExitStatus.OK);
  }

  private static Launcher.Running record(Launcher sluice, int kill) throws Exception {
    return sluice.start(
        new File("/dev/null"),
        "record",
        "virtual:d.img",
        "--from",
        "generator:rate=50MB/s,stall,seed=" + kill,
        "--name",
        "take " + kill,
        "--ring",
        "16M",
        "--durable",
        "every=10ms",
        "--progress",
        "events");
  }

  private static long reportedDurable(Launcher.Running recorder) throws Exception {
    return recorder
        .lines("durable ")
        .mapToLong(line -> Long.parseLong(line.substring("durable ".length())))
        .max()
        .orElse(0);
  }

  /** The recording of a name that the check tells of; null if it tells of none. */
  @SuppressWarnings("unchecked")
  private static Map<String, Object> find(Launcher.Result check, String name) {
    for (Map<String, Object> recording :
        (List<Map<String, Object>>) check.json().get("recordings")) {
      if (recording.get("name").equals(name)) {
        return recording;
      }
    }
    return null;
  }
}
