package sluice.qemu.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.qemu.QemuException;

/** The QEMU that has vfio-user, whatever this system's own is. */
@Tag("guest")
class NewQemuTest {
  @TempDir Path directory;

  @Test
  void startsWithItsOwnLibraries() {
    String version =
        String.join(
            "\n",
            Tool.run(
                Path.of("/"),
                Duration.ofSeconds(30),
                List.of(NewQemu.binary().toString(), "--version")));
    assertThat(version).contains("QEMU emulator version 11.");
  }

  @Test
  void aTargetHasToListenWhenTheGuestIsBooted() {
    Path socket = directory.resolve("no, body");
    GuestMachine machine = new GuestMachine().target(socket);
    assertThatThrownBy(() -> Guest.boot(machine))
        .isInstanceOf(QemuException.class)
        .hasMessageContaining("Failed to connect to '" + socket + "': No such file or directory");
  }
}
