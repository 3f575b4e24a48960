package sluice.bench.job;

import java.util.regex.Pattern;
import java.util.stream.Collectors;
import sluice.nvme.DriveAddress;
import sluice.nvme.DriveProvider;
import sluice.nvme.Drives;

/**
 * Files' names that are drives' addresses, as {@code filename=virtual:disk.img}. Their colons are
 * no separators, and may have a backslash before them, as fio has it.
 */
public final class DriveNames {
  private static final Pattern ADDRESS =
      Pattern.compile(
          Drives.providers().stream()
              .map(DriveProvider::scheme)
              .map(Pattern::quote)
              .collect(Collectors.joining("|", "(?s)(?:", "):.*")));

  private DriveNames() {}

  /**
   * The drive that a job's {@code filename} is the address of; null if it is none.
   *
   * @throws IllegalArgumentException if it begins as one and is none
   */
  public static DriveAddress of(JobOptions job) {
    String name = job.get(Options.FILENAME);
    return name != null && isAddress(name) ? DriveAddress.parse(plain(name)) : null;
  }

  static boolean isAddress(String name) {
    return name.indexOf(':') >= 0 && ADDRESS.matcher(plain(name)).matches();
  }

  private static String plain(String name) {
    return name.replace("\\:", ":");
  }
}
