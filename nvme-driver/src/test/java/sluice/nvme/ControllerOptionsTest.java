package sluice.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControllerOptionsTest {
  private static final ControllerOptions DEFAULTS = ControllerOptions.defaults();

  @ParameterizedTest
  @ValueSource(ints = {4096, 1 << 20, 32 << 20})
  void takesTransfersThatACommandCanName(int bytes) {
    assertThat(DEFAULTS.withMaxTransferBytes(bytes).maxTransferBytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {-4096, 0, 512, 4097, (32 << 20) + 4096, Integer.MIN_VALUE})
  void refusesOthers(int bytes) {
    assertThatThrownBy(() -> DEFAULTS.withMaxTransferBytes(bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a largest transfer is a multiple of 4096 up to 33554432, not " + bytes);
  }

  @Test
  void adminCommandsHaveAMinuteAndAtLeastTheTimeOfIo() {
    Duration minute = Duration.ofMinutes(1);
    assertThat(DEFAULTS.adminTimeout()).isEqualTo(minute);
    assertThat(DEFAULTS.withIoTimeout(Duration.ofSeconds(1)).adminTimeout()).isEqualTo(minute);
    Duration patient = Duration.ofMinutes(2);
    assertThat(DEFAULTS.withIoTimeout(patient).adminTimeout()).isEqualTo(patient);
  }

  @Test
  void refusesTimeoutsThatWaitForNothing() {
    for (Duration timeout : new Duration[] {Duration.ZERO, Duration.ofSeconds(-1)}) {
      assertThatThrownBy(() -> DEFAULTS.withAdminTimeout(timeout))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("admin timeout is more than 0");
      assertThatThrownBy(() -> DEFAULTS.withIoTimeout(timeout))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("I/O timeout is more than 0");
    }
  }
}
