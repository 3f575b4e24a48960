package sluice.support.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventWatchTest {
  private final int first = Events.eventfd();
  private final int second = Events.eventfd();
  private final long scratch = Arena.ofAuto().allocate(8, 8).address();
  private final LinkedBlockingQueue<Integer> raised = new LinkedBlockingQueue<>();

  @AfterEach
  void close() {
    Linux.close(first);
    Linux.close(second);
  }

  private boolean take(int index) {
    raised.add(index);
    return Linux.read(index == 0 ? first : second, scratch, 8) == 8;
  }

  @Test
  void tellsEachTime() throws Exception {
    EventWatch watch = EventWatch.start("test", this::take, first, second, -1);
    Events.raise(second);
    assertThat(raised.poll(60, TimeUnit.SECONDS)).isEqualTo(1);
    Events.raise(first);
    assertThat(raised.poll(60, TimeUnit.SECONDS)).isEqualTo(0);
    Events.raise(second);
    assertThat(raised.poll(60, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(watch.stop()).isTrue();
    Events.raise(first);
    assertThat(raised).isEmpty();
  }

  @Test
  void endsWhenItsTurnSaysSo() throws Exception {
    EventWatch watch =
        EventWatch.start(
            "test",
            index -> {
              raised.add(index);
              return false;
            },
            first);
    Events.raise(first);
    assertThat(raised.poll(60, TimeUnit.SECONDS)).isEqualTo(0);
    assertThat(watch.stop()).isTrue();
    assertThat(raised).as("though it stays raised").isEmpty();
  }

  @Test
  void stopsForAThreadThatIsInterrupted() {
    EventWatch watch = EventWatch.start("test", this::take, first);
    Thread.currentThread().interrupt();
    assertThat(watch.stop()).isTrue();
    assertThat(Thread.interrupted()).isTrue();
  }
}
