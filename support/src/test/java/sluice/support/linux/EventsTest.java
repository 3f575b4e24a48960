package sluice.support.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventsTest {
  private static final long LONG = TimeUnit.SECONDS.toNanos(60);

  private final int event = Events.eventfd();
  private final int first = Events.newWait(event);
  private final int second = Events.newWait(event);
  private final long scratch = Arena.ofAuto().allocate(16, 8).address();

  @AfterEach
  void close() {
    Linux.close(first);
    Linux.close(second);
    Linux.close(event);
  }

  @Test
  void aRaiseEndsOneWaitOfEach() {
    assertThat(Events.await(first, scratch, 0)).isFalse();
    Events.raise(event);
    assertThat(Events.await(first, scratch, LONG)).isTrue();
    assertThat(Events.await(second, scratch, LONG)).isTrue();
    assertThat(Events.await(first, scratch, 0)).as("once only").isFalse();
    Events.raise(event);
    assertThat(Events.await(first, scratch, LONG)).as("though nobody read the first").isTrue();
  }

  @Test
  void aWaitEndsWhenAnotherThreadRaises() throws Exception {
    CompletableFuture<Boolean> waiting =
        CompletableFuture.supplyAsync(() -> Events.await(first, scratch, LONG));
    Events.raise(event);
    assertThat(waiting.get(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aWaitEndsAtItsDeadline() {
    assertThat(Events.await(first, scratch, 1)).isFalse();
  }

  @Test
  void aWaitWhoseTimeIsOverAlreadyEndsAtOnce() throws Exception {
    CompletableFuture<Boolean> waiting =
        CompletableFuture.supplyAsync(() -> Events.await(first, scratch, -LONG));
    try {
      assertThat(waiting.get(60, TimeUnit.SECONDS)).isFalse();
    } finally {
      Events.raise(event);
    }
  }

  @Test
  void findsWhichOfSeveralWasRaised() {
    int other = Events.eventfd();
    try {
      Events.raise(other);
      assertThat(Events.awaitAny(event, -1, other)).isEqualTo(2);
      assertThat(Events.awaitAny(event, -1, other)).as("it stays raised").isEqualTo(2);
      Events.raise(event);
      assertThat(Events.awaitAny(event, -1, other)).isEqualTo(0);
    } finally {
      Linux.close(other);
    }
  }
}
