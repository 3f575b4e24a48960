package sluice.bench.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import sluice.nvme.DriveAddress;
import sluice.nvme.DriveProvider;
import sluice.nvme.Drives;

/**
 * Files' names that are drives' addresses, as {@code filename=virtual:disk.img}. An address goes up
 * to where the next one begins: its colons are no separators, and may have a backslash before them,
 * as fio has it.
 */
public final class DriveNames {
  private static final Set<String> SCHEMES =
      Drives.providers().stream().map(DriveProvider::scheme).collect(Collectors.toSet());

  private DriveNames() {}

  /**
   * The drives that a job's {@code filename} has the addresses of; empty if it has none.
   *
   * @throws IllegalArgumentException if one begins as an address and is none
   */
  public static List<DriveAddress> of(JobOptions job) {
    return names(job).stream().filter(DriveNames::isAddress).map(DriveAddress::parse).toList();
  }

  /** The names that a job's {@code filename} has; none without one. */
  public static List<String> names(JobOptions job) {
    String name = job.get(Options.FILENAME);
    return name == null ? List.of() : split(name);
  }

  /**
   * Whether it begins as an address does.
   *
   * @param name of {@link #names}
   */
  public static boolean isAddress(String name) {
    int colon = name.indexOf(':');
    return colon > 0 && SCHEMES.contains(name.substring(0, colon));
  }

  /**
   * The names that a {@code filename} has, without backslashes: separated by colons, but for those
   * with a backslash before them and those of an address.
   */
  static List<String> split(String text) {
    List<String> names = new ArrayList<>();
    boolean isInAddress = false;
    for (String part : text.split("(?<!\\\\):", -1)) {
      String plain = part.replace("\\:", ":");
      boolean begins = SCHEMES.contains(plain);
      if (begins || !isInAddress || isAddress(plain)) {
        isInAddress = begins;
        names.add(plain);
      } else {
        names.add(names.removeLast() + ":" + plain);
      }
    }
    // Of a::b there is nothing between; a scheme with nothing behind it is a file's name.
    names.removeIf(String::isEmpty);
    return names;
  }
}
