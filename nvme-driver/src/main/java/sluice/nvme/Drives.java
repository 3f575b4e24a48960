package sluice.nvme;

import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;

/** Opens a drive by its address, whatever its scheme. */
public final class Drives {
  private Drives() {}

  /** Opens a drive with the usual options; see {@link #open(DriveAddress, ControllerOptions)}. */
  public static NvmeController open(String address) {
    return open(DriveAddress.parse(address), ControllerOptions.defaults());
  }

  /**
   * Opens a drive and brings its controller up.
   *
   * @throws IllegalArgumentException if no provider has the address's scheme, or it refuses the
   *     address
   * @throws NvmeException if there is no such drive, or it does not come up
   */
  public static NvmeController open(DriveAddress address, ControllerOptions options) {
    List<DriveProvider> providers = providers();
    for (DriveProvider provider : providers) {
      if (provider.scheme().equals(address.scheme())) {
        return provider.open(address, options);
      }
    }
    throw new IllegalArgumentException(
        "no drives of the scheme '"
            + address.scheme()
            + "' are known; known are "
            + String.join(", ", providers.stream().map(DriveProvider::usage).toList()));
  }

  /** All providers, by scheme. */
  public static List<DriveProvider> providers() {
    return ServiceLoader.load(DriveProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparing(DriveProvider::scheme))
        .toList();
  }
}
