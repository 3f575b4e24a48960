package sluice.recorder.stream;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import sluice.support.linux.Downcall;
import sluice.support.linux.LinuxException;
import sluice.support.linux.SockAddr;

/**
 * The system calls on sockets. A failure is a {@link LinuxException}. {@link #receiveMany} and
 * {@link #sendMany} are for hot paths: they allocate nothing; the others are for set-up.
 *
 * <p>Numbers are those of x86-64 and aarch64.
 */
public final class Sockets {
  public static final int SOCK_STREAM = 1;
  public static final int SOCK_DGRAM = 2;

  /** {@link #setOption}: the level of the socket itself, and its options. */
  public static final int SOL_SOCKET = 1;

  public static final int SO_REUSEADDR = 2;
  public static final int SO_SNDBUF = 7;
  public static final int SO_RCVBUF = 8;
  public static final int SO_SNDBUFFORCE = 32;
  public static final int SO_RCVBUFFORCE = 33;

  /** Makes each datagram carry the count of those that were dropped before it (socket(7)). */
  public static final int SO_RXQ_OVFL = 40;

  /** {@link #receiveMany}: report the whole length of a datagram that was cut off. */
  public static final int MSG_TRUNC = 0x20;

  private static final int SOCK_NONBLOCK = 0x800;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SO_ERROR = 4;
  private static final int SO_MEMINFO = 55;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int EPERM = 1;
  private static final int EINPROGRESS = 115;

  /** Nobody listens where a datagram was sent to, or a connection was asked for. */
  private static final int ECONNREFUSED = 111;

