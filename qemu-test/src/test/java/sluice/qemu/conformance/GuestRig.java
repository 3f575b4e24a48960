package sluice.qemu.conformance;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import sluice.nvme.CompletionMode;
import sluice.vfio.PciAddress;
import sluice.vfio.PciFunction;
import sluice.vfio.kernel.IommuChoice;
import sluice.vfio.kernel.KernelFunction;

/**
 * QEMU's controller, seen from inside a guest: functions that the guest's kernel gives out through
 * VFIO. The system property {@code sluice.guest.drives} says where the drives are: their addresses
 * in the order of {@link TestDrive}, with commas between.
 */
final class GuestRig implements PciRig {
  static final String PREFIX = "guest-";
  static final String DRIVES = "sluice.guest.drives";

  private final IommuChoice choice;
  private final CompletionMode completions;
  private final Map<TestDrive, PciAddress> addresses = new EnumMap<>(TestDrive.class);

  private GuestRig(IommuChoice choice, CompletionMode completions) {
    this.choice = choice;
    this.completions = completions;
    String[] each = System.getProperty(DRIVES, "").split(",");
    if (each.length != TestDrive.values().length) {
      throw new IllegalStateException(
          DRIVES + " must have a function for each of " + Arrays.toString(TestDrive.values()));
    }
    int index = 0;
    for (TestDrive drive : TestDrive.values()) {
      addresses.put(drive, PciAddress.parse(each[index++]));
    }
  }

  /**
   * The rig of a name such as {@code guest-iommufd-hybrid}: what translates addresses, and how
   * completions are learned of.
   */
  static GuestRig named(String name) {
    String[] parts = name.substring(PREFIX.length()).split("-", 2);
    return new GuestRig(
        IommuChoice.named(parts[0]), CompletionMode.valueOf(parts[1].toUpperCase(Locale.ROOT)));
  }

  @Override
  public String name() {
    return PREFIX + choice + "-" + completions;
  }

  @Override
  public CompletionMode completions() {
    return completions;
  }

  @Override
  public boolean isQemu() {
    return true;
  }

  @Override
  public PciFunction function(TestDrive drive) {
    return KernelFunction.open(addresses.get(drive), choice);
  }

  @Override
  public void close() {
    // Functions are the tests' to close, and the guest ends with its machine.
  }

  @Override
  public String toString() {
    return name();
  }
}
