package sluice.recorder.stream;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URLDecoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import sluice.nvme.DriveAddress;
import sluice.support.text.Units;

/**
 * Where a stream comes from or goes to, as text: {@code scheme:path?option=value&option}. The path
 * is taken as it stands up to the first {@code ?}, but for {@code %3F} and {@code %25} as in a
 * {@link DriveAddress}; values are percent-decoded. Whoever reads an address asks for each option
 * that it knows, and then refuses those that are left ({@link #refuseOtherOptions}).
 *
 * <p>Every error is an {@link IllegalArgumentException} of one line that says what to write.
 */
public final class StreamAddress {
  private final String text;
  private final String scheme;
  private final String path;
  private final Map<String, String> options = new LinkedHashMap<>();
  private final TreeSet<String> known = new TreeSet<>();

  private StreamAddress(String text, String scheme, String path) {
    this.text = text;
    this.scheme = scheme;
    this.path = path;
  }

  /**
   * Reads an address.
   *
   * @param examples shown when the text is none
   */
  public static StreamAddress parse(String text, String examples) {
    int colon = text.indexOf(':');
    if (colon < 1 || !text.substring(0, colon).matches("[a-z][a-z0-9+-]*")) {
      throw new IllegalArgumentException("\"" + text + "\" names no stream; write " + examples);
    }
    String scheme = text.substring(0, colon);
    int question = text.indexOf('?', colon);
    String path = text.substring(colon + 1, question < 0 ? text.length() : question);
    StreamAddress address = new StreamAddress(text, scheme, path);
    if (question >= 0) {
      address.addOptions(text.substring(question + 1), "&");
    }
    return address;
  }

  /** Takes what stands where the path would be as options, with commas between them. */
  public StreamAddress withPathAsOptions() {
    StreamAddress address = new StreamAddress(text, scheme, "");
    address.options.putAll(options);
    if (!path.isEmpty()) {
      address.addOptions(path, ",");
    }
    return address;
  }

  private void addOptions(String list, String separator) {
    for (String option : list.split(separator)) {
      int equals = option.indexOf('=');
      String name = equals < 0 ? option : option.substring(0, equals);
      String value = equals < 0 ? "" : decode(option.substring(equals + 1));
      if (name.isEmpty()) {
        throw new IllegalArgumentException(text + ": an option has no name");
      }
      if (options.putIfAbsent(name, value) != null) {
        throw new IllegalArgumentException(text + ": the option " + name + " stands there twice");
      }
    }
  }

  private static String decode(String raw) {
    try {
      // A plus sign stands for itself here, as in a file's name.
      return URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "\"" + raw + "\" is not percent-encoded properly: write % as %25", e);
    }
  }

  public String scheme() {
    return scheme;
  }

  public String path() {
    return DriveAddress.decodePath(path);
  }

  /** The address as it was written. */
  @Override
  public String toString() {
    return text;
  }

  /** Whether an option that takes no value, or yes or no, is switched on. */
  public boolean flag(String name, boolean otherwise) {
    known.add(name);
    String value = options.get(name);
    if (value == null) {
      return otherwise;
    }
    return switch (value) {
      case "", "yes", "true", "on" -> true;
      case "no", "false", "off" -> false;
      default -> throw bad(name, "write yes or no, not \"" + value + "\"");
    };
  }

  /** An option's value; null if it is not there. */
  public String string(String name) {
    known.add(name);
    return options.get(name);
  }

  /** An option's size in bytes, more than 0. */
  public long size(String name, long otherwise) {
    return positive(name, Units::parseSize, otherwise);
  }

  /** An option's rate in bytes per second, more than 0. */
  public long rate(String name, long otherwise) {
    return positive(name, Units::parseRate, otherwise);
  }

  /** An option's duration in nanoseconds, more than 0. */
  public long duration(String name, long otherwise) {
    return positive(name, Units::parseDuration, otherwise);
  }

  /** An option's number, more than 0. */
  public long count(String name, long otherwise) {
    return positive(name, Units::parseSize, otherwise);
  }

  /** An option's number, of either sign. */
  public long number(String name, long otherwise) {
    known.add(name);
    String value = options.get(name);
    try {
      return value == null ? otherwise : Long.decode(value);
    } catch (NumberFormatException e) {
      throw bad(name, "\"" + value + "\" is not a whole number");
    }
  }

  private long positive(String name, ToLongFunction<String> parser, long otherwise) {
    known.add(name);
    String value = options.get(name);
    if (value == null) {
      return otherwise;
    }
    long number;
    try {
      number = parser.applyAsLong(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(text + ": option " + name + ": " + e.getMessage(), e);
    }
    if (number == 0) {
      throw bad(name, "it must be more than 0");
    }
    return number;
  }

  /** The index of the network interface that an option names, by name or address; 0 for none. */
  public int networkInterface(String name) {
    String value = string(name);
    if (value == null) {
      return 0;
    }
    try {
      NetworkInterface found = NetworkInterface.getByName(value);
      if (found == null && (value.indexOf('.') >= 0 || value.indexOf(':') >= 0)) {
        found = NetworkInterface.getByInetAddress(InetAddress.getByName(value));
      }
      if (found != null) {
        return found.getIndex();
      }
    } catch (UnknownHostException | SocketException e) {
      throw new IllegalArgumentException(text + ": no network interface " + value, e);
    }
    throw new IllegalArgumentException(text + ": no network interface " + value);
  }

  /**
   * The path as {@code //host:port}.
   *
   * @param any whether the host may be left out, for every address of this machine, and the port
   *     may be 0, for any that is free
   */
  public InetSocketAddress hostAndPort(boolean any) {
    int colon = path.lastIndexOf(':');
    if (!path.startsWith("//") || colon < 2) {
      throw new IllegalArgumentException(text + ": write it as " + scheme + "://host:port");
    }
    int port = port(path.substring(colon + 1), any ? 0 : 1);
    String host = path.substring(2, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          text + ": write an IPv6 address in brackets, as [::1]:" + port);
    }
    if (host.isEmpty()) {
      if (!any) {
        throw new IllegalArgumentException(text + ": there is no host to connect to");
      }
      host = "0.0.0.0";
    }
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(text + ": no such host: " + host, e);
    }
  }

  private int port(String digits, int smallest) {
    int port;
    try {
      port = Integer.parseInt(digits);
    } catch (NumberFormatException e) {
      port = -1;
    }
    if (port < smallest || port > 0xffff) {
      throw new IllegalArgumentException(
          "%s: bad port \"%s\": it must be a number from %d to 65535"
              .formatted(text, digits, smallest));
    }
    return port;
  }

  /** Refuses options that were not asked for. */
  public void refuseOtherOptions() {
    for (String name : options.keySet()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            text
                + ": there is no option "
                + name
                + (known.isEmpty() ? "" : "; there are " + String.join(", ", known)));
      }
    }
  }

  private IllegalArgumentException bad(String name, String why) {
    return new IllegalArgumentException(text + ": option " + name + ": " + why);
  }
}
