package sluice.virtual.personality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.nvme.spec.Status;
import sluice.nvme.spec.StatusCode;

class PersonalityOptionsTest {
  @TempDir Path folder;

  @Test
  void plainByDefault() {
    assertThat(PersonalityOptions.parse(Map.of())).isEqualTo(Personality.PLAIN);
    assertThat(Personality.PLAIN.isTimed()).isFalse();
  }

  @Test
  void readsAll() {
    Personality personality =
        Personalities.of(
            "latency=80us&bandwidth=2GB/s&pause=50ms&every=2s&jitter=20%&seed=7&cliff=2GiB"
                + "&after=300MB/s&temperature=-5C&warning=65C&stuck=count:9&flip=lba:3-4"
                + "&error=lba:1000-1010:unrecovered-read,count:500:abort-requested:dnr");
    assertThat(personality.latency()).isEqualTo(80_000);
    assertThat(personality.bandwidth()).isEqualTo(2_000_000_000L);
    assertThat(personality.pause()).isEqualTo(50_000_000);
    assertThat(personality.every()).isEqualTo(2_000_000_000L);
    assertThat(personality.jitter()).isEqualTo(0.2);
    assertThat(personality.seed()).isEqualTo(7);
    assertThat(personality.cliff()).isEqualTo(2L << 30);
    assertThat(personality.after()).isEqualTo(300_000_000);
    assertThat(personality.temperatureKelvin()).isEqualTo(268);
    assertThat(personality.warningKelvin()).isEqualTo(338);
    assertThat(personality.criticalKelvin()).isEqualTo(348);
    assertThat(personality.isTimed()).isTrue();
    assertThat(personality.faults())
        .containsExactly(
            new Fault(
                Fault.Kind.ERROR,
                Fault.Where.LBA,
                1000,
                1010,
                StatusCode.UNRECOVERED_READ_ERROR.status()),
            new Fault(
                Fault.Kind.ERROR,
                Fault.Where.COUNT,
                500,
                500,
                StatusCode.ABORT_REQUESTED.status() | Status.DNR),
            new Fault(Fault.Kind.STUCK, Fault.Where.COUNT, 9, 9, 0),
            new Fault(Fault.Kind.FLIP, Fault.Where.LBA, 3, 4, 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pause=50ms | pause=50ms: needs every= too",
        "every=2s | every=2s: needs pause= too",
        "pause=2s&every=1s | pause=2s: must be shorter than every=1s",
        "pause=9ms&every=10ms&jitter=20% | jitter=20%: would let pauses of 9ms run into each other",
        "jitter=20% | jitter=20%: needs pause= and every=",
        "pause=1ms&every=10ms&jitter=x | jitter=x: write a part as 20% or 0.2",
        "pause=1ms&every=10ms&jitter=1 | jitter=1: must be at least 0% and less than 100%",
        "cliff=1G | cliff=1G: needs after= too",
        "after=1MB/s | after=1MB/s: needs cliff= too",
        "latency=80 | bad duration \"80\": write a duration as 50ms, 2s, 10us, 5min or 1h",
        "bandwidth=0 | bad rate \"0\": it must be more than 0",
        "seed=x | seed=x: 'x' is not a number",
        "temperature=45 | temperature=45: write a temperature as 45C",
        "temperature=xC | temperature=xC: 'x' is not a number",
        "temperature=451C | temperature=451C: must be from -40C to 150C",
        "error=lba:5 | error=lba:5: 'lba:5' does not look like lba:1000-1010:unrecovered-read or count:500:write-fault:dnr",
        "error=x:5:internal | error=x:5:internal: 'x:5:internal' does not begin with lba: or count:",
        "error=lba:5-4:internal | error=lba:5-4:internal: '5-4' is not a range",
        "error=count:0:internal | error=count:0:internal: '0' is not a range",
        "error=lba:5:nonsense | error=lba:5:nonsense: no status is called 'nonsense'; some are unrecovered-read, write-fault, internal",
        "error=lba:5:success | error=lba:5:success: no status is called 'success'; some are unrecovered-read, write-fault, internal",
        "stuck=lba:5 | stuck=lba:5: 'lba:5' does not begin with count:",
        "flip=lba:5:x | flip=lba:5:x: 'lba:5:x' does not look like lba:1000-1010",
      })
  void saysWhatIsWrong(String options, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Personalities.of(options))
        .withMessage(message);
  }

  @Test
  void readsAFile() throws IOException {
    Path file = folder.resolve("slow.properties");
    Files.writeString(file, "# a slow drive\nlatency = 1ms\nerror=lba:5:internal\n");
    assertThat(PersonalityOptions.read(file))
        .containsOnly(Map.entry("latency", "1ms"), Map.entry("error", "lba:5:internal"));
    Files.writeString(file, "latencyy=1ms\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PersonalityOptions.read(file))
        .withMessageStartingWith("the personality " + file + " has 'latencyy', which is none of ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PersonalityOptions.read(folder.resolve("none")))
        .withMessageStartingWith("cannot read the personality ");
  }
}