  private static final MethodHandle SOCKET =
      Downcall.withErrno("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle BIND = addressCall("bind", JAVA_INT);
  private static final MethodHandle CONNECT = addressCall("connect", JAVA_INT);
  private static final MethodHandle GETSOCKNAME = addressCall("getsockname", ADDRESS);
  private static final MethodHandle GETPEERNAME = addressCall("getpeername", ADDRESS);
  private static final MethodHandle LISTEN =
      Downcall.withErrno("listen", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle ACCEPT4 =
      Downcall.withErrno(
          "accept4", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle SETSOCKOPT =
      Downcall.withErrno(
          "setsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle GETSOCKOPT =
      Downcall.withErrno(
          "getsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  // These two run hot and often find nothing to do. A handle with errno makes a slice of the errno
  // segment per call, which the compiler removes only where it inlines deep enough; so they are
  // called without first. When one fails for a reason that does not seem to pass, it is called
  // again with errno: nothing is lost by that.
  private static final FunctionDescriptor RECVMMSG_TYPE =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle RECVMMSG = Downcall.plain("recvmmsg", RECVMMSG_TYPE);
  private static final MethodHandle RECVMMSG_ERRNO = Downcall.withErrno("recvmmsg", RECVMMSG_TYPE);
  private static final FunctionDescriptor SENDMMSG_TYPE =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
  private static final MethodHandle SENDMMSG = Downcall.plain("sendmmsg", SENDMMSG_TYPE);
  private static final MethodHandle SENDMMSG_ERRNO = Downcall.withErrno("sendmmsg", SENDMMSG_TYPE);

  private static final MethodHandle GETSOCKOPT_QUICK =
      Downcall.plain(
          "getsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));

  private Sockets() {}

  private static MethodHandle addressCall(String name, MemoryLayout length) {
    return Downcall.withErrno(name, FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, length));
  }

  /**
   * Makes a socket that never blocks and is closed over exec.
   *
   * @param peer an address of the family that it is for
   * @param type {@link #SOCK_STREAM} or {@link #SOCK_DGRAM}
   */
  public static int open(InetAddress peer, int type) {
    int fd;
    try {
      fd =
          (int)
              SOCKET.invokeExact(
                  Downcall.errnoSlot(),
                  SockAddr.family(peer),
                  type | SOCK_NONBLOCK | SOCK_CLOEXEC,
                  0);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (fd < 0) {
      throw Downcall.failure("socket", peer.getHostAddress());
    }
    return fd;
  }

  /** Gives a socket its local address; port 0 for any that is free. */
  public static void bind(int fd, InetSocketAddress address) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(SockAddr.BYTES_6, Long.BYTES);
      int length = SockAddr.write(memory.address(), address);
      if ((int) BIND.invokeExact(Downcall.errnoSlot(), fd, memory, length) == 0) {
        return;
      }
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    throw Downcall.failure("bind", text(address));
  }

  /**
   * Connects, or starts to.
   *
   * @return false when it is under way: the socket gets writable when it is done, and then {@link
   *     #error} tells how it went
   */
  public static boolean connect(int fd, InetSocketAddress address) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(SockAddr.BYTES_6, Long.BYTES);
      int length = SockAddr.write(memory.address(), address);
      if ((int) CONNECT.invokeExact(Downcall.errnoSlot(), fd, memory, length) == 0) {
        return true;
      }
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (Downcall.errno() != EINPROGRESS) {
      throw Downcall.failure("connect", text(address));
    }
    return false;
  }

  /** Takes the error that happened to a socket meanwhile: an errno, or 0. */
  public static int error(int fd) {
    return option(fd, SOL_SOCKET, SO_ERROR);
  }

  /** Takes connections from now on. */
  public static void listen(int fd, int backlog) {
    int result;
    try {
      result = (int) LISTEN.invokeExact(Downcall.errnoSlot(), fd, backlog);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    int _ = orFailure(result, "listen", fd);
  }

  /**
   * Takes a connection.
   *
   * @return its descriptor, which never blocks; -1 when nobody has come yet
   */
  public static int accept(int fd) {
    int connection;
    try {
      connection =
          (int) ACCEPT4.invokeExact(Downcall.errnoSlot(), fd, 0L, 0L, SOCK_NONBLOCK | SOCK_CLOEXEC);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    return connection < 0 && isTransient(Downcall.errno())
        ? -1
        : orFailure(connection, "accept4", fd);
  }

  /** The address that a socket is bound to. */
  public static InetSocketAddress localAddress(int fd) {
    return address(GETSOCKNAME, "getsockname", fd);
  }

  /** The address at the other end of a connection. */
  public static InetSocketAddress peerAddress(int fd) {
    return address(GETPEERNAME, "getpeername", fd);
  }

  private static InetSocketAddress address(MethodHandle call, String name, int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(SockAddr.BYTES_6, Long.BYTES);
      MemorySegment length = arena.allocateFrom(JAVA_INT, SockAddr.BYTES_6);
      if ((int) call.invokeExact(Downcall.errnoSlot(), fd, memory, length) == 0) {
        return SockAddr.read(memory.address());
      }
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    throw Downcall.failure(name, "fd " + fd);
  }

  /** Sets an option whose value is an int. */
  public static void setOption(int fd, int level, int option, int value) {
    if (!trySetOption(fd, level, option, value)) {
      throw Downcall.failure("setsockopt", level + ", " + option + ", " + value);
    }
  }

  /**
   * Sets an option whose value is an int, if this user may.
   *
   * @return false when the user may not
   */
  public static boolean trySetOption(int fd, int level, int option, int value) {
    try (Arena arena = Arena.ofConfined()) {
      return setOption(fd, level, option, arena.allocateFrom(JAVA_INT, value));
    }
  }

  static boolean setOption(int fd, int level, int option, MemorySegment value) {
    int result;
    try {
      result =
          (int)
              SETSOCKOPT.invokeExact(
                  Downcall.errnoSlot(), fd, level, option, value, (int) value.byteSize());
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (result < 0 && Downcall.errno() != EPERM) {
      throw Downcall.failure("setsockopt", level + ", " + option);
    }
    return result == 0;
  }

  /** Reads an option whose value is an int. */
  public static int option(int fd, int level, int option) {
    try (Arena arena = Arena.ofConfined()) {
      return option(fd, level, option, arena.allocate(JAVA_INT)).get(JAVA_INT, 0);
    }
  }

  /**
   * Asks what the kernel holds for a socket. Allocates nothing.
   *
   * @param value address of a {@link MemInfo}
   * @param length address of an int, its length
   * @return whether it told
   */
  static boolean memInfo(int fd, long value, long length) {
    try {
      return (int) GETSOCKOPT_QUICK.invokeExact(fd, SOL_SOCKET, SO_MEMINFO, value, length) == 0;
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
  }

  private static MemorySegment option(int fd, int level, int option, MemorySegment value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment length = arena.allocateFrom(JAVA_INT, (int) value.byteSize());
      if ((int) GETSOCKOPT.invokeExact(Downcall.errnoSlot(), fd, level, option, value, length)
          == 0) {
        return value;
      }
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    throw Downcall.failure("getsockopt", level + ", " + option);
  }

  /**
   * Asks for a buffer in the kernel, over the system's limit if this user may (CAP_NET_ADMIN).
   *
   * @param option {@link #SO_RCVBUF} or {@link #SO_SNDBUF}
   * @param bytes more than 0
   * @return what was granted, in bytes
   */
  public static int setBuffer(int fd, int option, int bytes) {
    int force = option == SO_RCVBUF ? SO_RCVBUFFORCE : SO_SNDBUFFORCE;
    if (!trySetOption(fd, SOL_SOCKET, force, bytes)) {
      setOption(fd, SOL_SOCKET, option, bytes);
    }
    // The kernel doubles what it is told, for its own bookkeeping, and reports the double.
    return option(fd, SOL_SOCKET, option) / 2;
  }

  /**
   * Receives datagrams that are there, without waiting.
   *
   * @param messages address of an array of {@link Mmsghdr}
   * @param count how many of them at the most
   * @param flags 0 or {@link #MSG_TRUNC}
   * @return how many were received; 0 when there is none now
   */
  public static int receiveMany(int fd, long messages, int count, int flags) {
    try {
      int n = (int) RECVMMSG.invokeExact(fd, messages, count, flags | MSG_DONTWAIT, 0L);
      if (n < 0 && !isTransient(Downcall.likelyErrno())) {
        n =
            (int)
                RECVMMSG_ERRNO.invokeExact(
                    Downcall.errnoSlot(), fd, messages, count, flags | MSG_DONTWAIT, 0L);
        if (n < 0 && !isTransient(Downcall.errno())) {
          throw Downcall.failure("recvmmsg", "fd " + fd);
        }
      }
      return Math.max(n, 0);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
  }

  /**
   * Sends datagrams on a connected socket, without waiting.
   *
   * @param messages address of an array of {@link Mmsghdr}
   * @return how many were sent; 0 when the kernel takes none now, or reports that nobody listened
   *     to an earlier one
   */
  public static int sendMany(int fd, long messages, int count) {
    int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    try {
      int n = (int) SENDMMSG.invokeExact(fd, messages, count, flags);
      if (n < 0 && !isTransient(Downcall.likelyErrno())) {
        n = (int) SENDMMSG_ERRNO.invokeExact(Downcall.errnoSlot(), fd, messages, count, flags);
        if (n < 0 && !isTransient(Downcall.errno()) && Downcall.errno() != ECONNREFUSED) {
          throw Downcall.failure("sendmmsg", "fd " + fd);
        }
      }
      return Math.max(n, 0);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
  }

  /** An address as people write it. */
  public static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }

  private static boolean isTransient(int errno) {
    return errno == LinuxException.EINTR || errno == LinuxException.EAGAIN;
  }

  private static int orFailure(int result, String operation, int fd) {
    if (result < 0) {
      throw Downcall.failure(operation, "fd " + fd);
    }
    return result;
  }
}
