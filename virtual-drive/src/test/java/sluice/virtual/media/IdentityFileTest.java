package sluice.virtual.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.nvme.DriveAddress;
import sluice.virtual.VirtualDriveProvider;
import sluice.virtual.pci.VirtualDrive;

/** What lies beside an image may be anything, put there by anybody. */
@Timeout(60)
class IdentityFileTest {
  private static final Map<String, String> PARTS =
      Map.of("uuid", "f81d4fae-7dec-41d0-a765-00a0c91e6bf6", "serial", "S-1");

  @TempDir Path folder;
  private Path image;
  private Path beside;
  private IdentityFile file;

  @BeforeEach
  void name() throws IOException {
    image = Files.write(folder.resolve("d.img"), new byte[1 << 20]);
    beside = folder.resolve("d.img.identity");
    file = new IdentityFile(image);
  }

  private void refuses(String what) {
    assertThatThrownBy(file::read).isInstanceOf(IOException.class).hasMessage(what);
    for (String access : new String[] {"write", "read"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> open(access).close())
          .withMessage("cannot read the identity that is kept with " + image + ": " + what);
    }
  }

  private VirtualDrive open(String access) {
    String address = "virtual:" + image + (access.equals("read") ? "?access=read" : "");
    return VirtualDriveProvider.drive(DriveAddress.parse(address), System::nanoTime);
  }

  private void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    assertThat(file.read()).isEmpty();
    file.write(PARTS);
    assertThat(file.read()).isEqualTo(PARTS);
    file.write(Map.of("serial", "S-2"));
    assertThat(Files.readString(beside)).isEqualTo("serial=S-2\n");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactlyInAnyOrder(image, beside);
    }
    file.delete();
    file.delete();
    assertThat(file.read()).isEmpty();
  }

  @Test
  void aPipeIsNotWaitedFor() throws Exception {
    run("mkfifo", beside.toString());
    refuses(beside + " is not a regular file; remove it");
  }

  @Test
  void aDeviceWithoutAnEndIsNotRead() throws IOException {
    Path _ = Files.createSymbolicLink(beside, Path.of("/dev/zero"));
    refuses(beside + " is not a regular file; remove it");
  }

  @Test
  void aFolderIsNoIdentity() throws IOException {
    Path _ = Files.createDirectory(beside);
    refuses(beside + " is not a regular file; remove it");
  }

  @Test
  void aFileThatIsTooLargeIsNotTakenIn() throws IOException {
    try (RandomAccessFile sparse = new RandomAccessFile(beside.toFile(), "rw")) {
      sparse.setLength(1L << 40);
    }
    refuses(beside + " has more than 4096 bytes; remove it");
  }

  @Test
  void noLinkIsWrittenThrough() throws IOException {
    Path others = Files.writeString(folder.resolve("others"), "precious");
    Path _ = Files.createSymbolicLink(beside, others);
    Path _ = Files.createSymbolicLink(folder.resolve("d.img.identity.new"), others);
    file.write(PARTS);
    assertThat(others).hasContent("precious");
    assertThat(Files.isRegularFile(beside, LinkOption.NOFOLLOW_LINKS)).isTrue();
    assertThat(file.read()).isEqualTo(PARTS);
  }

  @Test
  void whatIsNoTextIsNoIdentity() throws IOException {
    Files.write(beside, new byte[] {(byte) 0xff, (byte) 0xfe, 0, '=', '\n', '=', 'x'});
    assertThat(file.read()).isEmpty();
    open("write").close();
    assertThat(Files.getFileAttributeView(image, UserDefinedFileAttributeView.class).list())
        .containsExactly("sluice.uuid");
  }

  @Test
  void whatIsKeptTheIdentityRefuses() throws IOException {
    Files.write(beside, "uuid=\u001b[2J\n".getBytes(StandardCharsets.UTF_8));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open("write").close())
        .withMessageStartingWith("the identity that is kept with " + image + " is no good: uuid=?");
  }
}
