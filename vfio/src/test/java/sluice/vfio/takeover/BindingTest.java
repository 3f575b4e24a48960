package sluice.vfio.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.vfio.discovery.FakeHost;
import sluice.vfio.discovery.Host;
import sluice.vfio.discovery.KernelDrive;
import sluice.vfio.discovery.PciDevice;

/**
 * Binding on a machine of files, with a stand-in for what the kernel does when they are written.
 */
class BindingTest {
  private static final String DRIVE = "0000:01:00.0";
  private static final String SYSFS = "sys/devices/pci0000:00/" + DRIVE;

  @TempDir private Path root;
  private FakeHost fake;
  private PciDevice device;
  private Binding binding;
  private final List<String> told = new ArrayList<>();

  /** How many probes find the driver busy. */
  private int busy;

  /** A driver that takes nothing. */
  private String broken = "";

  /** Done once, when so many steps more were done. */
  private Runnable event = () -> {};

  private int stepsToEvent = -1;

  /** Which of this process's files were open when the driver let go. */
  private final List<String> openAtUnbind = new ArrayList<>();

  @BeforeEach
  void make() {
    fake = new FakeHost(root);
    device = fake.drive(DRIVE);
    fake.kernelDrive(DRIVE, "nvme0").group(3, DRIVE);
    fake.directory("sys/bus/pci/drivers/vfio-pci");
    fake.file("sys/bus/pci/drivers/vfio-pci/unbind", "");
    fake.file("sys/bus/pci/drivers_probe", "");
    binding = binding(Duration.ofSeconds(60));
  }

  private Binding binding(Duration deadline) {
    return new Binding(device, this::tell, step -> act(step, "nvme"), deadline);
  }

  private void tell(String line) {
    told.add(line.replace(root + "/", "/"));
  }

  /** Does what Linux does at a step, with a driver for a function that has no override. */
  private void act(Step step, String usual) {
    if (stepsToEvent-- == 0) {
      event.run();
    }
    step.run();
    String override = Host.text(fake.path(SYSFS + "/driver_override")).orElse("(null)");
    String driver = override.equals("(null)") ? usual : override;
    switch (Host.name(step.file())) {
      case "unbind" -> {
        openAtUnbind.addAll(openFiles());
        delete(SYSFS + "/driver");
      }
      case "drivers_probe" -> {
        if (device.driver().isEmpty() && busy-- <= 0 && !driver.equals(broken)) {
          fake.driver(DRIVE, driver);
        }
      }
      default -> assertThat(Host.name(step.file())).isEqualTo("driver_override");
    }
  }

  private static List<String> openFiles() {
    return Host.entries(Path.of("/proc/self/fd")).stream()
        .map(fd -> Host.local().realPath(fd.toString()))
        .toList();
  }

