package sluice.support.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventRaiserTest {
  private final EventRaiser raiser = new EventRaiser();
  private final int event = Events.eventfd();

  @AfterEach
  void close() {
    raiser.close();
    raiser.close();
    Linux.close(event);
  }

  private long take() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(ValueLayout.JAVA_LONG);
      return Linux.read(event, value.address(), 8) == 8 ? value.get(ValueLayout.JAVA_LONG, 0) : 0;
    }
  }

  @Test
  void eachRaiseCountsOnce() {
    assertThat(take()).isZero();
    raiser.raise(event);
    assertThat(take()).isEqualTo(1);
    for (int i = 0; i < 1000; i++) {
      raiser.raise(event);
    }
    assertThat(take()).isEqualTo(1000);
  }

  @Test
  void aFullEventThatBlocksBlocksNobody() {
    Descriptors.block(event);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment most = arena.allocateFrom(ValueLayout.JAVA_LONG, -2);
      assertThat(Linux.write(event, most.address(), 8)).isEqualTo(8);
    }
    for (int i = 0; i < 200; i++) {
      raiser.raise(event);
    }
    assertThat(take()).isEqualTo(-1);
    raiser.raise(event);
    assertThat(take()).isEqualTo(1);
  }

  @Test
  void whatIsNoEventIsLeftAlone() {
    int file = Linux.memfd("test", 8, 0);
    for (int i = 0; i < 200; i++) {
      raiser.raise(file);
      raiser.raise(-1);
    }
    Linux.close(file);
    raiser.raise(event);
    assertThat(take()).isEqualTo(1);
  }
}
