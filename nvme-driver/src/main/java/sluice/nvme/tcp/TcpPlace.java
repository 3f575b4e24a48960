package sluice.nvme.tcp;

import java.nio.charset.StandardCharsets;
import sluice.nvme.spec.ConnectData;

/**
 * Where a subsystem is: {@code //HOST[:PORT]/NQN}.
 *
 * @param host a name, an IPv4 address, or an IPv6 address without its brackets
 * @param port 1 to 65535
 * @param subsystem its NQN; empty if it is not told
 */
record TcpPlace(String host, int port, String subsystem) {
  /** Where controllers listen that are told no other port. */
  static final int PORT = 4420;

  private static final String BEGIN = "//";
  private static final int MAX_PORT = 65535;

  /**
   * Reads a place.
   *
   * @param text as in an address, behind {@code tcp:}
   * @throws IllegalArgumentException if it is none; one clear line
   */
  static TcpPlace parse(String text) {
    if (!text.startsWith(BEGIN)) {
      throw bad(text);
    }
    int slash = text.indexOf('/', BEGIN.length());
    String authority = text.substring(BEGIN.length(), slash < 0 ? text.length() : slash);
    String subsystem = slash < 0 ? "" : text.substring(slash + 1);
    if (subsystem.getBytes(StandardCharsets.UTF_8).length > ConnectData.MAX_NAME_BYTES) {
      throw new IllegalArgumentException(
          "a subsystem's name has %d bytes at most: tcp:%s"
              .formatted(ConnectData.MAX_NAME_BYTES, text));
    }
    return parse(authority, PORT, subsystem);
  }

  /**
   * Reads a host and perhaps a port.
   *
   * @param authority {@code HOST[:PORT]}, an IPv6 address in brackets
   * @param port where none is given
   */
  static TcpPlace parse(String authority, int port, String subsystem) {
    String host = authority;
    String portText = "";
    int bracket = authority.lastIndexOf(']');
    int colon = authority.indexOf(':', Math.max(bracket, 0));
    if (colon >= 0) {
      host = authority.substring(0, colon);
      portText = authority.substring(colon + 1);
      if (portText.isEmpty()) {
        throw bad(authority);
      }
    }
    if (host.startsWith("[") != (bracket >= 0) || (bracket >= 0 && bracket != host.length() - 1)) {
      throw bad(authority);
    }
    if (bracket >= 0) {
      host = host.substring(1, bracket);
    }
    if (host.isEmpty() || host.chars().anyMatch(Character::isWhitespace)) {
      throw bad(authority);
    }
    return new TcpPlace(host, portText.isEmpty() ? port : port(portText, authority), subsystem);
  }

  private static int port(String text, String authority) {
    int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
    if (port < 1 || port > MAX_PORT) {
      throw new IllegalArgumentException(
          "'%s' is no port, in '%s'; one is 1 to %d".formatted(text, authority, MAX_PORT));
    }
    return port;
  }

  private static IllegalArgumentException bad(String text) {
    return new IllegalArgumentException(
        "'"
            + text
            + "' does not say where a subsystem is; an address looks like"
            + " tcp://HOST[:PORT]/NQN, with an IPv6 address in brackets");
  }

  /** The same place with a subsystem. */
  TcpPlace with(String name) {
    return new TcpPlace(host, port, name);
  }

  /** Host and port, as people write them. */
  String authority() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }

  /** As a drive's address. */
  @Override
  public String toString() {
    return "tcp:" + BEGIN + authority() + (subsystem.isEmpty() ? "" : "/" + subsystem);
  }
}
