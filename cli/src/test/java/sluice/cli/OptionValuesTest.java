package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;
import sluice.recorder.write.FlushPolicy;

class OptionValuesTest {
  private static final long NEVER = Long.MAX_VALUE;

  private static FlushPolicy durable(String text) {
    return new DurablePolicy().convert(text);
  }

  @Test
  void readsWhenToBeDurable() {
    assertThat(durable("end")).isEqualTo(new FlushPolicy(NEVER, NEVER, false));
    assertThat(durable("always")).isEqualTo(FlushPolicy.always());
    assertThat(durable("every=1s")).isEqualTo(new FlushPolicy(NEVER, 1_000_000_000, false));
    assertThat(durable("every=64M")).isEqualTo(new FlushPolicy(64 << 20, NEVER, false));
    assertThat(durable("64MiB")).isEqualTo(new FlushPolicy(64 << 20, NEVER, false));
    assertThat(durable("every=2min,1G"))
        .isEqualTo(new FlushPolicy(1 << 30, 120_000_000_000L, false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "every=", "every=5m", "never", "every=0s", "0", "every=-1s", "1s,,"})
  void refusesWhatIsNoTimeToBeDurable(String text) {
    assertThatThrownBy(() -> durable(text)).isInstanceOf(TypeConversionException.class);
  }

  @Test
  void readsThePaceOfPlayback() {
    PlayPace.Converter converter = new PlayPace.Converter();
    assertThat(converter.convert("original")).isEqualTo(new PlayPace(1, 0));
    assertThat(converter.convert("0.5x")).isEqualTo(new PlayPace(0.5, 0));
    assertThat(converter.convert("100MB/s")).isEqualTo(new PlayPace(0, 100_000_000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "0x", "-1x", "NaNx", "fast", "0", "9000TB/s", "1e9x"})
  void refusesWhatIsNoPace(String text) {
    assertThatThrownBy(() -> new PlayPace.Converter().convert(text))
        .isInstanceOf(TypeConversionException.class);
  }

  @Test
  void aLongListOfGapsIsCutButCounted() {
    GapList gaps = new GapList();
    for (int i = 0; i < 25; i++) {
      gaps.add(i * 100L, 10, i == 0);
    }
    assertThat(gaps.count()).isEqualTo(25);
    assertThat(gaps.bytes()).isEqualTo(250);
    assertThat(gaps.lines())
        .hasSize(21)
        .startsWith(
            "gap: about 10 bytes lost at stream offset 0",
            "gap: 10 bytes lost at stream offset 100")
        .endsWith("and 5 more gaps; --list-gaps lists all");
  }
}
