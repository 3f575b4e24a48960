package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import sluice.recorder.Sink;

/** When chunks of a recording are due, by the times that stand in it. */
class PlayPaceTest {
  private static final long SECOND = 1_000_000_000;

  private long tick;
  private long time;
  private Sink held;

  private void hold(String rate, long maxPause) {
    PlayPace pace = new PlayPace.Converter().convert(rate);
    Sink taker =
        new Sink() {
          @Override
          public long write(long address, long length) {
            return length;
          }

          @Override
          public void close() {}
        };
    held = pace.hold(taker, () -> time, () -> tick, maxPause);
  }

  /** A chunk of a time is taken at a tick and not before. */
  private void requireDue(long chunkTime, long dueTick) {
    time = chunkTime;
    if (dueTick > tick) {
      tick = dueTick - 1;
      assertThat(held.write(0, 10)).as("at %d", tick).isZero();
    }
    tick = dueTick;
    assertThat(held.write(0, 10)).as("at %d", tick).isEqualTo(10);
  }

  @Test
  void takesChunksAsTheyArrived() {
    hold("original", Long.MAX_VALUE);
    requireDue(1000 * SECOND, 0);
    requireDue(1001 * SECOND, SECOND);
    requireDue(1001 * SECOND, SECOND);
    requireDue(1004 * SECOND, 4 * SECOND);
  }

  @Test
  void goesOnInPaceWhereTheClockWasSetBack() {
    hold("2x", Long.MAX_VALUE);
    requireDue(5000 * SECOND, 0);
    requireDue(5002 * SECOND, SECOND);
    requireDue(1402 * SECOND, SECOND);
    requireDue(1404 * SECOND, 2 * SECOND);
    requireDue(1410 * SECOND, 5 * SECOND);
  }

  @Test
  void doesNotWaitOutAnHourWhenItIsTold() {
    hold("original", 2 * SECOND);
    requireDue(0, 0);
    requireDue(SECOND, SECOND);
    requireDue(3601 * SECOND, 3 * SECOND);
    requireDue(3602 * SECOND, 4 * SECOND);
  }
}
