package sluice.virtual.array;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import sluice.support.text.Units;
import sluice.virtual.media.Media;

/**
 * What an address says of a cache: {@code cache=256M} and {@code cache-mode=through}.
 *
 * @param bytes how much to keep; 0 for no cache
 */
public record CacheOptions(long bytes, CacheMode mode) {
  private static final String SIZE = "cache";
  private static final String MODE = "cache-mode";

  /** The options' names. */
  public static final Set<String> NAMES = Set.of(SIZE, MODE);

  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final String AVAILABLE = "MemAvailable:";

  /**
   * Reads the options among others.
   *
   * @throws IllegalArgumentException naming the option that is no good, and why
   */
  public static CacheOptions parse(Map<String, String> options) {
    String size = options.get(SIZE);
    String mode = options.get(MODE);
    if (size == null && mode != null) {
      throw new IllegalArgumentException("cache-mode=" + mode + ": needs cache=SIZE too");
    }
    return new CacheOptions(
        size == null ? 0 : bytes(size), mode == null ? CacheMode.THROUGH : mode(mode));
  }

  private static long bytes(String text) {
    long bytes = Units.parseSize(text);
    if (bytes < CacheMedia.LEAST_BYTES) {
      throw new IllegalArgumentException(
          "cache=" + text + ": must be " + Units.formatSize(CacheMedia.LEAST_BYTES) + " at least");
    }
    return bytes;
  }

  private static CacheMode mode(String text) {
    for (CacheMode mode : CacheMode.values()) {
      if (mode.name().toLowerCase(Locale.ROOT).equals(text)) {
        return mode;
      }
    }
    throw new IllegalArgumentException("cache-mode=" + text + ": must be one of around, through");
  }

  /** Whether there is to be one. */
  public boolean isCached() {
    return bytes > 0;
  }

  /**
   * A cache over a media, which is closed with it.
   *
   * @throws IllegalArgumentException if this machine or the heap has no room for it
   */
  public CacheMedia over(Media media) {
    long wanted = Math.min(bytes, media.size());
    long available = availableBytes();
    if (wanted > available) {
      throw new IllegalArgumentException(
          "a cache of %s: make it smaller; this machine has %s of memory available"
              .formatted(Units.formatSize(wanted), Units.formatSize(available)));
    }
    try {
      return new CacheMedia(media, bytes, mode);
    } catch (OutOfMemoryError e) {
      throw new IllegalArgumentException(
          "a cache of %s: its index does not fit into Java's heap; make it smaller, or the heap larger"
              .formatted(Units.formatSize(wanted)),
          e);
    }
  }

  /** What can be taken before something else is pushed out; without limit if nobody tells. */
  private static long availableBytes() {
    try {
      for (String line : Files.readAllLines(MEMORY)) {
        if (line.startsWith(AVAILABLE)) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
        }
      }
    } catch (IOException e) {
      // A system without it: what is too much is found out later.
      return Long.MAX_VALUE;
    }
    return Long.MAX_VALUE;
  }
}
