package sluice.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import sluice.bench.anatomy.ClockCost;
import sluice.bench.anatomy.Dissection;
import sluice.nvme.DriveAddress;
import sluice.nvme.drive.NvmeDrive;

/** {@code sluice bench anatomy}: where the time of a single command goes. */
@Command(
    name = "anatomy",
    description = {
      "Times each step of single commands at random places, one at a time; on several drives in",
      "turns, to set them side by side. Reads, unless --rw write. The driver polls.",
      "",
      "A time is from the end of the step before to the end of the step:",
      "  entry queued       the request is checked, a slot taken, entry and PRPs written to memory",
      "  doorbell rung      the tail doorbell is written; such a write is posted: the processor has",
      "                     given it away, and the drive may get it later; but an emulated drive may",
      "                     do its work within the write, which is in this step then",
      "  completion seen    bus and drive, until the polling driver has taken the completion",
      "  doorbell back      that poll ends, and the head doorbell is written, posted as well",
      "A virtual drive tells the parts of its own, indented: entry fetched, data moved, completion",
      "posted (the time that it simulates is in there), completion noticed. Without a thread of its",
      "own it works within the driver's poll.",
      "",
      "Each step has one look at the clock in it, the cost of which is told; completion seen has",
      "three more on a virtual drive, and total has those of all steps. Percentiles are by nearest",
      "rank, without classes. The 95%% confidence interval of the median is by order statistics, that",
      "of the mean by the normal distribution; both take commands as independent of each other."
    },
    footer = {
      "",
      "  sluice bench anatomy pci:0000:01:00.0",
      "  sluice bench anatomy pci:0000:01:00.0 pci:0000:02:00.0 --count 100000",
      "  sluice bench anatomy virtual:null?size=1G -o json"
    })
final class BenchAnatomyCommand implements Runnable {
  /** A letter each. */
  private static final int MOST_DRIVES = 26;

  private enum Direction {
    read,
    write
  }

  @Parameters(
      arity = "1..*",
      paramLabel = "DRIVE",
      converter = DriveAccess.Address.class,
      description = "The drives' addresses.")
  private List<DriveAddress> addresses;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "20000",
      description = "Commands per drive, 30 to 1000000 (default: 20000).")
  private int count;

  @Option(
      names = "--bs",
      paramLabel = "SIZE",
      defaultValue = "4k",
      converter = OptionValues.Size.class,
      description = "Bytes per command (default: 4k).")
  private long bytes;

  @Option(
      names = "--rw",
      paramLabel = "WAY",
      defaultValue = "read",
      description = "${COMPLETION-CANDIDATES} (default: read).")
  private Direction direction;

  @Option(
      names = "--allow-write",
      description = "Let commands write: what the drives hold is lost.")
  private boolean allowWrite;

  @Mixin private Consent consent;
  @Mixin private DriveAccess access;
  @Mixin private Output output;

  @Override
  public void run() {
    boolean writes = direction == Direction.write;
    if (writes && !allowWrite) {
      throw new IllegalArgumentException(
          "writes overwrite what the drives hold; give --allow-write if that may be lost");
    }
    if (addresses.size() > MOST_DRIVES) {
      throw new IllegalArgumentException(
          "%d drives at the most, not %d".formatted(MOST_DRIVES, addresses.size()));
    }
    access.requirePolled();
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("a command of " + bytes + " bytes is not possible");
    }
    List<NvmeDrive> drives = new ArrayList<>();
    try (Dissection dissection = new Dissection(writes, (int) bytes, count)) {
      for (DriveAddress address : addresses) {
        NvmeDrive drive = writes ? access.openDrive(address) : access.openDriveToRead(address);
        drives.add(drive);
        if (writes) {
          consent.require(drive, address);
        }
        dissection.add(drive.controller(), drive.namespace());
      }
      print(new AnatomyReport(direction.name(), bytes, dissection.run(), ClockCost.measure()));
    } finally {
      drives.forEach(NvmeDrive::close);
    }
  }

  private void print(AnatomyReport report) {
    if (output.isJson()) {
      output.json(report.json());
    } else {
      report.print(System.out);
    }
  }
}
