package sluice.support.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EntranceTest {
  private static final int EMFILE = 24;

  private final List<String> log = new ArrayList<>();
  private long now;
  private boolean isFull = true;
  private int tries;
  private final Entrance<LocalSocket> entrance = new Entrance<>(this::accept, () -> now, log::add);

  private LocalSocket accept() {
    tries++;
    if (isFull) {
      throw new LinuxException("accept4", "fd 5", EMFILE, "Too many open files");
    }
    return null;
  }

  @Test
  void aRefusedClientIsLeftForASecondAndToldOnce() {
    for (int i = 0; i < 3; i++) {
      assertThat(entrance.isOpen()).isTrue();
      assertThat(entrance.take()).isNull();
      now += 999_999_999;
      assertThat(entrance.isOpen()).isFalse();
      now++;
    }
    assertThat(tries).isEqualTo(3);
    assertThat(log)
        .containsExactly(
            "a client could not be let in, and is tried again: accept4(fd 5): Too many open files"
                + " (errno 24)");
  }

  @Test
  void itIsToldAgainAfterSomebodyWasLetIn() {
    assertThat(entrance.take()).isNull();
    isFull = false;
    assertThat(entrance.take()).isNull();
    isFull = true;
    assertThat(entrance.take()).isNull();
    assertThat(log).hasSize(2);
  }

  @Test
  void whenDescriptorsAreGivenBackThereIsALookAtOnce() {
    assertThat(entrance.take()).isNull();
    assertThat(entrance.isOpen()).isFalse();
    entrance.open();
    assertThat(entrance.isOpen()).isTrue();
  }
}
