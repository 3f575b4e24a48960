package sluice.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClosingTest {
  private final List<String> closed = new ArrayList<>();

  @Test
  void theFirstFailureTellsWhatFailsInClosing() {
    IllegalStateException first = new IllegalStateException("first");
    IOException second = new IOException("second");

    Closing.after(
        first,
        () -> {
          throw second;
        });
    Closing.after(first, () -> closed.add("a"));

    assertThat(first.getSuppressed()).containsExactly(second);
    assertThat(closed).containsExactly("a");
  }

  @Test
  void anInterruptInClosingIsKept() {
    Closing.after(
        new IllegalStateException(),
        () -> {
          throw new InterruptedException();
        });
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void allAreClosedWhateverFails() {
    assertThatThrownBy(() -> Closing.all(List.of("a", "b", "c"), this::close))
        .hasMessage("a")
        .satisfies(e ->
            assertThat(e.getSuppressed()).extracting(Throwable::getMessage).containsExactly("b"));
    assertThat(closed).containsExactly("a", "b", "c");
    Closing.all(List.of("c"), this::close);
  }

  private void close(String name) {
    closed.add(name);
    if (!name.equals("c")) {
      throw new IllegalStateException(name);
    }
  }
}
