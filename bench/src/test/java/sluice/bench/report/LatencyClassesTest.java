package sluice.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.bench.result.Direction;
import sluice.bench.result.DirectionResult;
import sluice.bench.result.JobResult;
import sluice.bench.result.LatencyRecorder;
import sluice.bench.result.LatencyResult;
import sluice.bench.result.Statistics;

class LatencyClassesTest {
  @ParameterizedTest
  @CsvSource({
    "0,ns,2",
    "1,ns,2",
    "2,ns,4",
    "9,ns,10",
    "10,ns,20",
    "249,ns,250",
    "250,ns,500",
    "999,ns,1000",
    "1000,us,2",
    "1999,us,2",
    "2000,us,4",
    "999000,us,1000",
    "1000000,ms,2",
    "749000000,ms,750",
    "999000000,ms,1000",
    "1500000000,ms,2000",
    "2100000000,ms,>=2000",
    "99000000000,ms,>=2000"
  })
  void aLatencyIsInTheClassOfItsUpperLimit(long nanos, String unit, String name) {
    LatencyRecorder recorder = new LatencyRecorder();
    recorder.record(nanos);
    LatencyClasses classes = LatencyClasses.of(job(recorder.result()));

    double[] percents =
        switch (unit) {
          case "ns" -> classes.nanos();
          case "us" -> classes.micros();
          default -> classes.millis();
        };
    assertThat(percents[LatencyClasses.NAMES.indexOf(name)]).isEqualTo(100);
  }

  @Test
  void whatIsRareStillShows() {
    LatencyRecorder both = new LatencyRecorder();
    for (int i = 0; i < 99_999; i++) {
      both.record(300);
    }
    both.record(5_000_000);
    LatencyClasses classes = LatencyClasses.of(job(both.result()));

    assertThat(classes.millis()[LatencyClasses.NAMES.indexOf("10")]).isEqualTo(0.01);
  }

  private static JobResult job(LatencyResult latency) {
    return JobResult.builder("job", 0).direction(Direction.READ, read(latency)).build();
  }

  private static DirectionResult read(LatencyResult latency) {
    return new DirectionResult(
        0,
        0,
        0,
        0,
        1,
        LatencyResult.none(),
        latency,
        latency,
        LatencyResult.none(),
        Statistics.NONE,
        Statistics.NONE,
        List.of());
  }
}
