package sluice.qemu.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import sluice.qemu.QemuException;

/** What is said, and what is left behind, when a guest panics, hangs or ends. */
@Timeout(120)
@Isolated("looks at all that is left of a guest")
@Order(Integer.MAX_VALUE)
@Tag("guest")
class GuestFailureTest {
  @AfterEach
  void nothingIsLeftBehind() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      String mine = "sluice-guest-" + ProcessHandle.current().pid() + "-";
      assertThat(files.filter(file -> file.getFileName().toString().startsWith(mine))).isEmpty();
    }
    assertThat(
            ProcessHandle.current()
                .children()
                .filter(child -> child.info().command().orElse("").contains("qemu")))
        .isEmpty();
  }

  @Test
  void aPanicIsToldAtOnce() {
    try (Guest guest = Guest.boot(machine())) {
      // A deadline that the test's own timeout would come before.
      assertThatThrownBy(() ->
              guest.run(
                  "echo almost; usleep 300000; echo c >/proc/sysrq-trigger", Duration.ofHours(1)))
          .isInstanceOf(QemuException.class)
          .hasMessageContaining("the guest ended")
          .hasMessageContaining("almost")
          .hasMessageContaining("Kernel panic - not syncing: sysrq triggered crash");
      assertThatThrownBy(() -> guest.run("true"))
          .isInstanceOf(QemuException.class)
          .hasMessageContaining("the guest ended");
    }
  }

  @Test
  void aPanicAtBootIsToldAtOnce() {
    GuestMachine machine = machine().kernelArgument("rdinit=/nowhere");
    assertThatThrownBy(() -> Guest.boot(machine.bootDeadline(Duration.ofHours(1))))
        .isInstanceOf(QemuException.class)
        .hasMessageStartingWith("boot: the guest ended")
        .hasMessageContaining("Kernel panic");
  }

  @Test
  void aGuestThatHangsFailsWithItsConsole() {
    try (Guest guest = Guest.boot(machine().grace(Duration.ofSeconds(1)))) {
      guest.check("echo last words >/dev/console");
      Object _ = guest.qmp().execute("stop");
      assertThatThrownBy(() -> guest.run("true", Duration.ofSeconds(1)))
          .isInstanceOf(QemuException.class)
          .hasMessageContaining("true: the guest did not answer within 2 s")
          .hasMessageContaining("last words");
    }
  }

  @Test
  void aGuestThatDoesNotBootInTimeFails() {
    assertThatThrownBy(() -> Guest.boot(machine().bootDeadline(Duration.ofMillis(300))))
        .isInstanceOf(QemuException.class)
        .hasMessageContaining("boot: the guest did not answer within ");
  }

  @Test
  void qemusWordsAreGiven() {
    assertThatThrownBy(() -> Guest.boot(machine().qemuArguments("-device", "nothing")))
        .isInstanceOf(QemuException.class)
        .hasMessageContaining("QEMU ended with 1: ")
        .hasMessageContaining("'nothing' is not a valid device model name");
    assertThatThrownBy(() -> Guest.boot(machine().binary("qemu-system-nowhere")))
        .isInstanceOf(QemuException.class)
        .hasMessage("there is no qemu-system-nowhere: install Debian's qemu-system-x86");
    assertThatThrownBy(() -> Guest.boot(machine().module("nothing")))
        .isInstanceOf(QemuException.class)
        .hasMessage("the kernel stock has no module nothing");
  }

  private static GuestMachine machine() {
    return new GuestMachine();
  }
}
