package sluice.virtual.tcp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;

/**
 * How a {@link Target} lets hosts in.
 *
 * @param address where it listens; port 0 for any that is free
 * @param allowedHosts names (NQN) of the hosts that may connect; empty for all
 * @param mostConnections how many there can be at once
 * @param mostControllers how many hosts can be connected at once, counted by their controllers
 */
public record TargetOptions(
    InetSocketAddress address, Set<String> allowedHosts, int mostConnections, int mostControllers) {
  /** The port of NVMe over TCP. */
  public static final int PORT = 4420;

  private static final int CONNECTIONS = 1024;
  private static final int CONTROLLERS = 128;

  public TargetOptions {
    allowedHosts = Set.copyOf(allowedHosts);
  }

  /** On this machine only, for all hosts. */
  public static TargetOptions defaults() {
    return new TargetOptions(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT),
        Set.of(),
        CONNECTIONS,
        CONTROLLERS);
  }

  public TargetOptions withAddress(InetSocketAddress value) {
    return new TargetOptions(value, allowedHosts, mostConnections, mostControllers);
  }

  public TargetOptions withAllowedHosts(Set<String> value) {
    return new TargetOptions(address, value, mostConnections, mostControllers);
  }

  public TargetOptions withMostConnections(int value) {
    return new TargetOptions(address, allowedHosts, value, mostControllers);
  }

  public TargetOptions withMostControllers(int value) {
    return new TargetOptions(address, allowedHosts, mostConnections, value);
  }
}
