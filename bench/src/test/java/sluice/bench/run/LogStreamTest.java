package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.bench.result.Direction;
import sluice.bench.result.Samples;

@Timeout(60)
class LogStreamTest {
  private final List<String> lines = new ArrayList<>();

  private LogStream stream(long windowMillis, boolean maximum) {
    return new LogStream(new LogBudget(), this::take, windowMillis, maximum, windowMillis == 0);
  }

  private void take(Samples samples) {
    for (int i = 0; i < samples.size(); i++) {
      lines.add(samples.timeMillis(i) + " " + samples.value(i) + " " + samples.direction(i));
    }
  }

  @Test
  void withoutAWindowEachSampleIsWrittenInItsOrder() {
    LogStream log = stream(0, false);
    for (int i = 0; i < 10_000; i++) {
      log.add(i, i * 10L, Direction.READ, 4096, i * 4096L);
      if (i % 3000 == 0) {
        log.drain();
      }
    }
    log.finish();
    log.drain();

    assertThat(lines).hasSize(10_000);
    assertThat(lines.get(9_999)).isEqualTo("9999 99990 READ");
    assertThat(lines.get(5_000)).isEqualTo("5000 50000 READ");
  }

  @Test
  void aWindowKeepsOneMeanPerDirectionAtItsEnd() {
    LogStream log = stream(500, false);
    log.add(0, 100, Direction.READ, 4096, 0);
    log.add(499, 201, Direction.READ, 4096, 0);
    log.add(499, 7, Direction.WRITE, 4096, 0);
    log.add(500, 9, Direction.READ, 4096, 0);
    log.drain();
    assertThat(lines).containsExactly("500 151 READ", "500 7 WRITE");
    log.add(2_700, 11, Direction.READ, 4096, 0);
    log.finish();
    log.drain();

    assertThat(lines).containsExactly("500 151 READ", "500 7 WRITE", "1000 9 READ", "3000 11 READ");
  }

  @Test
  void aWindowKeepsTheLargestWhereThatIsAskedFor() {
    LogStream log = stream(500, true);
    log.add(0, 100, Direction.TRIM, 4096, 0);
    log.add(10, 900, Direction.TRIM, 4096, 0);
    log.add(20, 5, Direction.TRIM, 4096, 0);
    log.finish();
    log.drain();

    assertThat(lines).containsExactly("500 900 TRIM");
  }

  /** Also where all directions end a window at once, and nobody writes meanwhile. */
  @Test
  void theLastWindowNeedsNobodyToWrite() {
    LogBudget budget = new LogBudget();
    for (int i = 0; i < LogBudget.PIECES; i++) {
      assertThat(budget.take()).isTrue();
    }
    LogStream log = new LogStream(budget, this::take, 500, true, false);
    for (Direction way : Direction.values()) {
      log.add(0, 1, way, 4096, 0);
    }
    log.finish();
    log.drain();

    assertThat(lines).hasSize(3);
    assertThat(log.leavesOut()).isFalse();
  }

  @Test
  void aJobThatIsFasterThanItsLogWaitsForIt() {
    LogStream log = stream(0, false);
    int count = 3_000_000;
    Thread job =
        new Thread(() -> {
          for (int i = 0; i < count; i++) {
            log.add(i, i, Direction.READ, 0, 0);
          }
          log.finish();
        });
    job.start();
    long written = 0;
    boolean goesOn = true;
    while (goesOn) {
      goesOn = job.isAlive();
      log.drain();
      written += lines.size();
      lines.clear();
    }
    assertThat(written).isEqualTo(count);
    assertThat(log.leavesOut()).isFalse();
  }

  @Test
  void addingAllocatesNothing() {
    LogStream log = new LogStream(new LogBudget(), samples -> {}, 0, false, true);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = Long.MAX_VALUE;
    for (int round = 0; round < 10 && allocated != 0; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 10_000; i++) {
        log.add(i, i, Direction.WRITE, 4096, 0);
      }
      log.drain();
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }

    assertThat(allocated).as("bytes; the first rounds make pieces").isZero();
  }
}
