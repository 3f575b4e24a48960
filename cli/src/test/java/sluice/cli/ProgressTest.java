package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProgressTest {
  @Test
  void anEstimateOfWhatWasLostIsCalledSo() {
    assertThat(Progress.lost(0, 0, 0)).isEqualTo("lost 0 B");
    assertThat(Progress.lost(4096, 0, 0)).isEqualTo("lost 4 KiB");
    assertThat(Progress.lost(4096, 1, 17))
        .isEqualTo("lost about 4 KiB (the kernel dropped 17 datagrams)");
  }
}
