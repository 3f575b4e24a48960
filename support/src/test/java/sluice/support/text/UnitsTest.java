package sluice.support.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1",
    "4096, 4096",
    "512B, 512",
    "1K, 1024",
    "128K, 131072",
    "128k, 131072",
    "128KiB, 131072",
    "128 KiB, 131072",
    "128kB, 128000",
    "128KB, 128000",
    "1.5GiB, 1610612736",
    "1.5G, 1610612736",
    "2g, 2147483648",
    ".5M, 524288",
    "400MB, 400000000",
    "1.1K, 1126",
    "4T, 4398046511104",
    "64Mi, 67108864",
    "0x4000000, 67108864",
    "0x10K, 16384",
    "6e7, 60000000",
    "1.5e3, 1500",
    "'64M ', 67108864",
    "1TB, 1000000000000",
    "2P, 2251799813685248",
    "7E, 8070450532247928832",
    "9EB, 9000000000000000000",
    "9223372036854775807, 9223372036854775807",
    "000000000000000000000000000001, 1",
  })
  void sizes(String text, long bytes) {
    assertThat(Units.parseSize(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({
    "400MB/s, 400000000",
    "400MB, 400000000",
    "400 MB/s, 400000000",
    "64K/s, 65536",
    "64KiB/s, 65536",
    "1B/s, 1",
    "17/s, 17",
    "3.2Gbit/s, 400000000",
    "3.2Gbps, 400000000",
    "3.2Gbit, 400000000",
    "8bit/s, 1",
    "100kbit/s, 12500",
    "1Kibit/s, 128",
    "1Gibit/s, 134217728",
  })
  void rates(String text, long bytesPerSecond) {
    assertThat(Units.parseRate(text)).isEqualTo(bytesPerSecond);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0ms, 0",
    "7ns, 7",
    "10us, 10000",
    "10µs, 10000",
    "50ms, 50000000",
    "50 ms, 50000000",
    "0.5ms, 500000",
    "2s, 2000000000",
    "1.5s, 1500000000",
    "5min, 300000000000",
    "5m, 300000000000",
    "1h, 3600000000000",
  })
  void durations(String text, long nanos) {
    assertThat(Units.parseDuration(text)).isEqualTo(nanos);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "K",
        "1X",
        "1KK",
        "1KiBB",
        "1,5G",
        "1.G",
        "--1",
        "1/s",
        "1  K",
        "1bit",
        "NaN",
        "1000000000000000000000000000000000000"
      })
  void nonsenseIsNotASize(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Units.parseSize(text))
        .withMessage("bad size \"" + text + "\": write a size as 4096, 128K, 1.5GiB or 400MB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "fast", "1MB/m", "MB/s", "1qbit/s", "1//s", "1iBit/s"})
  void nonsenseIsNotARate(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Units.parseRate(text))
        .withMessage("bad rate \"" + text + "\": write a rate as 400MB/s, 128K/s or 3.2Gbit/s");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "5x", "ms", "5MS", "1d"})
  void nonsenseIsNotADuration(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Units.parseDuration(text))
        .withMessage(
            "bad duration \"" + text + "\": write a duration as 50ms, 2s, 10us, 5min or 1h");
  }

  @Test
  void whatCannotBeMeantIsRefusedWithItsReason() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Units.parseSize("-5K"))
        .withMessage("bad size \"-5K\": it cannot be negative");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Units.parseSize("8E"))
        .withMessage("bad size \"8E\": it is too large");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Units.parseSize("0.5"))
        .withMessage("bad size \"0.5\": there is no part of a byte");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Units.parseSize("4096.5"))
        .withMessage("bad size \"4096.5\": there is no part of a byte");
    assertThat(Units.parseSize("4096.0")).isEqualTo(4096);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Units.parseRate("100Mb/s"))
        .withMessage("bad rate \"100Mb/s\": a small b could be a bit or a byte, write B or bit");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Units.parseRate("0MB/s"))
        .withMessage("bad rate \"0MB/s\": it must be more than 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Units.parseRate("1bit/s"))
        .withMessage("bad rate \"1bit/s\": it is less than one");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Units.parseDuration("-1s"))
        .withMessage("bad duration \"-1s\": it cannot be negative");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Units.parseDuration("99999999h"))
        .withMessage("bad duration \"99999999h\": it is too large");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1 KiB",
    "1536, 1.5 KiB",
    "131072, 128 KiB",
    "1048575, 1 MiB",
    "1610612736, 1.5 GiB",
    "300000000, 286.1 MiB",
    "9223372036854775807, 8 EiB",
  })
  void formattedSizes(long bytes, String text) {
    assertThat(Units.formatSize(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B/s",
    "12, 12 B/s",
    "1000, 1 kB/s",
    "400000000, 400 MB/s",
    "399995000, 400 MB/s",
    "1234567890, 1.23 GB/s",
  })
  void formattedRates(double rate, String text) {
    assertThat(Units.formatRate(rate)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 ns",
    "999, 999 ns",
    "50000000, 50 ms",
    "1500, 1.5 us",
    "999999999, 1 s",
    "90000000000, 90 s",
  })
  void formattedDurations(long nanos, String text) {
    assertThat(Units.formatDuration(nanos)).isEqualTo(text);
  }

  @Test
  void whatIsFormattedCanBeParsedAgain() {
    for (long size : new long[] {0, 1, 512, 4096, 1536L << 20, 3L << 40}) {
      assertThat(Units.parseSize(Units.formatSize(size))).isEqualTo(size);
    }
    assertThat(Units.parseRate(Units.formatRate(400e6))).isEqualTo(400_000_000);
    assertThat(Units.parseDuration(Units.formatDuration(50_000_000))).isEqualTo(50_000_000);
  }
}
