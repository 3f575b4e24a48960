package sluice.support.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import sluice.support.memory.OffHeap;

/**
 * A connection by TCP (tcp(7)), or a socket that listens for them. Bytes go out of many pieces of
 * memory, and into many, in one call. No call blocks but {@link #awaitInput} and {@link
 * #awaitRoom}; what is sent goes out at once (TCP_NODELAY). {@link #send} and {@link #receive}
 * allocate nothing. Used by one thread at a time. A failure is a {@link LinuxException}.
 */
public final class TcpSocket implements AutoCloseable {
  /** {@link #receive}: nothing is there yet. */
  public static final int NOTHING = -1;

  private static final int SOCK_STREAM_CLOEXEC_NONBLOCK = 1 | 0x80000 | 0x800;
  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEADDR = 2;
  private static final int SO_ERROR = 4;
  private static final int SO_LINGER = 13;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_NODELAY = 1;
  private static final int SHUT_WR = 1;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int ECONNABORTED = 103;
  private static final int EINPROGRESS = 115;
  private static final int BACKLOG = 128;

  // struct msghdr; all of it but these is zero.
  private static final int MSG_IOV = 16;
  private static final int MSG_IOVLEN = 24;
  private static final int MSGHDR_BYTES = 56;

  // Where in the scratch memory the rest lies.
  private static final int POLLFD = MSGHDR_BYTES;
  private static final int TIMESPEC = POLLFD + PollFd.BYTES;
  private static final int DISCARDED = TIMESPEC + 16;
  private static final int SCRATCH_BYTES = DISCARDED + Iovec.BYTES;

  /** What is discarded in a call. */
  private static final int MOST_DISCARDED = 1 << 20;

