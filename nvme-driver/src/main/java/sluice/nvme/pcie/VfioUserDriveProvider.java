package sluice.nvme.pcie;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.DriveProvider;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.support.text.Units;
import sluice.vfio.ConfigSpace;
import sluice.vfio.vfiouser.UserFunction;
import sluice.vfio.vfiouser.VfioUserException;

/**
 * Opens drives that another process of this machine gives by vfio-user, as SPDK's NVMe target and
 * {@code sluice serve} do: {@code vfio-user:/path/to/socket}, or a directory with the socket {@code
 * cntrl}.
 *
 * <pre>
 *   timeout=10s     how long the server may take for an answer
 * </pre>
 */
public final class VfioUserDriveProvider implements DriveProvider {
  private static final String TIMEOUT = "timeout";

  @Override
  public String scheme() {
    return "vfio-user";
  }

  @Override
  public String usage() {
    return "vfio-user:/path/to/socket";
  }

  @Override
  public NvmeController open(DriveAddress address, ControllerOptions options) {
    address.requireOptionsIn(Set.of(TIMEOUT));
    if (address.path().isEmpty()) {
      throw new IllegalArgumentException(
          "a vfio-user drive's address has a socket, as in vfio-user:/path/to/socket");
    }
    UserFunction function;
    try {
      function = UserFunction.open(Path.of(address.path()), timeout(address));
    } catch (VfioUserException e) {
      throw new NvmeException(e.getMessage(), e);
    }
    int classCode = function.config().classCode();
    if (classCode != ConfigSpace.CLASS_NVME) {
      String what =
          function.isPresent()
              ? String.format("is no NVMe drive: its class is %06x", classCode)
              : function.absence();
      function.close();
      throw new NvmeException(function.address() + " " + what);
    }
    return PcieTransport.open(function, options);
  }

  private static Duration timeout(DriveAddress address) {
    String text = address.options().get(TIMEOUT);
    if (text == null) {
      return UserFunction.DEFAULT_TIMEOUT;
    }
    long nanos = Units.parseDuration(text);
    if (nanos == 0) {
      throw new IllegalArgumentException("a server needs some time to answer: timeout=" + text);
    }
    return Duration.ofNanos(nanos);
  }
}
