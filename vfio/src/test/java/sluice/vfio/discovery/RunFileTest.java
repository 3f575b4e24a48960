package sluice.vfio.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is remembered is believed only where nobody else can have put it. */
@Timeout(60)
class RunFileTest {
  private static final String DRIVE = "0000:01:00.0";

  @TempDir private Path root;
  private RunFile file;
  private Path path;

  @BeforeEach
  void make() {
    file = new RunFile(new FakeHost(root).drive(DRIVE), RunFile.DRIVERS);
    path = root.resolve("run/sluice/drivers").resolve(DRIVE);
  }

  private static void mode(Path path, String mode) throws IOException {
    Path _ = Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void aLineIsKeptUntilItIsRemoved() throws IOException {
    assertThat(file.text()).isEmpty();
    file.write("nvme");
    file.write("other");
    assertThat(file.text()).hasValue("other");
    assertThat(Host.entries(path.getParent())).containsExactly(path);
    assertThat(mode(path)).isEqualTo("rw-r--r--");
    assertThat(mode(path.getParent())).isEqualTo("rwxr-xr-x");
    file.delete();
    file.delete();
    assertThat(file.text()).isEmpty();
  }

  @Test
  void noLinkIsBelievedOrWrittenThrough() throws IOException {
    file.write("nvme");
    Path others = Files.writeString(root.resolve("others"), "precious");
    Files.delete(path);
    Path _ = Files.createSymbolicLink(path, others);
    Path _ = Files.createSymbolicLink(path.resolveSibling(DRIVE + ".new"), others);
    assertThat(file.text()).isEmpty();
    file.write("nvme");
    assertThat(others).hasContent("precious");
    assertThat(Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)).isTrue();
  }

  @Test
  void aFolderThatIsALinkIsRefused() throws IOException {
    Path elsewhere = Files.createDirectories(root.resolve("elsewhere/drivers")).getParent();
    Path _ = Files.createDirectories(root.resolve("run"));
    Path _ = Files.createSymbolicLink(root.resolve("run/sluice"), elsewhere);
    Files.writeString(elsewhere.resolve("drivers").resolve(DRIVE), "evil");
    assertThat(file.text()).isEmpty();
    assertThatThrownBy(() -> file.write("nvme"))
        .isInstanceOf(IOException.class)
        .hasMessage(root + "/run/sluice: it is not a folder of root's alone; remove it");
    assertThat(elsewhere.resolve("drivers").resolve(DRIVE)).hasContent("evil");
  }

  @Test
  void whatOthersMayWriteIsNotBelieved() throws IOException {
    file.write("nvme");
    mode(path, "rw-rw-rw-");
    assertThat(file.text()).isEmpty();
    mode(path, "rw-r--r--");
    mode(path.getParent(), "rwxrwxrwx");
    assertThat(file.text()).isEmpty();
    assertThatThrownBy(() -> file.write("nvme")).hasMessageEndingWith("alone; remove it");
    mode(path.getParent(), "rwxr-xr-x");
    assertThat(file.text()).hasValue("nvme");
  }

  @Test
  void aPipeIsNotWaitedForAndALargeFileIsNotRead() throws Exception {
    file.write("nvme");
    Files.delete(path);
    assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor()).isZero();
    assertThat(file.text()).isEmpty();
    file.write("nvme");
    assertThat(file.text()).hasValue("nvme");
    try (RandomAccessFile sparse = new RandomAccessFile(path.toFile(), "rw")) {
      sparse.setLength(1L << 40);
    }
    assertThat(file.text()).isEmpty();
  }

  @Test
  void aFolderInTheFilesPlaceIsTold() throws IOException {
    Path _ = Files.createDirectories(path.resolve("more"));
    assertThat(file.text()).isEmpty();
    assertThatThrownBy(() -> file.write("nvme")).isInstanceOf(IOException.class);
    file.delete();
  }
}
