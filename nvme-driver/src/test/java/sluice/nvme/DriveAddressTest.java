package sluice.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DriveAddressTest {
  @Test
  void readsSchemePathAndOptions() {
    DriveAddress address = DriveAddress.parse("virtual:a/disk.img?size=4G&shadow&name=a%26b+c");
    assertThat(address.scheme()).isEqualTo("virtual");
    assertThat(address.path()).isEqualTo("a/disk.img");
    assertThat(address.options())
        .containsExactly(
            Map.entry("size", "4G"), Map.entry("shadow", ""), Map.entry("name", "a&b+c"));
  }

  @Test
  void leavesColonsToThePath() {
    assertThat(DriveAddress.parse("pci:0000:01:00.0").path()).isEqualTo("0000:01:00.0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"pci:0000:01:00.0", "virtual:d.img?size=4G&lba=4096&name=a%26b", "virtual:"})
  void writesWhatItRead(String text) {
    assertThat(DriveAddress.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "disk.img", ":x", "Virtual:x", "../virtual:x", "/dev/nvme0n1"})
  void refusesWhatIsNoAddress(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DriveAddress.parse(text))
        .withMessageContaining("'" + text + "' is not a drive's address");
  }

  @Test
  void refusesAnOptionGivenTwiceOrWithoutName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DriveAddress.parse("virtual:d?size=1G&size=2G"))
        .withMessageContaining("gives the option size twice");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DriveAddress.parse("virtual:d?=1G"))
        .withMessageContaining("an option without a name");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DriveAddress.parse("virtual:d?size=%zz"))
        .withMessageContaining("percent-encoded");
  }

  @Test
  void takesAPercentage() {
    assertThat(DriveAddress.parse("virtual:d?jitter=20%&seed=1").options())
        .containsEntry("jitter", "20%")
        .containsEntry("seed", "1");
    String again = DriveAddress.parse("virtual:d?jitter=20%").toString();
    assertThat(DriveAddress.parse(again).options()).containsEntry("jitter", "20%");
  }

  @Test
  void addsAnOption() {
    assertThat(DriveAddress.parse("virtual:d?lba=512").with("lba", "4096").with("size", "1G"))
        .hasToString("virtual:d?lba=4096&size=1G");
  }

  @Test
  void namesTheFirstUnknownOption() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> DriveAddress.parse("virtual:d?szie=1G").requireOptionsIn(Set.of("size", "lba")))
        .withMessage("a virtual drive has no option 'szie'; it has lba, size");
  }

  @Test
  void saysWhichSchemesAreKnown() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Drives.open("floppy:a"))
        .withMessageContaining("no drives of the scheme 'floppy' are known");
  }

  @Test
  void aPathCanHaveAQuestionMark() {
    DriveAddress address = DriveAddress.parse("virtual:q%3Fx%3f?size=1G");
    assertThat(address.path()).isEqualTo("q?x?");
    assertThat(address.options()).containsOnlyKeys("size");
    assertThat(address).hasToString("virtual:q%3Fx%3F?size=1G");
    for (String path : new String[] {"a?b", "a%3Fb", "a%25b", "50%", "%41", "%253F", "?%3f%"}) {
      DriveAddress odd = new DriveAddress("virtual", path, Map.of());
      assertThat(DriveAddress.parse(odd.toString())).as(odd.toString()).isEqualTo(odd);
    }
    assertThat(DriveAddress.parse("virtual:%41+50%").path()).as("all else").isEqualTo("%41+50%");
  }
}
