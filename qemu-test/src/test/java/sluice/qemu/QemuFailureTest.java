package sluice.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import sluice.vfio.DmaMemory;
import sluice.vfio.PciFunction;

/** What is said, and what is left behind, when QEMU does not start, dies or hangs. */
@Isolated("looks at all that is left of QEMU")
@Order(Integer.MAX_VALUE)
class QemuFailureTest {
  @AfterEach
  void nothingIsLeftBehind() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      String mine = "sluice-qemu-" + ProcessHandle.current().pid() + "-";
      assertThat(files.filter(file -> file.getFileName().toString().startsWith(mine))).isEmpty();
    }
    assertThat(
            ProcessHandle.current()
                .children()
                .filter(child -> child.info().command().orElse("").contains("qemu")))
        .isEmpty();
  }

  @Test
  void saysWhatToInstallWhenQemuIsMissing() {
    assertThatThrownBy(() -> QemuMachine.start(new QemuDrive().binary("qemu-system-nowhere")))
        .isInstanceOf(QemuException.class)
        .hasMessage("there is no qemu-system-nowhere: install Debian's qemu-system-x86");
    assertThatThrownBy(() -> QemuMachine.start(new QemuDrive().binary("/nowhere/qemu")))
        .isInstanceOf(QemuException.class)
        .hasMessage("there is no /nowhere/qemu: install Debian's qemu-system-x86");
  }

  @Test
  void givesQemusWordsForAnUnknownProperty() {
    assertThatThrownBy(() -> QemuMachine.start(new QemuDrive().property("colour", "red")))
        .isInstanceOf(QemuException.class)
        .hasMessageStartingWith("QEMU ended with 1: ")
        .hasMessageContaining("Property 'nvme.colour' not found");
  }

  @Test
  void givesQemusWordsForAValueThatIsRefused() {
    assertThatThrownBy(() -> QemuMachine.start(new QemuDrive().ioQueuePairs(0)))
        .isInstanceOf(QemuException.class)
        .hasMessageContaining("max_ioqpairs must be between 1 and");
    assertThatThrownBy(() -> QemuMachine.start(new QemuDrive().lba(1000)))
        .isInstanceOf(QemuException.class)
        .hasMessageContaining("logical_block_size");
  }

  @Test
  void givesQemusWordsForAnImageThatIsNotThere() {
    Path image = Path.of("/nowhere/drive.img");
    assertThatThrownBy(() -> QemuMachine.start(new QemuDrive().first(ns -> ns.image(image))))
        .isInstanceOf(QemuException.class)
        .hasMessageContaining("Could not open '/nowhere/drive.img': No such file or directory");
  }

  @Test
  void refusesSizesThatAreNone() {
    assertThatThrownBy(() -> QemuMachine.start(new QemuDrive().memory("3G")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot have 3221225472 bytes of memory");
    assertThatThrownBy(() -> new QemuDrive().size("large"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("large");
  }

  @Test
  void saysThatQemuWasKilled() {
    try (QemuMachine machine = QemuMachine.start(new QemuDrive())) {
      PciFunction drive = machine.open();
      DmaMemory page = drive.dma().allocate(4096);
      assertThat(ProcessHandle.of(machine.pid()).orElseThrow().destroyForcibly()).isTrue();

      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> drive.bar(0).read32(HandDriver.VS))
            .isInstanceOf(QemuException.class)
            .hasMessage("QEMU was ended by signal 9");
      }
      assertThatThrownBy(() -> drive.config().enableBusMaster()).isInstanceOf(QemuException.class);
      assertThatThrownBy(() -> machine.qmp().execute("query-status"))
          .isInstanceOf(QemuException.class)
          .hasMessage("QEMU was ended by signal 9");
      assertThat(drive.isPresent()).isFalse();
      assertThat(page.segment().get(ValueLayout.JAVA_BYTE, 0)).isZero();
      drive.close();
    }
  }

  @Test
  void saysThatQemuHangs() throws Exception {
    QemuDrive description = new QemuDrive().deadline(Duration.ofSeconds(3));
    try (QemuMachine machine = QemuMachine.start(description)) {
      PciFunction drive = machine.open();
      signal(machine.pid(), "STOP");

      assertThatThrownBy(() -> drive.bar(0).read32(HandDriver.VS))
          .isInstanceOf(QemuException.class)
          .hasMessage("QEMU did not answer within 3000 ms");

      signal(machine.pid(), "CONT");
      assertThatThrownBy(() -> drive.bar(0).read32(HandDriver.VS))
          .as("a late answer is nobody's")
          .isInstanceOf(QemuException.class)
          .hasMessage("QEMU did not answer within 3000 ms");
    }
  }

  @Test
  void givesTheMonitorsWords() {
    try (QemuMachine machine = QemuMachine.start(new QemuDrive())) {
      assertThatThrownBy(() -> machine.qmp().execute("device_del", Map.of("id", "nobody")))
          .isInstanceOf(QemuException.class)
          .hasMessage("QEMU refused device_del: Device 'nobody' not found");
      Map<?, ?> status = (Map<?, ?>) machine.qmp().execute("query-status");
      assertThat(status.get("status")).isEqualTo("running");
      List<?> schema = (List<?>) machine.qmp().execute("query-qmp-schema");
      assertThat(schema.size()).as("a line of many buffers").isGreaterThan(500);
    }
  }

  @Test
  void leavesANamespacesImageThatWasGiven(@TempDir Path directory) throws IOException {
    Path image = Files.write(directory.resolve("a,b=c.img"), new byte[1 << 20]);
    try (QemuMachine machine = QemuMachine.start(new QemuDrive().first(ns -> ns.image(image)))) {
      assertThat(machine.image(1)).isEqualTo(image);
      assertThat(machine.open().isPresent()).isTrue();
    }
    assertThat(image).hasSize(1 << 20);
  }

  @Test
  void qemuEndsWithAJvmThatIsKilled() throws Exception {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                StartAndWait.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader says = jvm.inputReader()) {
      long pid = Long.parseLong(says.readLine());
      Path directory = Path.of(says.readLine());
      ProcessHandle qemu = ProcessHandle.of(pid).orElseThrow();

      jvm.destroyForcibly();

      var _ = qemu.onExit().get(20, TimeUnit.SECONDS);
      assertThat(qemu.isAlive()).isFalse();
      delete(directory);
    } finally {
      jvm.destroyForcibly();
    }
  }

  /** A process that starts QEMU and tells its id and its directory. */
  static final class StartAndWait {
    private StartAndWait() {}

    public static void main(String[] arguments) throws IOException {
      QemuMachine machine = QemuMachine.start(new QemuDrive());
      System.out.println(machine.pid());
      System.out.println(machine.image(1).getParent());
      int _ = System.in.read();
      machine.close();
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  private static void signal(long pid, String name) throws Exception {
    Process kill = new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid).start();
    assertThat(kill.waitFor()).isZero();
  }
}
