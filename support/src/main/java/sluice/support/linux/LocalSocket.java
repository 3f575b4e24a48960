package sluice.support.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import sluice.support.memory.OffHeap;

/**
 * A stream socket of this machine (unix(7)), which carries descriptors besides bytes. No call on it
 * blocks but {@link #await}. Used by one thread at a time. A failure is a {@link LinuxException}.
 *
 * <pre>
 *   struct msghdr                          struct cmsghdr
 *    0 | name (8)     |  8 | namelen (4)  |  0 | len (8)        |
 *   16 | iov (8)      | 24 | iovlen (8)   |  8 | level (4)      | 12 | type (4) |
 *   32 | control (8)  | 40 | controllen (8)| 16 | descriptors, 4 bytes each …    |
 *   48 | flags (4)    |
 * </pre>
 */
public final class LocalSocket implements AutoCloseable {
  /** How many descriptors a message can carry (the kernel's SCM_MAX_FD). */
  public static final int MAX_DESCRIPTORS = 253;

  /** {@link #receive}: nothing is there yet. */
  public static final int NOTHING = -1;

  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM_CLOEXEC_NONBLOCK = 1 | 0x80000 | 0x800;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_CTRUNC = 0x8;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;
  private static final int BACKLOG = 16;

  // struct sockaddr_un: the family in 2 bytes, then the path, ended by a zero.
  private static final int SOCKADDR_BYTES = 110;
  private static final int SOCKADDR_PATH = 2;

  private static final int MSG_IOV = 16;
  private static final int MSG_IOVLEN = 24;
  private static final int MSG_CONTROL = 32;
  private static final int MSG_CONTROLLEN = 40;
  private static final int MSG_FLAGS = 48;
  private static final int CMSG_LEVEL = 8;
  private static final int CMSG_TYPE = 12;
  private static final int CMSG_DATA = 16;

  // Where in the scratch memory each structure lies.
  private static final int IOVEC = 56;
  private static final int CONTROL = IOVEC + 16;
  private static final int CONTROL_BYTES = CMSG_DATA + (MAX_DESCRIPTORS + 1) * Integer.BYTES;
  private static final int POLLFD = CONTROL + CONTROL_BYTES;
  private static final int SCRATCH_BYTES = POLLFD + 8;

