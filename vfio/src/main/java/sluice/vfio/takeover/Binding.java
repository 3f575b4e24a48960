package sluice.vfio.takeover;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import sluice.vfio.discovery.Host;
import sluice.vfio.discovery.KernelDrive;
import sluice.vfio.discovery.PciDevice;
import sluice.vfio.discovery.RunFile;

/**
 * Takes a function from its driver to another, and back to the one that it had.
 *
 * <pre>
 *   unbind from the driver that holds it, with its disks claimed, so that nobody mounts one now
 *   driver_override = the wanted driver
 *   drivers_probe, until the wanted driver has it
 *   driver_override = nothing, so that the next plugging goes its usual way
 * </pre>
 *
 * If a step fails, or a signal ends this process between two, the override is taken back and the
 * function given back to whichever driver the kernel thinks best. A process that is killed leaves a
 * function without a driver; {@link #bind} and {@link #unbind} take it up from there.
 *
 * <p>The driver that a function had is remembered below {@code /run/sluice}, until it is given back
 * or the machine is started anew.
 *
 * <p>Nothing here asks whether the function is in use: see {@link Obstacles}.
 */
public final class Binding {
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** As long as the kernel's names of drivers can be, in characters that they have. */
  private static final Pattern DRIVER_NAME = Pattern.compile("[\\w.+-]{1,64}");

  private final Host host;
  private final PciDevice function;
  private final Consumer<String> listener;
  private final Consumer<Step> kernel;
  private final Duration deadline;

  /** What is being done; null before anything was. */
  Unbroken current;

  /**
   * @param listener told each step before it is done, as a line of shell
   */
  public Binding(PciDevice function, Consumer<String> listener) {
    this(function, listener, Step::run, DEADLINE);
  }

  /**
   * @param kernel does what a step says
   * @param deadline for a driver to take the function
   */
  Binding(PciDevice function, Consumer<String> listener, Consumer<Step> kernel, Duration deadline) {
    this.host = function.host();
    this.function = function;
    this.listener = listener;
    this.kernel = kernel;
    this.deadline = deadline;
  }

  /**
   * Why the function is not to be taken, given what is in the way.
   *
   * @param serial what the user gave as the drive's serial number, to say that its data may go;
   *     null if nothing
   * @return in one line; empty if it may be taken
   */
  public Optional<String> refusal(List<Obstacle> obstacles, String serial) {
    List<String> uses = reasons(obstacles, Obstacle.Kind.IN_USE);
    if (!uses.isEmpty()) {
      return Optional.of(function + " is in use: " + String.join("; ", uses));
    }
    List<String> data = reasons(obstacles, Obstacle.Kind.DATA);
    String actual = KernelDrive.of(function).map(KernelDrive::serial).orElse("");
    // A drive without a serial number is named by its address once more.
    boolean isConfirmed =
        actual.isEmpty()
            ? serial != null && (serial.isEmpty() || serial.equals(function.toString()))
            : actual.equals(serial);
    if (data.isEmpty() || isConfirmed) {
      return Optional.empty();
    }
    String hint =
        actual.isEmpty()
            ? "; if that may be destroyed, repeat its address with --serial: it has no serial number"
            : "; if that may be destroyed, repeat the drive's serial number (sluice list -o"
                + " json tells it) with --serial";
    return Optional.of(
        function
            + " holds data: "
            + String.join("; ", data)
            + (serial == null ? hint : "; and its serial number is not '" + serial + "'"));
  }

  private static List<String> reasons(List<Obstacle> obstacles, Obstacle.Kind kind) {
    return obstacles.stream()
        .filter(obstacle -> obstacle.kind() == kind)
        .map(Obstacle::reason)
        .toList();
  }

  /**
   * Whether a process could have the function once it is bound: an IOMMU translates for it, or VFIO
   * was told to do without.
   */
  public boolean canBeTaken() {
    Path without = host.path("sys/module/vfio/parameters/enable_unsafe_noiommu_mode");
    return function.iommuGroup().isPresent() || Host.text(without).orElse("N").equals("Y");
  }

  /** The steps that {@link #bind} would take. */
  public List<Step> planBind() {
    return plan(function.driver(), Optional.of(PciDevice.VFIO_PCI));
  }

  /**
   * The steps that {@link #unbind} would take.
   *
   * @param driver which driver shall have it; empty for the one it had
   */
  public List<Step> planUnbind(Optional<String> driver) {
    return plan(function.driver(), driver.or(this::previousDriver));
  }

  private List<Step> plan(Optional<String> from, Optional<String> to) {
    if (from.isPresent() && from.equals(to)) {
      return List.of();
    }
    List<Step> steps = new ArrayList<>();
    from.ifPresent(_ -> steps.add(step("driver/unbind", function.toString())));
    steps.add(step("driver_override", to.orElse("")));
    steps.add(probeStep());
    if (to.isPresent()) {
      steps.add(step("driver_override", ""));
    }
    return steps;
  }

  private Step step(String attribute, String text) {
    return new Step(function.path().resolve(attribute), text);
  }

  /**
   * Gives the function to vfio-pci, which must be loaded. Does nothing if it has it.
   *
   * @throws BindingException if it cannot be given, or one of its disks has come into use; its
   *     driver has it again then, unless the message says otherwise
   */
  public void bind() {
    Optional<String> before = function.driver();
    if (before.equals(Optional.of(PciDevice.VFIO_PCI))) {
      return;
    }
    remember(before);
    try {
      run(planBind(), Optional.of(PciDevice.VFIO_PCI));
    } catch (BindingException e) {
      if (function.driver().equals(before)) {
        forget();
      }
      throw e;
    }
  }

