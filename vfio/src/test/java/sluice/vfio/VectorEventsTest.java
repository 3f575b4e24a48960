package sluice.vfio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.vfio.linux.Events;

class VectorEventsTest {
  private static final long LONG = TimeUnit.SECONDS.toNanos(60);

  private final VectorEvents vectors = new VectorEvents(3);

  @AfterEach
  void close() {
    vectors.close();
  }

  @Test
  void eachWaitIsForItsVector() {
    assertThat(vectors.count()).isEqualTo(3);
    assertThat(vectors.descriptors()).doesNotHaveDuplicates().hasSize(3);
    Interrupt first = vectors.waitFor(0);
    Interrupt last = vectors.waitFor(2);
    Events.raise(vectors.descriptors()[2]);
    assertThat(last.await(LONG)).isTrue();
    assertThat(first.await(0)).isFalse();
  }

  @Test
  void raisingAllEndsEveryWaitOnce() {
    Interrupt first = vectors.waitFor(0);
    Interrupt second = vectors.waitFor(0);
    vectors.raiseAll();
    assertThat(first.await(LONG)).isTrue();
    assertThat(second.await(LONG)).isTrue();
    assertThat(second.await(0)).isFalse();
  }

  @Test
  void aClosedWaitAndClosedEventsAreClosedOnce() {
    Interrupt wait = vectors.waitFor(1);
    wait.close();
    wait.close();
    vectors.close();
    vectors.close();
    vectors.raiseAll();
    assertThatThrownBy(() -> vectors.waitFor(0)).isInstanceOf(IllegalStateException.class);
  }
}