  private static final MethodHandle SOCKET =
      Downcall.withErrno("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final FunctionDescriptor ADDRESS_CALL =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle BIND = Downcall.withErrno("bind", ADDRESS_CALL);
  private static final MethodHandle CONNECT = Downcall.withErrno("connect", ADDRESS_CALL);
  private static final FunctionDescriptor NAME_CALL =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle GETSOCKNAME = Downcall.withErrno("getsockname", NAME_CALL);
  private static final MethodHandle GETPEERNAME = Downcall.withErrno("getpeername", NAME_CALL);
  private static final FunctionDescriptor TWO_INTS =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle LISTEN = Downcall.withErrno("listen", TWO_INTS);
  private static final MethodHandle SHUTDOWN = Downcall.withErrno("shutdown", TWO_INTS);
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
  // These run hot, and often find nothing to do; see Downcall.likelyErrno. To call them again with
  // errno would not do: a connection tells its error once.
  private static final FunctionDescriptor MESSAGE_CALL =
      FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle SENDMSG = Downcall.plain("sendmsg", MESSAGE_CALL);
  private static final MethodHandle RECVMSG = Downcall.plain("recvmsg", MESSAGE_CALL);

  private final MemorySegment memory = Arena.ofAuto().allocate(SCRATCH_BYTES, Long.BYTES);
  private final long scratch = memory.address();

  /** -1 after the end. */
  private int fd;

  private TcpSocket(int fd) {
    this.fd = fd;
  }

  /**
   * Begins to connect: when there is {@linkplain #awaitRoom room}, {@link #error} tells how it
   * went.
   */
  public static TcpSocket connect(InetSocketAddress address) {
    TcpSocket socket = open(address.getAddress());
    try {
      socket.setOption(IPPROTO_TCP, TCP_NODELAY, 1);
      int errno = socket.call(CONNECT, address);
      if (errno != 0 && errno != EINPROGRESS) {
        throw Downcall.failure("connect", text(address), errno);
      }
      return socket;
    } catch (LinuxException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Listens at an address; {@link #accept} takes who comes.
   *
   * @param address port 0 for any that is free
   */
  public static TcpSocket listen(InetSocketAddress address) {
    TcpSocket socket = open(address.getAddress());
    try {
      socket.setOption(SOL_SOCKET, SO_REUSEADDR, 1);
      int errno = socket.call(BIND, address);
      if (errno != 0) {
        throw Downcall.failure("bind", text(address), errno);
      }
      socket.call(LISTEN, "listen", BACKLOG);
      return socket;
    } catch (LinuxException e) {
      socket.close();
      throw e;
    }
  }

  private static TcpSocket open(InetAddress address) {
    int fd;
    try {
      fd =
          (int)
              SOCKET.invokeExact(
                  Downcall.errnoSlot(), SockAddr.family(address), SOCK_STREAM_CLOEXEC_NONBLOCK, 0);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (fd < 0) {
      throw Downcall.failure("socket", address.getHostAddress());
    }
    return new TcpSocket(fd);
  }

  /** Returns the errno, 0 for success. */
  private int call(MethodHandle call, InetSocketAddress address) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(SockAddr.BYTES_6, Long.BYTES);
      int length = SockAddr.write(name.address(), address);
      int result = (int) call.invokeExact(Downcall.errnoSlot(), fd, name, length);
      return result == 0 ? 0 : Downcall.errno();
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
  }

  private void call(MethodHandle call, String name, int argument) {
    try {
      if ((int) call.invokeExact(Downcall.errnoSlot(), fd, argument) == 0) {
        return;
      }
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    throw Downcall.failure(name, "fd " + fd);
  }

  /**
   * Takes who has connected to a socket that listens.
   *
   * @return null when nobody has yet, or who has is gone already
   */
  public TcpSocket accept() {
    int connection;
    try {
      connection =
          (int)
              ACCEPT4.invokeExact(
                  Downcall.errnoSlot(), fd, 0L, 0L, SOCK_STREAM_CLOEXEC_NONBLOCK & ~1);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (connection >= 0) {
      TcpSocket socket = new TcpSocket(connection);
      try {
        socket.setOption(IPPROTO_TCP, TCP_NODELAY, 1);
      } catch (LinuxException e) {
        socket.close();
        throw e;
      }
      return socket;
    }
    int errno = Downcall.errno();
    if (!isTransient(errno) && errno != ECONNABORTED) {
      throw Downcall.failure("accept4", "fd " + fd, errno);
    }
    return null;
  }

  /** The socket's descriptor, to be waited for together with others. */
  public int fd() {
    return fd;
  }

  /** The address that the socket is bound to. */
  public InetSocketAddress localAddress() {
    return address(GETSOCKNAME, "getsockname");
  }

  /** The address of the other end. */
  public InetSocketAddress peerAddress() {
    return address(GETPEERNAME, "getpeername");
  }

  private InetSocketAddress address(MethodHandle call, String operation) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(SockAddr.BYTES_6, Long.BYTES);
      MemorySegment length = arena.allocateFrom(JAVA_INT, SockAddr.BYTES_6);
      if ((int) call.invokeExact(Downcall.errnoSlot(), fd, name, length) == 0) {
        return SockAddr.read(name.address());
      }
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    throw Downcall.failure(operation, "fd " + fd);
  }

  /** Takes the error that happened to the socket meanwhile; null for none. */
  public LinuxException error() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(JAVA_INT);
      MemorySegment length = arena.allocateFrom(JAVA_INT, Integer.BYTES);
      int result =
          (int)
              GETSOCKOPT.invokeExact(Downcall.errnoSlot(), fd, SOL_SOCKET, SO_ERROR, value, length);
      if (result == 0) {
        int error = value.get(JAVA_INT, 0);
        return error == 0 ? null : Downcall.failure("connect", "fd " + fd, error);
      }
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    throw Downcall.failure("getsockopt", "fd " + fd);
  }

  private void setOption(int level, int option, int... values) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocateFrom(JAVA_INT, values);
      int length = (int) value.byteSize();
      if ((int) SETSOCKOPT.invokeExact(Downcall.errnoSlot(), fd, level, option, value, length)
          == 0) {
        return;
      }
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    throw Downcall.failure("setsockopt", level + ", " + option);
  }

  /**
   * Sends bytes.
   *
   * @param iovecs address of an array of {@link Iovec}
   * @param count how many, 1 to 1024
   * @return how many bytes were taken; 0 when there is no room now
   */
  public long send(long iovecs, int count) {
    putMessage(iovecs, count);
    int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    try {
      long n = (long) SENDMSG.invokeExact(fd, scratch, flags);
      if (n < 0) {
        requireTransient("sendmsg");
      }
      return Math.max(n, 0);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
  }

  /**
   * Receives bytes.
   *
   * @param iovecs address of an array of {@link Iovec}, whose lengths are not all 0
   * @param count how many, 1 to 1024
   * @return how many bytes; 0 when the other end sends no more, {@link #NOTHING} when none are
   *     there
   */
  public long receive(long iovecs, int count) {
    return receive(iovecs, count, 0);
  }

  private long receive(long iovecs, int count, int flags) {
    putMessage(iovecs, count);
    try {
      long n = (long) RECVMSG.invokeExact(fd, scratch, MSG_DONTWAIT | flags);
      if (n < 0) {
        requireTransient("recvmsg");
      }
      return n < 0 ? NOTHING : n;
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
  }

  /**
   * Receives what is there, up to a megabyte, and keeps none of it.
   *
   * @return as {@link #receive}
   */
  public long discard() {
    Iovec.put(scratch + DISCARDED, 0, MOST_DISCARDED);
    return receive(scratch + DISCARDED, 1, MSG_TRUNC);
  }

  private void requireTransient(String operation) {
    int errno = Downcall.likelyErrno();
    if (!isTransient(errno)) {
      throw Downcall.failure(operation, "fd " + fd, errno);
    }
  }

  private void putMessage(long iovecs, int count) {
    OffHeap.putLong(scratch + MSG_IOV, iovecs);
    OffHeap.putLong(scratch + MSG_IOVLEN, count);
  }

  /**
   * Tells the other end that nothing more is sent. What it sends can still be received. From any
   * thread.
   */
  public void endOutput() {
    call(SHUTDOWN, "shutdown", SHUT_WR);
  }

  /** Whether the other end sends no more, or there is no other end any more. From any thread. */
  public boolean hasPeerEnded() {
    return (conditions() & (PollFd.PEER_ENDED | PollFd.HANG_UP | PollFd.ERROR)) != 0;
  }

  /**
   * Whether both ends have said that they send no more, and the other end has all that was sent
   * here. From any thread.
   */
  public boolean hasEndedInOrder() {
    return (conditions() & (PollFd.HANG_UP | PollFd.ERROR)) == PollFd.HANG_UP;
  }

  private int conditions() {
    try (Arena arena = Arena.ofConfined()) {
      long pollFd = arena.allocate(PollFd.BYTES, PollFd.BYTES).address();
      PollFd.put(pollFd, fd, PollFd.PEER_ENDED);
      return PollFd.await(pollFd, 0) ? PollFd.told(pollFd) : 0;
    }
  }

  /**
   * Waits until something can be received, somebody has connected, or there was an error.
   *
   * @param timeoutNanos 0 or less not at all
   * @return false at the deadline, or when a signal came between
   */
  public boolean awaitInput(long timeoutNanos) {
    return await(PollFd.IN, timeoutNanos);
  }

  /** The same for room to send as well. */
  public boolean awaitInputOrRoom(long timeoutNanos) {
    return await((short) (PollFd.IN | PollFd.OUT), timeoutNanos);
  }

  /** The same for room to send, or the end of connecting. */
  public boolean awaitRoom(long timeoutNanos) {
    return await(PollFd.OUT, timeoutNanos);
  }

  private boolean await(short events, long timeoutNanos) {
    PollFd.put(scratch + POLLFD, fd, events);
    return Descriptors.poll(scratch + POLLFD, 1, scratch + TIMESPEC, Math.max(0, timeoutNanos)) > 0;
  }

  /** An address as people write it. */
  public static String text(InetSocketAddress address) {
    String host = hostText(address.getAddress());
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }

  /** A host's address as people write it, without the interface by which it is reached. */
  public static String hostText(InetAddress address) {
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    return zone < 0 ? text : text.substring(0, zone);
  }

  private static boolean isTransient(int errno) {
    return errno == LinuxException.EINTR || errno == LinuxException.EAGAIN;
  }

  /**
   * Ends the connection at once as {@link #abort} does, and leaves the socket open, for another
   * thread that may still use it. From any thread.
   */
  public void cut() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment nobody = arena.allocate(SockAddr.BYTES_4, Long.BYTES);
      int _ = (int) CONNECT.invokeExact(Downcall.errnoSlot(), fd, nobody, SockAddr.BYTES_4);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
  }

  /**
   * Ends the connection at once: what was sent and has not arrived is not sent any more, and the
   * other end is told that it was reset.
   */
  public void abort() {
    if (fd >= 0) {
      try {
        setOption(SOL_SOCKET, SO_LINGER, 1, 0);
      } finally {
        close();
      }
    }
  }

  /** Closes the socket; what was sent still goes out. Closing twice does nothing. */
  @Override
  public void close() {
    if (fd >= 0) {
      Linux.close(fd);
      fd = -1;
    }
  }
}