  private void delete(String file) {
    try {
      Files.deleteIfExists(fake.path(file));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void takesAFunctionAndGivesItBack() {
    binding.bind();
    assertThat(device.driver()).hasValue("vfio-pci");
    assertThat(told)
        .containsExactly(
            "echo 0000:01:00.0 > /sys/bus/pci/devices/0000:01:00.0/driver/unbind",
            "echo vfio-pci > /sys/bus/pci/devices/0000:01:00.0/driver_override",
            "echo 0000:01:00.0 > /sys/bus/pci/drivers_probe",
            "echo > /sys/bus/pci/devices/0000:01:00.0/driver_override");
    assertThat(Host.text(fake.path(SYSFS + "/driver_override"))).as("cleared").isEmpty();
    assertThat(binding.previousDriver()).hasValue("nvme");
    assertThat(binding.planBind()).isEmpty();

    told.clear();
    assertThat(binding.unbind(Optional.empty())).isEqualTo("nvme");
    assertThat(told)
        .containsExactly(
            "echo 0000:01:00.0 > /sys/bus/pci/devices/0000:01:00.0/driver/unbind",
            "echo nvme > /sys/bus/pci/devices/0000:01:00.0/driver_override",
            "echo 0000:01:00.0 > /sys/bus/pci/drivers_probe",
            "echo > /sys/bus/pci/devices/0000:01:00.0/driver_override");
    assertThat(binding.previousDriver()).isEmpty();
  }

  @Test
  void aFunctionThatIsBoundAlreadyStaysSo() {
    fake.driver(DRIVE, "vfio-pci");
    binding.bind();
    assertThat(told).isEmpty();
    assertThat(binding.previousDriver()).as("not known, and not made up").isEmpty();
  }

  @Test
  void aFunctionWithoutADriverIsTakenToo() {
    delete(SYSFS + "/driver");
    binding.bind();
    assertThat(device.driver()).hasValue("vfio-pci");
    assertThat(told).hasSize(3);
    assertThat(binding.unbind(Optional.empty()))
        .as("the driver that the kernel chooses")
        .isEqualTo("nvme");
  }

  @Test
  void aDriverThatIsBusyIsAskedAgain() {
    busy = 3;
    binding.bind();
    assertThat(device.driver()).hasValue("vfio-pci");
    assertThat(told).as("a step is told once").hasSize(4);
  }

  @Test
  void aFunctionThatIsNotTakenGoesBackToItsDriver() {
    broken = "vfio-pci";
    binding = binding(Duration.ofMillis(1));
    assertThatThrownBy(binding::bind)
        .isInstanceOf(BindingException.class)
        .hasMessageContaining("was not taken by the driver vfio-pci")
        .hasMessageEndingWith("; it is held by the driver nvme");
    assertThat(device.driver()).hasValue("nvme");
    assertThat(Host.text(fake.path(SYSFS + "/driver_override"))).as("cleared").isEmpty();
    assertThat(binding.previousDriver()).as("there is nothing to give back").isEmpty();
  }

  @Test
  void aFunctionWhoseOldDriverIsGoneGetsOneThatTakesIt() {
    fake.kernelDrive(DRIVE, "nvme0").driver(DRIVE, "other");
    binding.bind();
    broken = "other";
    binding = binding(Duration.ofMillis(1));
    assertThatThrownBy(() -> binding.unbind(Optional.empty()))
        .hasMessageContaining("was not taken by the driver other")
        .hasMessageEndingWith("; it is held by the driver nvme");
    assertThat(Host.text(fake.path(SYSFS + "/driver_override"))).as("cleared").isEmpty();
  }

  @Test
  void aFunctionThatNobodyTakesIsToldOf() {
    busy = Integer.MAX_VALUE;
    binding = binding(Duration.ofMillis(1));
    assertThatThrownBy(binding::bind)
        .hasMessageContaining("; it is without a driver now; try 'echo 0000:01:00.0 > ");
    assertThat(Host.text(fake.path(SYSFS + "/driver_override"))).as("cleared").isEmpty();
    assertThat(binding.previousDriver()).as("for a later try").hasValue("nvme");
  }

  @Test
  void disksAreClaimedWhileTheirDriverLetsGo() {
    fake.disk(DRIVE, "nvme0", "nvme0n1").disk(DRIVE, "nvme0", "nvme0n2");
    delete("dev/nvme0n2");
    binding.bind();
    assertThat(openAtUnbind).contains(root + "/dev/nvme0n1");
    assertThat(openFiles()).doesNotContain(root + "/dev/nvme0n1");
  }

  @Test
  void usersThatThereAreNot() {
    assertThat(VfioFiles.user("root").getName()).isEqualTo("root");
    assertThatThrownBy(() -> VfioFiles.user("nobody-of-this-name"))
        .hasMessage("there is no user 'nobody-of-this-name' on this system");
  }

  @Test
  void aPlanChangesNothing() {
    assertThat(binding.planBind()).hasSize(4);
    assertThat(device.driver()).hasValue("nvme");
    assertThat(told).isEmpty();
  }

  @Test
  void whatCannotBeWrittenIsTold() {
    delete("sys/bus/pci/drivers/nvme/unbind");
    assertThatThrownBy(binding::bind)
        .isInstanceOf(BindingException.class)
        .hasMessageStartingWith("cannot write '0000:01:00.0' to ")
        .hasMessageEndingWith("there is no such file; it is held by the driver nvme");
    assertThat(binding.previousDriver()).isEmpty();
  }

  @Test
  void aDriveInUseIsRefused() {
    List<Obstacle> obstacles =
        List.of(Obstacle.inUse("a is mounted"), Obstacle.inUse("b is swap"), Obstacle.data("c"));
    assertThat(binding.refusal(obstacles, "S-123"))
        .hasValue("0000:01:00.0 is in use: a is mounted; b is swap");
    assertThat(binding.refusal(List.of(), null)).isEmpty();
  }

  @Test
  void aDriveWithDataIsTakenForItsSerialNumber() {
    List<Obstacle> obstacles = List.of(Obstacle.data("a carries an XFS file system"));
    assertThat(binding.refusal(obstacles, null).orElseThrow())
        .startsWith("0000:01:00.0 holds data: a carries an XFS file system; if that may")
        .contains("--serial");
    assertThat(binding.refusal(obstacles, "S-12").orElseThrow())
        .endsWith("; and its serial number is not 'S-12'");
    assertThat(binding.refusal(obstacles, "S-123")).isEmpty();
    assertThat(binding.refusal(obstacles, "")).isPresent();
  }

  @Test
  void aDriveWithoutASerialNumberIsNamedByItsAddressOnceMore() {
    fake.attribute(DRIVE, "nvme/nvme0/serial", "");
    List<Obstacle> obstacles = List.of(Obstacle.data("a holds an XFS file system"));
    assertThat(binding.refusal(obstacles, null).orElseThrow())
        .endsWith("repeat its address with --serial: it has no serial number");
    assertThat(binding.refusal(obstacles, "S-123")).isPresent();
    assertThat(binding.refusal(obstacles, DRIVE)).isEmpty();
    assertThat(binding.refusal(obstacles, "")).isEmpty();
  }

  @Test
  void aDriverThatTakesAllOfItsKindTakesItAgainAndThatIsToldAsAFailure() {
    fake.driver(DRIVE, "vfio-pci");
    binding = new Binding(device, this::tell, step -> act(step, "vfio-pci"), Duration.ofSeconds(9));
    assertThatThrownBy(() -> binding.unbind(Optional.empty()))
        .isInstanceOf(BindingException.class)
        .hasMessageContaining("was taken by vfio-pci again")
        .hasMessageEndingWith("--driver nvme");
    assertThat(binding.unbind(Optional.of("nvme"))).isEqualTo("nvme");
    assertThat(device.driver()).hasValue("nvme");
  }

  @Test
  void anOwnerWhoIsGivenNothingIsToldOf() {
    fake.driver(DRIVE, "vfio-pci");
    assertThatThrownBy(() -> new VfioFiles(device).giveTo(VfioFiles.user("root"), _ -> {}))
        .isInstanceOf(BindingException.class)
        .hasMessageContaining("root was given nothing: its file is not below /dev/vfio");
    fake.file("dev/vfio/3", "");
    new VfioFiles(device).giveTo(VfioFiles.user("root"), _ -> {});
  }

  @Test
  void whatTheKernelKnewOfABoundDriveIsKeptToKnowItsOtherPort() {
    PciDevice other = fake.drive("0000:02:00.0");
    fake.kernelDrive("0000:02:00.0", "nvme1");
    assertThat(KernelDrive.otherPorts(device)).containsExactly(other);
    binding.bind();
    delete(SYSFS + "/nvme/nvme0/model");
    delete(SYSFS + "/nvme/nvme0/serial");
    delete(SYSFS + "/nvme/nvme0");
    assertThat(KernelDrive.otherPorts(device)).containsExactly(other);
    assertThat(KernelDrive.otherPorts(other)).containsExactly(device);
    binding.unbind(Optional.empty());
    assertThat(KernelDrive.otherPorts(other)).as("forgotten").isEmpty();
  }

  @Test
  void whoUsesWhatIsBound() {
    fake.driver(DRIVE, "vfio-pci").file("dev/vfio/3", "");
    assertThat(new VfioFiles(device).files()).containsExactly(fake.path("dev/vfio/3"));
    fake.process(9, "java", "mnt:[1]").open(9, 5, "/dev/vfio/3");
    assertThat(new VfioFiles(device).users()).containsExactly("9 (java)");
  }

  @Test
  void withoutAnIommuNothingCanBeTaken() {
    assertThat(binding.canBeTaken()).isTrue();
    delete(SYSFS + "/iommu_group");
    assertThat(binding.canBeTaken()).isFalse();
    fake.file("sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "Y\n");
    assertThat(binding.canBeTaken()).isTrue();
  }

  /** A drive that another driver had than the one that the kernel would give it to. */
  private void begin(int steps, Runnable what) {
    fake.driver(DRIVE, "other");
    told.clear();
    event = what;
    stepsToEvent = steps;
  }

  /** As a signal does, which ends this process when nothing is under way. */
  private void signal() {
    Thread hook = new Thread(binding.current::awaitEnd);
    hook.start();
    while (!binding.current.isStopping()) {
      Thread.onSpinWait();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void whoIsStoppedBetweenTwoStepsGivesTheFunctionBack(int steps) {
    begin(steps, this::signal);
    assertThatThrownBy(binding::bind)
        .isInstanceOf(BindingException.class)
        .hasMessageMatching("stopped .*; it is held by the driver (nvme|other|vfio-pci)");
    assertThat(device.driver()).as("given to a driver").isNotEmpty();
    assertThat(Host.text(fake.path(SYSFS + "/driver_override"))).as("cleared").isEmpty();
    assertThat(told.getLast()).as("said at once").startsWith("# stopped ");
  }

  @Test
  void whoIsStoppedWhileADriverIsWaitedForDoesNotWaitAnyMore() {
    busy = 2;
    begin(2, this::signal);
    assertThatThrownBy(binding::bind)
        .hasMessage("stopped while the driver was waited for; it is held by the driver nvme");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void whoIsInterruptedLeavesNoFunctionWithoutADriver(int steps) {
    begin(steps, () -> Thread.currentThread().interrupt());
    try {
      binding.bind();
    } catch (BindingException e) {
      assertThat(e).hasMessageMatching(".*; it is held by the driver .*");
    }
    assertThat(Thread.interrupted()).as("still").isTrue();
    assertThat(device.driver()).isNotEmpty();
    assertThat(Host.text(fake.path(SYSFS + "/driver_override"))).as("cleared").isEmpty();
  }

  /** The kernel hears nothing any more of a process that was killed. */
  private void killed(int steps) {
    begin(
        steps,
        () -> {
          stepsToEvent = 0;
          throw new BindingException("killed");
        });
    binding = binding(Duration.ofMillis(1));
    assertThatThrownBy(binding::bind).isInstanceOf(BindingException.class);
    stepsToEvent = -1;
    binding = binding(Duration.ofSeconds(60));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aBindThatWasKilledIsTakenUpByTheNext(int steps) {
    killed(steps);
    binding.bind();
    assertThat(device.driver()).hasValue("vfio-pci");
    assertThat(binding.unbind(Optional.empty())).as("the one it had").isEqualTo("other");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aBindThatWasKilledIsUndone(int steps) {
    killed(steps);
    assertThat(binding.unbind(Optional.empty())).as("the one it had").isEqualTo("other");
    assertThat(Host.text(fake.path(SYSFS + "/driver_override"))).as("cleared").isEmpty();
  }

  @Test
  void whateverGoesWrongTheFunctionIsGivenBack() {
    begin(
        2,
        () -> {
          throw new IllegalStateException("of another kind");
        });
    assertThatThrownBy(binding::bind)
        .isInstanceOf(BindingException.class)
        .hasMessage("of another kind; it is held by the driver nvme");
  }

  @Test
  void whatCannotBeRememberedLeavesTheDriveAsItIs() {
    fake.link("./run", "nowhere");
    assertThatThrownBy(binding::bind)
        .isInstanceOf(BindingException.class)
        .hasMessageStartingWith("cannot remember the driver of " + DRIVE);
    assertThat(told).isEmpty();
    assertThat(device.driver()).hasValue("nvme");
  }

  @Test
  void whatWasRememberedOfAnotherDriveIsNotThisOnes() {
    PciDevice other = fake.drive("0000:02:00.0");
    fake.kernelDrive("0000:02:00.0", "nvme1");
    binding.bind();
    // It was pulled, and one without a serial number put into its place.
    fake.kernelDrive(DRIVE, "nvme0").file(SYSFS + "/nvme/nvme0/serial", "\n");
    binding.bind();
    delete(SYSFS + "/nvme/nvme0/model");
    delete(SYSFS + "/nvme/nvme0/serial");
    delete(SYSFS + "/nvme/nvme0");
    assertThat(KernelDrive.otherPorts(other)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "../../nvme", "nvme\nother", "nv me", "\033[2J", ""})
  void noDriverIsNamedLikeThat(String name) {
    binding.bind();
    fake.file("run/sluice/drivers/" + DRIVE, name);
    assertThat(binding.previousDriver()).isEmpty();
    assertThat(binding.unbind(Optional.empty())).isEqualTo("nvme");
  }
}
