package sluice.nvme;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Names a drive: {@code scheme:path?option=value&option}, for example {@code
 * virtual:disk.img?size=4G&lba=4096} or {@code pci:0000:01:00.0}.
 *
 * <p>An option without a value has the empty one. Values are percent-decoded; the path is taken as
 * it stands up to the first {@code ?}, but for {@code %3F}, a question mark of its own, and {@code
 * %25}, a percent sign before what would be one of these. A percent sign at the end of a value
 * stands for itself.
 *
 * @param scheme letters, digits and {@code -}, in lower case; says which {@link DriveProvider}
 *     opens it
 * @param path what the provider makes of it; may be empty
 * @param options in the order they were given
 */
public record DriveAddress(String scheme, String path, Map<String, String> options) {
  private static final Pattern ESCAPED = Pattern.compile("%3[Ff]|%25");

  public DriveAddress {
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException if it is none; the message says why, in one line
   */
  public static DriveAddress parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 1 || !text.substring(0, colon).matches("[a-z][a-z0-9-]*")) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a drive's address; one looks like virtual:disk.img?size=4G");
    }
    int question = text.indexOf('?', colon);
    String path = text.substring(colon + 1, question < 0 ? text.length() : question);
    Map<String, String> options = new LinkedHashMap<>();
    if (question >= 0) {
      for (String option : text.substring(question + 1).split("&")) {
        putOption(options, option, text);
      }
    }
    return new DriveAddress(text.substring(0, colon), decodePath(path), options);
  }

  /** A path as it stands in an address, without its {@code %3F} and {@code %25}. */
  public static String decodePath(String path) {
    return ESCAPED.matcher(path).replaceAll(found -> found.group().equals("%25") ? "%" : "?");
  }

  private static String encodePath(String path) {
    return ESCAPED
        .matcher(path)
        .replaceAll(found -> "%25" + found.group().substring(1))
        .replace("?", "%3F");
  }

  private static void putOption(Map<String, String> options, String option, String text) {
    int equals = option.indexOf('=');
    String key = equals < 0 ? option : option.substring(0, equals);
    if (key.isEmpty()) {
      throw new IllegalArgumentException("'" + text + "' has an option without a name");
    }
    String value;
    try {
      // A plus sign stands for itself here, as in a file's name.
      String raw = equals < 0 ? "" : option.substring(equals + 1).replace("+", "%2B");
      // So does a percent sign at the end, as in jitter=20%.
      raw = raw.endsWith("%") ? raw + "25" : raw;
      value = URLDecoder.decode(raw, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + option + "' is not percent-encoded properly", e);
    }
    if (options.putIfAbsent(key, value) != null) {
      throw new IllegalArgumentException("'" + text + "' gives the option " + key + " twice");
    }
  }

  /** This address with one more option, or with another value for one it has. */
  public DriveAddress with(String option, String value) {
    Map<String, String> more = new LinkedHashMap<>(options);
    more.put(option, value);
    return new DriveAddress(scheme, path, more);
  }

  /** This address without an option. */
  public DriveAddress without(String option) {
    Map<String, String> fewer = new LinkedHashMap<>(options);
    fewer.remove(option);
    return new DriveAddress(scheme, path, fewer);
  }

  /**
   * For providers: refuses options that nobody knows.
   *
   * @throws IllegalArgumentException naming the first unknown option, and the known ones
   */
  public void requireOptionsIn(Set<String> known) {
    for (String option : options.keySet()) {
      if (!known.contains(option)) {
        throw new IllegalArgumentException(
            "a "
                + scheme
                + " drive has no option '"
                + option
                + "'; it has "
                + String.join(", ", known.stream().sorted().toList()));
      }
    }
  }

  /** The address as one would write it. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(scheme).append(':').append(encodePath(path));
    char separator = '?';
    for (Map.Entry<String, String> option : options.entrySet()) {
      text.append(separator).append(option.getKey());
      if (!option.getValue().isEmpty()) {
        text.append('=').append(escape(option.getValue()));
      }
      separator = '&';
    }
    return text.toString();
  }

  private static String escape(String value) {
    return value.replace("%", "%25").replace("&", "%26");
  }
}
