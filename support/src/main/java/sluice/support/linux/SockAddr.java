package sluice.support.linux;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import sluice.support.memory.OffHeap;

/**
 * The kernel's {@code struct sockaddr_in} and {@code sockaddr_in6} (ip(7), ipv6(7)). The family is
 * in the machine's byte order, port and address in the network's.
 *
 * <pre>
 *        0        2        4                 8                                 24       28
 *        +--------+--------+-----------------+----------------+
 *  IPv4  | family |  port  |     address     |  zeros         |
 *        +--------+--------+-----------------+----------------+----------------+--------+
 *  IPv6  | family |  port  |    flow info    |             address             | scope  |
 *        +--------+--------+-----------------+---------------------------------+--------+
 * </pre>
 */
public final class SockAddr {
  /** The families. */
  public static final int AF_INET = 2;

  public static final int AF_INET6 = 10;

  /** Bytes of an address of either family. */
  public static final int BYTES_4 = 16;

  public static final int BYTES_6 = 28;

  private static final int FAMILY = 0;
  private static final int PORT = 2;
  private static final int ADDRESS_4 = 4;
  private static final int ADDRESS_6 = 8;
  private static final int SCOPE_6 = 24;

  static {
    // Both machines that the project runs on, x86-64 and aarch64, are.
    assert ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
  }

  private SockAddr() {}

  /** The family of an address, as it is asked for of a socket. */
  public static int family(InetAddress address) {
    return address instanceof Inet4Address ? AF_INET : AF_INET6;
  }

  /**
   * Writes an address.
   *
   * @param to {@link #BYTES_6} bytes of memory
   * @return how many bytes of it the kernel is to look at
   */
  public static int write(long to, InetSocketAddress from) {
    InetAddress host = from.getAddress();
    byte[] address = host.getAddress();
    OffHeap.zero(to, BYTES_6);
    OffHeap.putShort(to + FAMILY, (short) family(host));
    OffHeap.putShort(to + PORT, Short.reverseBytes((short) from.getPort()));
    boolean isV4 = host instanceof Inet4Address;
    for (int i = 0; i < address.length; i++) {
      OffHeap.putByte(to + (isV4 ? ADDRESS_4 : ADDRESS_6) + i, address[i]);
    }
    if (host instanceof Inet6Address v6) {
      OffHeap.putInt(to + SCOPE_6, v6.getScopeId());
    }
    return isV4 ? BYTES_4 : BYTES_6;
  }

  /** Reads an address of either family. */
  public static InetSocketAddress read(long from) {
    int family = OffHeap.getShort(from + FAMILY);
    if (family != AF_INET && family != AF_INET6) {
      throw new IllegalArgumentException("not an internet address: family " + family);
    }
    byte[] address = new byte[family == AF_INET ? 4 : 16];
    for (int i = 0; i < address.length; i++) {
      address[i] = OffHeap.getByte(from + (family == AF_INET ? ADDRESS_4 : ADDRESS_6) + i);
    }
    int port = Short.toUnsignedInt(Short.reverseBytes(OffHeap.getShort(from + PORT)));
    try {
      if (family == AF_INET6 && OffHeap.getInt(from + SCOPE_6) != 0) {
        int scope = OffHeap.getInt(from + SCOPE_6);
        return new InetSocketAddress(Inet6Address.getByAddress(null, address, scope), port);
      }
      return new InetSocketAddress(InetAddress.getByAddress(address), port);
    } catch (UnknownHostException e) {
      throw new AssertionError("4 and 16 bytes are the lengths of addresses", e);
    }
  }
}
