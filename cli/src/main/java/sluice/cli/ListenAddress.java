package sluice.cli;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Where to listen, as people write it: {@code 10.0.0.1}, {@code :4420}, {@code [::]:4420}. */
final class ListenAddress {
  private static final int MAX_PORT = 65_535;

  private ListenAddress() {}

  /**
   * @param port where none is said
   * @throws IllegalArgumentException if it is no address of this machine's form; one clear line
   */
  static InetSocketAddress parse(String text, int port) {
    String host = text;
    String service = "";
    int bracket = text.lastIndexOf(']');
    int colon = text.indexOf(':', Math.max(bracket, 0));
    boolean isBareIpv6 = bracket < 0 && colon >= 0 && text.indexOf(':', colon + 1) >= 0;
    if (colon >= 0 && !isBareIpv6) {
      host = text.substring(0, colon);
      service = text.substring(colon + 1);
      if (service.isEmpty()) {
        throw new IllegalArgumentException("'" + text + "' has no port behind its colon");
      }
    }
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    InetAddress address;
    try {
      address = host.isEmpty() ? InetAddress.getLoopbackAddress() : InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "'" + host + "' is no address and no host's name; one looks like 0.0.0.0:4420", e);
    }
    return new InetSocketAddress(address, service.isEmpty() ? port : port(text, service));
  }

  private static int port(String text, String service) {
    int port = service.matches("[0-9]{1,5}") ? Integer.parseInt(service) : -1;
    if (port < 0 || port > MAX_PORT) {
      throw new IllegalArgumentException("'" + text + "': a port is a number up to " + MAX_PORT);
    }
    return port;
  }
}
