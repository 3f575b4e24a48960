package sluice.vfio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.support.linux.Descriptors;
import sluice.support.linux.Events;
import sluice.support.linux.Linux;

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
    Interrupt first = vectors.newWait(0);
    Interrupt last = vectors.newWait(2);
    Events.raise(vectors.descriptors()[2]);
    assertThat(last.await(LONG)).isTrue();
    assertThat(first.await(0)).isFalse();
  }

  @Test
  void raisingAllEndsEveryWaitOnce() {
    Interrupt first = vectors.newWait(0);
    Interrupt second = vectors.newWait(0);
    vectors.raiseAll();
    assertThat(first.await(LONG)).isTrue();
    assertThat(second.await(LONG)).isTrue();
    assertThat(second.await(0)).isFalse();
  }

  @Test
  @Timeout(60)
  void whoHasTheEventsCannotMakeARaiseOfAllWait() {
    Interrupt wait = vectors.newWait(1);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment most = arena.allocateFrom(ValueLayout.JAVA_LONG, -2);
      for (int event : vectors.descriptors()) {
        Descriptors.block(event);
        assertThat(Linux.write(event, most.address(), 8)).isEqualTo(8);
      }
    }
    assertThat(wait.await(LONG)).as("what was written").isTrue();
    assertThat(wait.await(0)).isFalse();
    vectors.raiseAll();
    assertThat(wait.await(LONG)).isTrue();
  }

  @Test
  void aClosedWaitAndClosedEventsAreClosedOnce() {
    Interrupt wait = vectors.newWait(1);
    wait.close();
    wait.close();
    vectors.close();
    vectors.close();
    vectors.raiseAll();
    assertThatThrownBy(() -> vectors.newWait(0)).isInstanceOf(IllegalStateException.class);
  }
}
