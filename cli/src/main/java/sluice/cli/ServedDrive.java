package sluice.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;

/**
 * A drive as an option value: its address, or, of a virtual one, what comes behind {@code virtual:}
 * with the drive's options after commas, as in {@code disk.img,size=4G,pause=50ms}. A part without
 * an equals sign belongs to the value before it, as in {@code ns=1G,2G}.
 */
final class ServedDrive implements ITypeConverter<DriveAddress> {
  private static final String SCHEME = "virtual";

  @Override
  public DriveAddress convert(String text) {
    DriveAddress address;
    try {
      address = isAddress(text) ? DriveAddress.parse(text) : fromList(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
    if (address.path().isEmpty()) {
      throw new TypeConversionException("'" + text + "' names no file; it can be null or memory");
    }
    return address;
  }

  private static boolean isAddress(String text) {
    return Drives.providers().stream()
        .anyMatch(provider -> text.startsWith(provider.scheme() + ":"));
  }

  private static DriveAddress fromList(String text) {
    String[] parts = text.split(",", -1);
    List<String> options = new ArrayList<>();
    for (int i = 1; i < parts.length; i++) {
      if (parts[i].contains("=") || options.isEmpty()) {
        options.add(parts[i]);
      } else {
        options.add(options.removeLast() + "," + parts[i]);
      }
    }
    String rest = options.isEmpty() ? "" : "?" + String.join("&", options);
    return DriveAddress.parse(SCHEME + ":" + parts[0] + rest);
  }
}
