package sluice.nvme.pcie;

import java.time.Duration;
import java.util.Map;
import sluice.nvme.NvmeException;
import sluice.vfio.ConfigSpace;

/**
 * What single models of drives do otherwise than the specification says, and so otherwise than this
 * driver would treat them. Known by PCI vendor and device; the models are those for which Linux
 * does the same (drivers/nvme/host/pci.c).
 */
final class Quirks {
  /** How long a drive that {@link #isSilentWhenDisabled} is left alone: what Linux gives it. */
  static final Duration SILENCE = Duration.ofMillis(2300);

  private static final int APPLE = 0x106b;
  private static final int ENTRIES_BY_SPECIFICATION = 2;
  private static final int ENTRIES_OF_PM1725 = 64;

  private enum Quirk {
    /** A read of CSTS too soon after EN was cleared disturbs it: it does not stop, or not start. */
    SILENT_WHEN_DISABLED,

    /** Submission queues must be of medium priority; one of urgent priority is not served. */
    MEDIUM_PRIORITY,

    /** Write Zeroes is offered, and fails or leaves what was there. */
    NO_WRITE_ZEROES
  }

  private static final Map<Integer, Quirk[]> BY_MODEL =
      Map.ofEntries(
          // Seagate Nytro
          model(0x1bb1, 0x0100, Quirk.SILENT_WHEN_DISABLED),
          // HGST Ultrastar SN100
          model(0x1c58, 0x0003, Quirk.SILENT_WHEN_DISABLED),
          // WDC Ultrastar SN200
          model(0x1c58, 0x0023, Quirk.SILENT_WHEN_DISABLED),
          // Memblaze PBlaze4
          model(0x1c5f, 0x0540, Quirk.SILENT_WHEN_DISABLED),
          // Samsung PM1725
          model(0x144d, 0xa821, Quirk.SILENT_WHEN_DISABLED),
          // Samsung PM1725a
          model(0x144d, 0xa822, Quirk.SILENT_WHEN_DISABLED, Quirk.NO_WRITE_ZEROES),
          // Intel 600p, P3100
          model(0x8086, 0xf1a5, Quirk.MEDIUM_PRIORITY, Quirk.NO_WRITE_ZEROES),
          // SK hynix PC400
          model(0x1c5c, 0x1504, Quirk.NO_WRITE_ZEROES),
          // SK hynix BC901
          model(0x1c5c, 0x1d59, Quirk.NO_WRITE_ZEROES),
          // SanDisk Skyhawk
          model(0x15b7, 0x2001, Quirk.NO_WRITE_ZEROES),
          // Samsung PM9B1
          model(0x144d, 0xa80b, Quirk.NO_WRITE_ZEROES),
          // Samsung PM991
          model(0x144d, 0xa809, Quirk.NO_WRITE_ZEROES),
          // Phison E19, E21
          model(0x1987, 0x5019, Quirk.NO_WRITE_ZEROES),
          model(0x1987, 0x5021, Quirk.NO_WRITE_ZEROES),
          // UMIS RPJTJ256, RPJTJ512
          model(0x1cc4, 0x6302, Quirk.NO_WRITE_ZEROES),
          model(0x1cc4, 0x6303, Quirk.NO_WRITE_ZEROES));

  private final int model;
  private final Quirk[] quirks;

  private Quirks(int vendor, int device) {
    model = key(vendor, device);
    quirks = BY_MODEL.getOrDefault(model, new Quirk[0]);
  }

  private static Map.Entry<Integer, Quirk[]> model(int vendor, int device, Quirk... quirks) {
    return Map.entry(key(vendor, device), quirks);
  }

  private static int key(int vendor, int device) {
    return vendor << 16 | device;
  }

  /**
   * What is known of a function.
   *
   * @param address for the message
   * @throws NvmeException if it is of a kind that cannot work with this driver
   */
  static Quirks of(ConfigSpace config, String address) {
    int vendor = config.read16(ConfigSpace.VENDOR_ID);
    if (vendor == APPLE) {
      // Submission entries of 128 bytes, identifiers shared by all queues, a queue depth of 2.
      throw new NvmeException(
          address + " is an Apple drive, whose queues are not those of NVMe: it is not supported");
    }
    return new Quirks(vendor, config.read16(ConfigSpace.DEVICE_ID));
  }

  /** Whether CSTS must not be read for {@link #SILENCE} after the controller was disabled. */
  boolean isSilentWhenDisabled() {
    return has(Quirk.SILENT_WHEN_DISABLED);
  }

  /** Whether submission queues are created with medium instead of urgent priority. */
  boolean needsMediumPriority() {
    return has(Quirk.MEDIUM_PRIORITY);
  }

  /** Whether Write Zeroes must not be used though it is offered. */
  boolean cannotWriteZeroes() {
    return has(Quirk.NO_WRITE_ZEROES);
  }

  /**
   * Entries that a queue can have where CAP.MQES is 0, which it cannot be: firmware of Samsung's
   * PM1725 says so and takes more; of any other drive the least that there can be is believed.
   */
  int entriesWhenNoneAreNamed() {
    boolean isPm1725 = model == key(0x144d, 0xa821) || model == key(0x144d, 0xa822);
    return isPm1725 ? ENTRIES_OF_PM1725 : ENTRIES_BY_SPECIFICATION;
  }

  private boolean has(Quirk quirk) {
    for (Quirk each : quirks) {
      if (each == quirk) {
        return true;
      }
    }
    return false;
  }
}
