package sluice.bench.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SampleLogTest {
  @Test
  void withoutAWindowEachSampleIsKept() {
    SampleLog log = new SampleLog(LogKind.COMPLETION, "job", 3, 0, false, false);
    for (int i = 0; i < 1_000; i++) {
      log.add(i, i * 10L, Direction.READ, 4096, i * 4096L);
    }
    log.finish();

    assertThat(log.fileName()).isEqualTo("job_clat.3.log");
    assertThat(log.size()).isEqualTo(1_000);
    assertThat(log.timeMillis(999)).isEqualTo(999);
    assertThat(log.value(999)).isEqualTo(9990);
    assertThat(log.blockBytes(999)).isEqualTo(4096);
    assertThat(log.offsetBytes(999)).isEqualTo(999 * 4096L);
  }

  @Test
  void aWindowKeepsOneMeanPerDirectionAtItsEnd() {
    SampleLog log = new SampleLog(LogKind.LATENCY, "job", 0, 500, false, false);
    log.add(0, 100, Direction.READ, 4096, 0);
    log.add(499, 201, Direction.READ, 4096, 0);
    log.add(499, 7, Direction.WRITE, 4096, 0);
    log.add(500, 9, Direction.READ, 4096, 0);
    log.add(2_700, 11, Direction.READ, 4096, 0);
    log.finish();

    assertThat(log.fileName()).isEqualTo("job_lat.log");
    assertThat(lines(log))
        .containsExactly("500 151 READ", "500 7 WRITE", "1000 9 READ", "3000 11 READ");
  }

  @Test
  void aWindowKeepsTheLargestWhereThatIsAskedFor() {
    SampleLog log = new SampleLog(LogKind.LATENCY, "job", 1, 500, true, false);
    log.add(0, 100, Direction.TRIM, 4096, 0);
    log.add(10, 900, Direction.TRIM, 4096, 0);
    log.add(20, 5, Direction.TRIM, 4096, 0);
    log.finish();

    assertThat(lines(log)).containsExactly("500 900 TRIM");
  }

  @Test
  void aNegativeWindowIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SampleLog(LogKind.LATENCY, "job", 1, -1, true, false))
        .withMessage("job number 1 and window -1 must be 0 or more");
  }

  private static List<String> lines(SampleLog log) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < log.size(); i++) {
      lines.add(log.timeMillis(i) + " " + log.value(i) + " " + log.direction(i));
    }
    return lines;
  }
}
