package sluice.bench.run;

import sluice.nvme.DriveAddress;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;

/**
 * A drive that is measured.
 *
 * @param controller is not closed by a run
 * @param drive all of it may be written if the options of the run allow it
 * @param address by which jobs may name it; null if they cannot
 */
public record Target(NvmeController controller, Namespace drive, DriveAddress address) {
  public Target {
    drive = drive.requireUsable();
  }
}
