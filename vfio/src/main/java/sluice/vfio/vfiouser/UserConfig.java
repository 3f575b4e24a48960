package sluice.vfio.vfiouser;

import java.util.Objects;
import sluice.vfio.ConfigSpace;

/** The configuration space of a server's device. Thread-safe. */
final class UserConfig implements ConfigSpace {
  /** The header and the capabilities, which every function has. */
  static final int LEAST_BYTES = 256;

  private static final int MSIX_CONTROL = 2;
  private static final int MSIX_ENABLE = 1 << 15;
  private static final int MSIX_MASK_ALL = 1 << 14;

  private final ClientRequests requests;
  private final long size;

  UserConfig(ClientRequests requests, long size) {
    this.requests = requests;
    this.size = size;
  }

  @Override
  public int read32(int offset) {
    return (int) requests.read(DeviceInfo.CONFIG_REGION, check(offset, Integer.BYTES), 4);
  }

  @Override
  public void write32(int offset, int value) {
    requests.write(DeviceInfo.CONFIG_REGION, check(offset, Integer.BYTES), Integer.BYTES, value);
  }

  @Override
  public void write16(int offset, int value) {
    requests.write(DeviceInfo.CONFIG_REGION, check(offset, Short.BYTES), Short.BYTES, value);
  }

  private long check(int offset, int bytes) {
    if (offset % bytes != 0) {
      throw new IllegalArgumentException("not aligned to " + bytes + " bytes: " + offset);
    }
    return Objects.checkFromIndexSize(offset, bytes, size);
  }

  /** Lets the function raise its vectors; does nothing if it has no MSI-X. */
  void enableVectors() {
    capability(CAPABILITY_MSIX)
        .ifPresent(msix -> {
          int control = read16(msix + MSIX_CONTROL);
          write16(msix + MSIX_CONTROL, (control | MSIX_ENABLE) & ~MSIX_MASK_ALL);
        });
  }
}