  /**
   * Gives the function back to the driver that it had before {@link #bind}; to the one that the
   * kernel thinks best if that is not known.
   *
   * @param driver which driver shall have it instead of these; empty for these
   * @return the driver that has it now
   * @throws BindingException if none takes it, or vfio-pci takes it again
   */
  public String unbind(Optional<String> driver) {
    Optional<String> wanted = driver.or(this::previousDriver);
    run(planUnbind(driver), wanted);
    String now = function.driver().orElseThrow(() -> new BindingException("no driver holds it"));
    if (now.equals(PciDevice.VFIO_PCI)) {
      throw new BindingException(
          function
              + " was taken by vfio-pci again, which was told to take all of its kind"
              + " (vfio-pci.ids); name the driver that shall have it, as in --driver nvme");
    }
    forget();
    return now;
  }

  private void run(List<Step> steps, Optional<String> wanted) {
    try (Unbroken unbroken = new Unbroken()) {
      current = unbroken;
      try {
        for (Step step : steps) {
          runUnlessStopped(step, wanted);
        }
      } catch (RuntimeException | Error e) {
        String outcome = e.getMessage() + "; " + undo();
        if (unbroken.isStopping()) {
          // Nobody else comes to say it any more.
          listener.accept("# " + outcome);
        }
        throw new BindingException(outcome, e);
      }
    }
  }

  private void runUnlessStopped(Step step, Optional<String> wanted) {
    if (current.isStopping()) {
      throw new BindingException("stopped before '" + step + "'");
    }
    listener.accept(step.toString());
    switch (Host.name(step.file())) {
      case "unbind" -> release(step);
      case "drivers_probe" -> probe(step, wanted);
      default -> kernel.accept(step);
    }
  }

  private void release(Step unbind) {
    // Given up as soon as the driver has let go: a disk that is open keeps its name taken.
    try (DiskClaims _ = new DiskClaims(function)) {
      kernel.accept(unbind);
    }
  }

  /** Leaves a function that did not change hands to a driver; says which. */
  private String undo() {
    // Whoever is interrupted gives it back all the same.
    boolean interrupted = Thread.interrupted();
    try {
      giveBack();
    } catch (BindingException e) {
      // What was wrong with the step before is wrong still, and is told with that.
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return function
        .driver()
        .map(name -> "it is held by the driver " + name)
        .orElseGet(() -> "it is without a driver now; try '" + probeStep() + "' as root");
  }

  private void giveBack() {
    kernel.accept(step("driver_override", ""));
    if (function.driver().isEmpty()) {
      boolean _ = await(() -> function.driver().isPresent(), this::tryProbe, () -> false);
    }
  }

  private void tryProbe() {
    try {
      kernel.accept(probeStep());
    } catch (BindingException e) {
      // It is tried again, and told at last that no driver has the function.
    }
  }

  private Step probeStep() {
    return new Step(host.path("sys/bus/pci/drivers_probe"), function.toString());
  }

  /** Asks until it has worked: a driver may be busy with another function, or still be loading. */
  private void probe(Step step, Optional<String> wanted) {
    AtomicReference<BindingException> failure = new AtomicReference<>();
    boolean taken =
        await(
            () ->
                wanted.isEmpty() ? function.driver().isPresent() : function.driver().equals(wanted),
            () -> {
              try {
                kernel.accept(step);
              } catch (BindingException e) {
                failure.set(e);
              }
            },
            () -> current.isStopping() || Thread.currentThread().isInterrupted());
    if (!taken && current.isStopping()) {
      throw new BindingException("stopped while the driver was waited for", failure.get());
    }
    if (!taken) {
      throw new BindingException(
          function
              + " was not taken by "
              + wanted.map(name -> "the driver " + name).orElse("any driver")
              + " within "
              + deadline.toSeconds()
              + " s; the kernel's log (dmesg) says why",
          failure.get());
    }
  }

  /**
   * Does something again and again until something is so; false if it is not at the deadline, or
   * when it is to stop.
   */
  private boolean await(BooleanSupplier condition, Runnable meanwhile, BooleanSupplier isStopping) {
    long start = System.nanoTime();
    while (true) {
      meanwhile.run();
      if (condition.getAsBoolean()) {
        return true;
      }
      if (isStopping.getAsBoolean() || System.nanoTime() - start > deadline.toNanos()) {
        return false;
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /** The driver that the function had before it was bound; empty if that is not known. */
  public Optional<String> previousDriver() {
    return memory().text().filter(name -> DRIVER_NAME.matcher(name).matches());
  }

  private RunFile memory() {
    return new RunFile(function, RunFile.DRIVERS);
  }

  /**
   * @param driver that holds it; if none does, because somebody was stopped halfway, the one that
   *     is remembered already stays so
   */
  private void remember(Optional<String> driver) {
    RunFile identityMemory = KernelDrive.Identity.memory(function);
    Optional<KernelDrive.Identity> identity = KernelDrive.Identity.of(function);
    try {
      if (driver.isPresent()) {
        memory().write(driver.get());
        // Or another drive's, that was here before.
        identityMemory.delete();
      }
      if (identity.isPresent()) {
        identityMemory.write(identity.get().toString());
      }
    } catch (IOException e) {
      if (driver.isPresent()) {
        forget();
      }
      throw new BindingException(
          "cannot remember the driver of " + function + " in " + memory() + ": " + Step.reason(e),
          e);
    }
  }

  private void forget() {
    memory().delete();
    KernelDrive.Identity.memory(function).delete();
  }
}
