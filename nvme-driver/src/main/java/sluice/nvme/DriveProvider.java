package sluice.nvme;

/**
 * Opens the drives of one scheme. Providers are found by {@link java.util.ServiceLoader}, so that a
 * module adds a scheme without the driver knowing it.
 */
public interface DriveProvider {
  /** The scheme of the addresses that it opens, for example {@code virtual}. */
  String scheme();

  /** How such an address looks, in a few words for a help text. */
  String usage();

  /**
   * Opens a drive and brings its controller up.
   *
   * @throws IllegalArgumentException if the address or an option of it is no good; one clear line
   * @throws NvmeException if there is no such drive, or it does not come up
   */
  NvmeController open(DriveAddress address, ControllerOptions options);
}
