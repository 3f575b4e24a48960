package sluice.vfio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PciAddressTest {
  @ParameterizedTest
  @CsvSource({
    "0000:01:00.0, 0000:01:00.0",
    "01:00.0, 0000:01:00.0",
    "0000:fF:1f.7, 0000:ff:1f.7",
    "10000:e1:00.0, 10000:e1:00.0"
  })
  void readsWhatLinuxWrites(String text, String written) {
    assertThat(PciAddress.parse(text)).hasToString(written);
    assertThat(PciAddress.isAddress(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "0000", "0000:01:00", "0000:01:20.0", "0000:01:00.8", "000:01:00.0", "nvme0"})
  void refusesWhatIsNone(String text) {
    assertThat(PciAddress.isAddress(text)).isFalse();
    assertThatThrownBy(() -> PciAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "'" + text + "' is not the address of a PCI function; one looks like 0000:01:00.0");
  }

  @Test
  void sortsAsTheBusesDo() {
    List<String> sorted =
        Stream.of("10000:00:00.0", "0000:02:00.0", "0000:01:1f.0", "0000:01:00.1", "0000:01:00.0")
            .map(PciAddress::parse)
            .sorted()
            .map(PciAddress::toString)
            .toList();
    assertThat(sorted)
        .containsExactly(
            "0000:01:00.0", "0000:01:00.1", "0000:01:1f.0", "0000:02:00.0", "10000:00:00.0");
  }
}
