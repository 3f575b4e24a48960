package sluice.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sluice.bench.result.Io;
import sluice.bench.result.Progress;
import sluice.bench.result.SlowIo;
import sluice.bench.result.SlowestIos;
import sluice.bench.result.StuckIo;
import sluice.bench.result.StuckIos;

class OutlierReportsTest {
  private static final long SECOND = 1_000_000_000;
  private static final Io WRITE = new Io("rec", 0, 2, "write", 409_600, 800, 4096, 12 * SECOND);
  private static final Io FLUSH = new Io("rec", 0, 2, "flush", 0, 0, 0, 13 * SECOND);

  @Test
  void aStuckIoIsToldWithTheTimeOfDay() {
    Instant since = Instant.parse("2026-03-01T10:00:04.250Z");
    assertThat(StuckText.of(new StuckIo(WRITE, SECOND, ""), since, false, ZoneOffset.UTC))
        .isEqualTo(
            "job rec, queue 2: write of 4096 bytes at byte 409600 (LBA 800), out since"
                + " 10:00:04.250, for 1.000 s now");
    assertThat(
            StuckText.of(new StuckIo(FLUSH, 2 * SECOND, "completed"), since, false, ZoneOffset.UTC))
        .isEqualTo(
            "job rec, queue 2: flush, out since 10:00:04.250, is over after 2.000 s: completed");
  }

  @Test
  void stuckIosAreListedInTheText() {
    StuckIos stuck =
        new StuckIos(
            SECOND,
            12,
            3 * SECOND,
            List.of(new StuckIo(WRITE, 3 * SECOND, "completed"), new StuckIo(FLUSH, SECOND, "")));
    assertThat(OutlierText.of(stuck, false))
        .isEqualTo(
            """
              stuck        : count=12, longest=3.000sec (out for 1.000sec or more)
                 write of 4096 bytes at byte 409600 (LBA 800), queue 2, at 12.000 s, out for 3.000 s: completed
                 flush, queue 2, at 13.000 s, out for 1.000 s: still out
                 and 2 more
            """);
    assertThat(OutlierText.of(StuckIos.NONE, true)).isEmpty();
  }

  @Test
  void ofSeveralDrivesItsOwnIsNamed() {
    Io io = new Io("rec", 3, 2, "read", 4096, 8, 512, SECOND);
    StuckIo stuck = new StuckIo(io, SECOND, "");
    assertThat(StuckText.of(stuck, Instant.EPOCH, true, ZoneOffset.UTC))
        .startsWith("job rec, drive 3, queue 2: read of 512 bytes");
    assertThat(OutlierText.line(stuck, true)).contains("(LBA 8), drive 3, queue 2, at 1.000 s");
    assertThat(OutlierCard.of(new StuckIos(SECOND, 1, SECOND, List.of(stuck)), true))
        .contains("drive 3, queue 2");
    SlowestIos slowest = new SlowestIos(1, List.of(new SlowIo(io, 1_000_000, 0, 0)));
    assertThat(OutlierText.of(slowest, true))
        .isEqualTo(
            """
              slowest IOs  :    msec         at  drive  queue    rw    bytes  others         offset
                               1.000    1.000 s      3      2  read      512       0           4096
            """);
    assertThat(OutlierCard.of(slowest, true)).contains("drive / queue").contains("3 / 2");
  }

  @Test
  void theStatusLineTellsOfTheOldest() {
    Progress progress =
        new Progress(
            List.of('W'),
            1,
            0.5,
            1,
            Map.of(),
            Map.of(),
            List.of(new StuckIo(WRITE, 12_900_000_000L, ""), new StuckIo(FLUSH, SECOND, "")));
    assertThat(StatusLine.of(progress))
        .endsWith("[eta 00m:01s] 2 stuck, write of job rec for 12 s");
  }

  @Test
  void theSlowestAreATable() {
    SlowestIos slowest =
        new SlowestIos(
            10,
            List.of(
                new SlowIo(WRITE, 50_112_000, 31, 0),
                new SlowIo(WRITE, 20_000_000, 7, 15_000_000),
                new SlowIo(WRITE, 10_000_000, 7, 1_000_000)));
    assertThat(OutlierText.of(slowest, false))
        .isEqualTo(
            """
              slowest IOs  :    msec         at  queue    rw    bytes  others         offset
                              50.112   12.000 s      2 write     4096      31         409600
                              20.000   12.000 s      2 write     4096       7         409600  (late by a stall of this machine: 15.000)
                              10.000   12.000 s      2 write     4096       7         409600  (in part in a stall of this machine: 1.000)
            """);
    assertThat(OutlierText.of(SlowestIos.NONE, true)).isEmpty();
  }
}
