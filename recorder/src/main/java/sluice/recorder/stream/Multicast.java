package sluice.recorder.stream;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;
import sluice.support.linux.Downcall;

/** Sockets of groups of hosts (ip(7), ipv6(7)). */
public final class Multicast {
  private static final int IPPROTO_IP = 0;
  private static final int IP_MULTICAST_IF = 32;
  private static final int IP_MULTICAST_TTL = 33;
  private static final int IP_ADD_MEMBERSHIP = 35;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_MULTICAST_IF = 17;
  private static final int IPV6_MULTICAST_HOPS = 18;
  private static final int IPV6_JOIN_GROUP = 20;

  private Multicast() {}

  /**
   * Receives what is sent to a group too ({@code struct ip_mreqn}, {@code struct ipv6_mreq}).
   *
   * @param interfaceIndex the network interface to join on; 0 for the one that the routes say
   */
  public static void joinGroup(int fd, InetAddress group, int interfaceIndex) {
    byte[] bytes = group.getAddress();
    boolean isV4 = group instanceof Inet4Address;
    try (Arena arena = Arena.ofConfined()) {
      // IPv4: group, local address, index; IPv6: group, index.
      MemorySegment request = arena.allocate(isV4 ? 12 : 20, Integer.BYTES);
      MemorySegment.copy(bytes, 0, request, JAVA_BYTE, 0, bytes.length);
      request.set(JAVA_INT, request.byteSize() - Integer.BYTES, interfaceIndex);
      if (isV4
          ? Sockets.setOption(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, request)
          : Sockets.setOption(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, request)) {
        return;
      }
    }
    throw Downcall.failure("setsockopt", "join " + group.getHostAddress());
  }

  /**
   * Says how datagrams to a group leave.
   *
   * @param interfaceIndex by which network interface; 0 for the one that the routes say
   * @param hops how many routers they may pass, 0 to 255
   */
  public static void sendToGroup(int fd, InetAddress group, int interfaceIndex, int hops) {
    if (group instanceof Inet4Address) {
      Sockets.setOption(fd, IPPROTO_IP, IP_MULTICAST_TTL, hops);
      if (interfaceIndex != 0) {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment request = arena.allocate(12, Integer.BYTES);
          request.set(JAVA_INT, 8, interfaceIndex);
          boolean _ = Sockets.setOption(fd, IPPROTO_IP, IP_MULTICAST_IF, request);
        }
      }
    } else {
      Sockets.setOption(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, hops);
      if (interfaceIndex != 0) {
        Sockets.setOption(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, interfaceIndex);
      }
    }
  }
}
