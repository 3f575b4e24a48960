package sluice.vfio.kernel;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import sluice.vfio.ConfigSpace;

class KernelFunctionTest {
  /** A configuration space that is the same word all over. */
  private record Words(int word) implements ConfigSpace {
    @Override
    public int read32(int offset) {
      return word;
    }

    @Override
    public void write32(int offset, int value) {
      throw new AssertionError("written");
    }

    @Override
    public void write16(int offset, int value) {
      throw new AssertionError("written");
    }
  }

  @Test
  void aDriveThatDoesNotWakeIsExplained() {
    assertThatThrownBy(() -> KernelFunction.requireAnswer(new Words(-1), "pci:0000:01:00.0"))
        .isInstanceOf(VfioException.class)
        .hasMessage(
            "pci:0000:01:00.0 does not answer; if it was put to sleep while idle and does not wake,"
                + " load the driver with 'modprobe vfio-pci disable_idle_d3=1'");
    assertThatCode(() -> KernelFunction.requireAnswer(new Words(0x00101b36), "pci:0000:01:00.0"))
        .doesNotThrowAnyException();
  }
}
