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
 * @param queueBytes how much memory their queues may take, on the heap and off it
 */
public record TargetOptions(
    InetSocketAddress address,
    Set<String> allowedHosts,
    int mostConnections,
    int mostControllers,
    long queueBytes) {
  /** The port of NVMe over TCP. */
  public static final int PORT = 4420;

  private static final int CONNECTIONS = 1024;
  private static final int CONTROLLERS = 128;

  public TargetOptions {
    allowedHosts = Set.copyOf(allowedHosts);
  }

  /** On this machine only, for all hosts; queues take half of what Java may have at the most. */
  public static TargetOptions defaults() {
    return new TargetOptions(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT),
        Set.of(),
        CONNECTIONS,
        CONTROLLERS,
        Runtime.getRuntime().maxMemory() / 2);
  }

  public TargetOptions withAddress(InetSocketAddress value) {
    return new TargetOptions(value, allowedHosts, mostConnections, mostControllers, queueBytes);
  }

  public TargetOptions withAllowedHosts(Set<String> value) {
    return new TargetOptions(address, value, mostConnections, mostControllers, queueBytes);
  }

  public TargetOptions withMostConnections(int value) {
    return new TargetOptions(address, allowedHosts, value, mostControllers, queueBytes);
  }

  public TargetOptions withMostControllers(int value) {
    return new TargetOptions(address, allowedHosts, mostConnections, value, queueBytes);
  }

  public TargetOptions withQueueBytes(long value) {
    return new TargetOptions(address, allowedHosts, mostConnections, mostControllers, value);
  }
}