  private static final int POLLIN = 1;
  private static final int POLLOUT = 4;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private static final MethodHandle SOCKET =
      Downcall.withErrno("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle SOCKETPAIR =
      Downcall.withErrno(
          "socketpair", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle BIND =
      Downcall.withErrno("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle CONNECT =
      Downcall.withErrno("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle LISTEN =
      Downcall.withErrno("listen", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle ACCEPT4 =
      Downcall.withErrno(
          "accept4", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final FunctionDescriptor MESSAGE_CALL =
      FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle SENDMSG = Downcall.withErrno("sendmsg", MESSAGE_CALL);
  // Called often while nothing is there; see Downcall.likelyErrno.
  private static final MethodHandle RECVMSG = Downcall.plain("recvmsg", MESSAGE_CALL);
  private static final MethodHandle RECVMSG_ERRNO = Downcall.withErrno("recvmsg", MESSAGE_CALL);

  private final MemorySegment memory = Arena.ofAuto().allocate(SCRATCH_BYTES, Long.BYTES);
  private final long scratch = memory.address();
  private final int[] received = new int[MAX_DESCRIPTORS];
  private int receivedCount;

  /** -1 after the end. */
  private int fd;

  /**
   * @param fd a socket, which is closed with this
   */
  public LocalSocket(int fd) {
    this.fd = fd;
  }

  /**
   * Connects to who listens at a path.
   *
   * @throws LinuxException if nobody does, or does not accept anybody now (EAGAIN)
   * @throws IllegalArgumentException if the path is longer than the 107 bytes that the kernel takes
   */
  public static LocalSocket connect(Path path) {
    return new LocalSocket(open(path, CONNECT, "connect"));
  }

  /** Listens at a path, which is made; {@link #accept} takes who comes. */
  public static LocalSocket listen(Path path) {
    int fd = open(path, BIND, "bind");
    int result;
    try {
      result = (int) LISTEN.invokeExact(Downcall.errnoSlot(), fd, BACKLOG);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (result != 0) {
      LinuxException failure = Downcall.failure("listen", path.toString());
      Linux.close(fd);
      throw failure;
    }
    return new LocalSocket(fd);
  }

  private static int open(Path path, MethodHandle call, String name) {
    byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
    if (bytes.length >= SOCKADDR_BYTES - SOCKADDR_PATH) {
      throw new IllegalArgumentException(
          "a socket's path has 107 bytes at most, this has " + bytes.length + ": " + path);
    }
    int fd;
    int result;
    try (Arena arena = Arena.ofConfined()) {
      fd = (int) SOCKET.invokeExact(Downcall.errnoSlot(), AF_UNIX, SOCK_STREAM_CLOEXEC_NONBLOCK, 0);
      if (fd < 0) {
        throw Downcall.failure("socket", path.toString());
      }
      MemorySegment address = arena.allocate(SOCKADDR_BYTES, Long.BYTES);
      OffHeap.putShort(address.address(), (short) AF_UNIX);
      for (int i = 0; i < bytes.length; i++) {
        OffHeap.putByte(address.address() + SOCKADDR_PATH + i, bytes[i]);
      }
      result = (int) call.invokeExact(Downcall.errnoSlot(), fd, address.address(), SOCKADDR_BYTES);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (result != 0) {
      LinuxException failure = Downcall.failure(name, path.toString());
      Linux.close(fd);
      throw failure;
    }
    return fd;
  }

  /** Two sockets that are connected to each other. */
  public static LocalSocket[] pair() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment fds = arena.allocate(JAVA_INT, 2);
      int result =
          (int)
              SOCKETPAIR.invokeExact(
                  Downcall.errnoSlot(), AF_UNIX, SOCK_STREAM_CLOEXEC_NONBLOCK, 0, fds.address());
      if (result == 0) {
        return new LocalSocket[] {
          new LocalSocket(fds.getAtIndex(JAVA_INT, 0)), new LocalSocket(fds.getAtIndex(JAVA_INT, 1))
        };
      }
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    throw Downcall.failure("socketpair", "");
  }

  /** The descriptor, still this object's. */
  public int fd() {
    return fd;
  }

  /**
   * Takes who has connected to a socket that listens.
   *
   * @return null when nobody has yet
   */
  public LocalSocket accept() {
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
      return new LocalSocket(connection);
    }
    if (Downcall.errno() != LinuxException.EAGAIN && Downcall.errno() != LinuxException.EINTR) {
      throw Downcall.failure("accept4", "fd " + fd);
    }
    return null;
  }

  /**
   * Sends bytes, and descriptors with the first of them.
   *
   * @param length more than 0
   * @param descriptors at most {@link #MAX_DESCRIPTORS}, which stay the caller's
   * @return how many bytes were taken; 0 when there is no room now
   */
  public long send(long address, long length, int... descriptors) {
    Objects.checkIndex(descriptors.length, MAX_DESCRIPTORS + 1);
    long control = scratch + CONTROL;
    int controlBytes = 0;
    if (descriptors.length > 0) {
      controlBytes = CMSG_DATA + descriptors.length * Integer.BYTES;
      OffHeap.putLong(control, controlBytes);
      OffHeap.putInt(control + CMSG_LEVEL, SOL_SOCKET);
      OffHeap.putInt(control + CMSG_TYPE, SCM_RIGHTS);
      for (int i = 0; i < descriptors.length; i++) {
        OffHeap.putInt(control + CMSG_DATA + (long) i * Integer.BYTES, descriptors[i]);
      }
    }
    putMessage(address, length, roundUp(controlBytes));
    long n;
    try {
      n =
          (long)
              SENDMSG.invokeExact(Downcall.errnoSlot(), fd, scratch, MSG_DONTWAIT | MSG_NOSIGNAL);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (n < 0) {
      if (!isTransient(Downcall.errno())) {
        throw Downcall.failure("sendmsg", "fd " + fd);
      }
      return 0;
    }
    return n;
  }

  /**
   * Receives bytes, and the descriptors that came with them: these are {@link #descriptors} more,
   * the caller's from now on, to be read before the next call.
   *
   * @param length more than 0
   * @return how many bytes; 0 when the other end has closed, {@link #NOTHING} when none are there
   * @throws LinuxException if there were more descriptors than this process or a message may have;
   *     EMSGSIZE. None is left open then
   */
  public long receive(long address, long length) {
    receivedCount = 0;
    putMessage(address, length, CONTROL_BYTES);
    int flags = MSG_DONTWAIT | MSG_CMSG_CLOEXEC;
    long n;
    try {
      n = (long) RECVMSG.invokeExact(fd, scratch, flags);
      if (n < 0 && !isTransient(Downcall.likelyErrno())) {
        n = (long) RECVMSG_ERRNO.invokeExact(Downcall.errnoSlot(), fd, scratch, flags);
        if (n < 0 && !isTransient(Downcall.errno())) {
          throw Downcall.failure("recvmsg", "fd " + fd);
        }
      }
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (n < 0) {
      return NOTHING;
    }
    takeDescriptors();
    return n;
  }

  private void takeDescriptors() {
    long control = scratch + CONTROL;
    long controlBytes = OffHeap.getLong(scratch + MSG_CONTROLLEN);
    if (controlBytes >= CMSG_DATA
        && OffHeap.getInt(control + CMSG_LEVEL) == SOL_SOCKET
        && OffHeap.getInt(control + CMSG_TYPE) == SCM_RIGHTS) {
      receivedCount = (int) ((OffHeap.getLong(control) - CMSG_DATA) / Integer.BYTES);
      for (int i = 0; i < receivedCount; i++) {
        received[i] = OffHeap.getInt(control + CMSG_DATA + (long) i * Integer.BYTES);
      }
    }
    if ((OffHeap.getInt(scratch + MSG_FLAGS) & MSG_CTRUNC) != 0) {
      for (int i = 0; i < receivedCount; i++) {
        Linux.close(received[i]);
      }
      receivedCount = 0;
      throw Downcall.failure("recvmsg", "descriptors", LinuxException.EMSGSIZE);
    }
  }

  /** How many descriptors came with what was received last. */
  public int descriptors() {
    return receivedCount;
  }

  /** A descriptor that came with what was received last; it is the caller's to close. */
  public int descriptor(int index) {
    return received[Objects.checkIndex(index, receivedCount)];
  }

  private void putMessage(long address, long length, int controlBytes) {
    OffHeap.putLong(scratch + IOVEC, address);
    OffHeap.putLong(scratch + IOVEC + 8, length);
    OffHeap.putLong(scratch + MSG_IOV, scratch + IOVEC);
    OffHeap.putLong(scratch + MSG_IOVLEN, 1);
    OffHeap.putLong(scratch + MSG_CONTROL, controlBytes == 0 ? 0 : scratch + CONTROL);
    OffHeap.putLong(scratch + MSG_CONTROLLEN, controlBytes);
    OffHeap.putInt(scratch + MSG_FLAGS, 0);
  }

  /**
   * Waits until something can be received, somebody has connected, or the other end has closed.
   *
   * @param timeoutNanos rounded up to milliseconds; 0 or less not at all, {@link Long#MAX_VALUE}
   *     without a deadline
   * @return false at the deadline, or when a signal came between
   */
  public boolean awaitInput(long timeoutNanos) {
    return await(POLLIN, timeoutNanos);
  }

  /** The same for room to send. */
  public boolean awaitRoom(long timeoutNanos) {
    return await(POLLOUT, timeoutNanos);
  }

  private boolean await(int events, long timeoutNanos) {
    // struct pollfd: int fd, short events, short revents.
    OffHeap.putInt(scratch + POLLFD, fd);
    OffHeap.putInt(scratch + POLLFD + 4, events);
    int millis =
        timeoutNanos == Long.MAX_VALUE
            ? -1
            : Math.clamp(Math.ceilDiv(timeoutNanos, NANOS_PER_MILLI), 0, Integer.MAX_VALUE);
    return Linux.poll(scratch + POLLFD, 1, millis) > 0;
  }

  private static int roundUp(int controlBytes) {
    return controlBytes + 7 & ~7;
  }

  private static boolean isTransient(int errno) {
    return errno == LinuxException.EAGAIN || errno == LinuxException.EINTR;
  }

  /** Closes the socket; descriptors that were received stay open. */
  @Override
  public void close() {
    if (fd >= 0) {
      Linux.close(fd);
      fd = -1;
    }
  }
}
