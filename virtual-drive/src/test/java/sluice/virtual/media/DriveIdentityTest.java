package sluice.virtual.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.nvme.DriveAddress;
import sluice.virtual.VirtualDriveProvider;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.pci.VirtualDrive;

/** No two drives are the same to a host, and one stays the same. */
class DriveIdentityTest {
  private static final String UUID_TEXT = "f81d4fae-7dec-41d0-a765-00a0c91e6bf6";

  @TempDir Path folder;
  private Path image;

  @BeforeEach
  void name() {
    image = folder.resolve("d.img");
  }

  private static DriveIdentity identity(String address) {
    try (VirtualDrive drive =
        VirtualDriveProvider.drive(DriveAddress.parse(address), System::nanoTime)) {
      return drive.identity();
    }
  }

  private DriveIdentity made() {
    return identity("virtual:" + image + "?size=1M");
  }

  private static DriveIdentity of(Path path) {
    return identity("virtual:" + path);
  }

  private UserDefinedFileAttributeView attributes() {
    return Files.getFileAttributeView(image, UserDefinedFileAttributeView.class);
  }

  @Test
  void noTwoMemoryDrivesAreTheSame() {
    Set<Object> seen = new HashSet<>();
    for (String address : new String[] {"memory?size=1M", "memory?size=1M", "null?size=1M"}) {
      DriveIdentity identity = identity("virtual:" + address);
      seen.addAll(Set.of(identity.uuid(), identity.serial(), identity.nqn()));
    }
    assertThat(seen).hasSize(9);
    assertThat(new DriveSettings().identity()).isNotEqualTo(new DriveSettings().identity());
  }

  @Test
  void anImageKeepsItsIdentityWhenItIsMoved() throws IOException {
    DriveIdentity first = made();
    assertThat(of(image)).isEqualTo(first);
    Path moved = Files.move(image, folder.resolve("moved.img"));
    assertThat(of(moved)).isEqualTo(first);
    assertThat(made()).as("another in its place").isNotEqualTo(first);
  }

  @Test
  void aCopyIsAnotherDriveUnlessTheAttributesAreCopiedToo() throws IOException {
    DriveIdentity first = made();
    Path copy = Files.copy(image, folder.resolve("copy.img"));
    assertThat(of(copy)).isNotEqualTo(first);
    assertThat(attributes().list()).as("what cp -a copies").containsExactly("sluice.uuid");
  }

  @Test
  void nothingIsAddedToTheFileItself() throws IOException {
    DriveIdentity _ = made();
    assertThat(Files.readAllBytes(image)).isEqualTo(new byte[1 << 20]);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(image);
    }
  }

  @Test
  void whatIsGivenFirstIsKeptAndLaterCountsForOnce() {
    String first = "virtual:" + image + "?size=1M&serial=S-1&uuid=" + UUID_TEXT;
    DriveIdentity identity = identity(first);
    assertThat(identity.serial()).isEqualTo("S-1");
    assertThat(identity.uuid()).hasToString(UUID_TEXT);
    assertThat(identity.nqn()).isEqualTo("nqn.2014-08.org.nvmexpress:uuid:" + UUID_TEXT);
    assertThat(of(image)).isEqualTo(identity);
    DriveIdentity other = identity("virtual:" + image + "?serial=S-2&nqn=nqn.2026-01.test:d");
    assertThat(other).isEqualTo(new DriveIdentity(identity.uuid(), "S-2", "nqn.2026-01.test:d"));
    assertThat(of(image).serial()).isEqualTo("S-1");
    assertThat(of(image).nqn()).as("not given before").isEqualTo("nqn.2026-01.test:d");
  }

  @Test
  void anImageWithoutAnIdentityGetsOneThatStays() throws IOException {
    DriveIdentity first = made();
    attributes().delete("sluice.uuid");
    assertThat(identity("virtual:" + image + "?access=read")).isNotEqualTo(of(image));
    assertThat(of(image)).isNotEqualTo(first).isEqualTo(of(image));
    assertThat(identity("virtual:" + image + "?access=read")).isEqualTo(of(image));
  }

  @Test
  void whereThereAreNoAttributesItIsBesideTheImage() throws IOException {
    DriveIdentity first = made();
    attributes().delete("sluice.uuid");
    Files.writeString(folder.resolve("d.img.identity"), "# kept\nuuid=" + UUID_TEXT + "\n");
    assertThat(of(image).uuid()).hasToString(UUID_TEXT);
    attributes().write("sluice.uuid", StandardCharsets.US_ASCII.encode(first.uuid().toString()));
    assertThat(of(image)).as("attributes come first").isEqualTo(first);
    Files.delete(image);
    assertThat(made().uuid())
        .as("a new image has not the old one's")
        .isNotEqualTo(UUID.fromString(UUID_TEXT));
  }

  @Test
  void whatIsKeptIsNotBelieved() throws IOException {
    DriveIdentity _ = made();
    attributes().write("sluice.uuid", ByteBuffer.wrap(new byte[] {'x', 27, '1'}));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(image))
        .withMessage(
            "the identity that is kept with "
                + image
                + " is no good: uuid=x?1: must be written as "
                + UUID_TEXT);
    assertThat(identity("virtual:" + image + "?uuid=" + UUID_TEXT).uuid()).hasToString(UUID_TEXT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "uuid=1-2-3-4-5 | uuid=1-2-3-4-5: must be written as " + UUID_TEXT,
        "serial= | serial=: must be 1 to 20 characters of ASCII",
        "serial=123456789012345678901 | serial=123456789012345678901: must be 1 to 20 characters of"
            + " ASCII",
        "serial=a%0Ab | serial=a?b: must be 1 to 20 characters of ASCII",
        "nqn=iqn.x | nqn=iqn.x: must be nqn. and more, at most 223 characters of ASCII",
      })
  void partsThatCannotBe(String option, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> identity("virtual:" + image + "?size=1M&" + option))
        .withMessage(message);
    assertThat(Files.exists(image)).isFalse();
  }

  @Test
  void namespacesHaveIdentifiersThatBelongTogether() {
    DriveIdentity identity = DriveIdentity.of(UUID.fromString(UUID_TEXT));
    assertThat(identity.serial()).isEqualTo("VF81D4FAE7DEC41D0");
    assertThat(identity.nguid(1)).isNotEqualTo(identity.nguid(2)).hasSize(16);
    assertThat(Arrays.copyOfRange(identity.nguid(1), 8, 16)).isEqualTo(identity.eui64(1));
    assertThat(identity.eui64(1)[0] & 3).as("locally assigned, of one device").isEqualTo(2);
    assertThat(identity.controllerId()).isBetween(1, 0xffef);
    assertThat(DriveIdentity.of(new UUID(-1, -1)).controllerId()).isBetween(1, 0xffef);
  }
}
