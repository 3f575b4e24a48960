package sluice.vfio.takeover;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import sluice.vfio.discovery.Host;
import sluice.vfio.discovery.PciDevice;

/** The kernel's driver that hands functions to processes, a module of most kernels. */
public final class VfioModule {
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private final Host host;

  public VfioModule(Host host) {
    this.host = host;
  }

  /** Whether it is loaded. */
  public boolean isLoaded() {
    return Files.isDirectory(host.path("sys/bus/pci/drivers").resolve(PciDevice.VFIO_PCI));
  }

  /**
   * Loads it.
   *
   * @param listener told before what is done, as a line of shell
   * @throws BindingException if it cannot be loaded
   */
  public void load(Consumer<String> listener) {
    listener.accept("modprobe vfio-pci");
    try {
      Process process =
          new ProcessBuilder("modprobe", PciDevice.VFIO_PCI)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new BindingException("modprobe vfio-pci does not end");
      }
    } catch (IOException e) {
      throw new BindingException("cannot run modprobe vfio-pci: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BindingException("interrupted while loading vfio-pci", e);
    }
    if (!isLoaded()) {
      throw new BindingException(
          "modprobe vfio-pci did not bring the driver: is it in this kernel, and are you root?");
    }
  }
}
