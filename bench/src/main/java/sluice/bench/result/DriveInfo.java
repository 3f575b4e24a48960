package sluice.bench.result;

/**
 * The drive that was measured.
 *
 * @param address as the user gave it
 * @param model as the drive says it, trimmed
 * @param serial as the drive says it, trimmed
 * @param firmware as the drive says it, trimmed
 * @param capacityBytes of the namespace
 * @param blockBytes of a logical block
 * @param iommu what translates its addresses: {@code type1}, {@code iommufd}, {@code none}; empty
 *     where it is no drive of hardware, or that is not known
 * @param kelvinsBefore its temperature before the first I/O; 0 if it tells none
 * @param kelvinsAfter its temperature after the last I/O; 0 if it tells none
 */
public record DriveInfo(
    String address,
    String model,
    String serial,
    String firmware,
    long capacityBytes,
    int blockBytes,
    String iommu,
    int kelvinsBefore,
    int kelvinsAfter) {
  private static final int FREEZING_KELVINS = 273;

  /** A drive that tells nothing of its state. */
  public DriveInfo(
      String address,
      String model,
      String serial,
      String firmware,
      long capacityBytes,
      int blockBytes) {
    this(address, model, serial, firmware, capacityBytes, blockBytes, "", 0, 0);
  }

  /** The same drive after a run. */
  public DriveInfo after(int kelvins) {
    return new DriveInfo(
        address, model, serial, firmware, capacityBytes, blockBytes, iommu, kelvinsBefore, kelvins);
  }

  /** Its temperature for people, as {@code 31 °C, then 44 °C}; empty if it tells none. */
  public String temperature() {
    String before = celsius(kelvinsBefore);
    String after = celsius(kelvinsAfter);
    return before.isEmpty() || after.isEmpty() || before.equals(after)
        ? before + (before.isEmpty() ? after : "")
        : before + ", then " + after;
  }

  private static String celsius(int kelvins) {
    return kelvins == 0 ? "" : kelvins - FREEZING_KELVINS + " °C";
  }
}
