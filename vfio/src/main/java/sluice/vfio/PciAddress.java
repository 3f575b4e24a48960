package sluice.vfio;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a PCI function is: {@code 0000:01:00.0}.
 *
 * @param domain 0 to 0xffffffff; more than 16 bits only behind bridges that make domains up (VMD)
 * @param bus 0 to 255
 * @param device 0 to 31
 * @param function 0 to 7
 */
public record PciAddress(int domain, int bus, int device, int function)
    implements Comparable<PciAddress> {
  private static final Pattern FORM =
      Pattern.compile(
          "(?:([0-9a-fA-F]{4,8}):)?([0-9a-fA-F]{2}):([0-9a-fA-F]{2})\\.([0-7])", Pattern.DOTALL);

  public PciAddress {
    if ((bus & ~0xff) != 0 || (device & ~0x1f) != 0 || (function & ~7) != 0) {
      throw new IllegalArgumentException(
          "no PCI function has bus " + bus + ", device " + device + ", function " + function);
    }
  }

  /**
   * Reads an address; the domain may be left out, and is 0 then.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static PciAddress parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches() || Integer.parseInt(matcher.group(3), 16) > 0x1f) {
      throw new IllegalArgumentException(
          "'" + text + "' is not the address of a PCI function; one looks like 0000:01:00.0");
    }
    String domain = matcher.group(1);
    return new PciAddress(
        domain == null ? 0 : Integer.parseUnsignedInt(domain, 16),
        Integer.parseInt(matcher.group(2), 16),
        Integer.parseInt(matcher.group(3), 16),
        Integer.parseInt(matcher.group(4), 8));
  }

  /** Whether a text has the form of an address. */
  public static boolean isAddress(String text) {
    Matcher matcher = FORM.matcher(text);
    return matcher.matches() && Integer.parseInt(matcher.group(3), 16) <= 0x1f;
  }

  @Override
  public int compareTo(PciAddress other) {
    int byDomain = Integer.compareUnsigned(domain, other.domain);
    return byDomain != 0 ? byDomain : Integer.compare(inDomain(), other.inDomain());
  }

  private int inDomain() {
    return bus << 8 | device << 3 | function;
  }

  /** As Linux writes it. */
  @Override
  public String toString() {
    return String.format("%04x:%02x:%02x.%d", domain, bus, device, function);
  }
}
