package sluice.vfio.discovery;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A function's link: what it runs at, and what it could.
 *
 * @param speed as Linux says it: {@code 16.0 GT/s PCIe}
 * @param width lanes
 * @param maxSpeed the fastest that the function can
 * @param maxWidth the most lanes that it has
 */
public record PciLink(String speed, int width, String maxSpeed, int maxWidth) {
  /** Reads the attributes of a function; empty when it has no link, as functions inside a root. */
  static Optional<PciLink> of(Path function) {
    Optional<String> speed = speed(function, "current_link_speed");
    Optional<Long> width = Host.number(function.resolve("current_link_width"));
    if (speed.isEmpty() || width.isEmpty() || width.get() == 0) {
      return Optional.empty();
    }
    return Optional.of(
        new PciLink(
            speed.get(),
            width.get().intValue(),
            speed(function, "max_link_speed").orElse(speed.get()),
            Host.number(function.resolve("max_link_width")).orElse(width.get()).intValue()));
  }

  private static Optional<String> speed(Path function, String attribute) {
    return Host.text(function.resolve(attribute)).filter(text -> !text.startsWith("Unknown"));
  }

  /** Whether it runs slower or narrower than it could. */
  public boolean isReduced() {
    return width < maxWidth || !speed.equals(maxSpeed);
  }

  /** As people write it: {@code 16.0 GT/s x4}. */
  public String now() {
    return form(speed, width);
  }

  /** The same for what it could be. */
  public String best() {
    return form(maxSpeed, maxWidth);
  }

  private static String form(String speed, int width) {
    return speed.replace(" PCIe", "") + " x" + width;
  }
}
