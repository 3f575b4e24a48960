package sluice.support.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Events as descriptors: eventfd, which the kernel or a thread raises, and epoll, which waits for
 * them. A failure is a {@link LinuxException}.
 */
public final class Events {
  private static final int EFD_CLOEXEC_NONBLOCK = 0x80000 | 0x800;
  private static final int EPOLL_CLOEXEC = 0x80000;
  private static final int EPOLL_CTL_ADD = 1;
  private static final int EPOLLIN_EPOLLET = 0x1 | 1 << 31;
  private static final int POLLIN = 1;

  /** Bytes of {@code struct epoll_event}; it is packed on x86, 16 bytes elsewhere. */
  private static final int EPOLL_EVENT_BYTES = 16;

  private static final int POLLFD_BYTES = 8;
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** What a raise adds. */
  private static final MemorySegment ONE = Arena.global().allocateFrom(JAVA_LONG, 1);

  private static final MethodHandle EVENTFD =
      Downcall.withErrno("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle EPOLL_CREATE1 =
      Downcall.withErrno("epoll_create1", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle EPOLL_CTL =
      Downcall.withErrno(
          "epoll_ctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle EPOLL_WAIT =
      Downcall.withErrno(
          "epoll_wait", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT));

  private Events() {}

  /** Makes an event that has not been raised; closed by {@link Linux#close}. */
  public static int eventfd() {
    int fd;
    try {
      fd = (int) EVENTFD.invokeExact(Downcall.errnoSlot(), 0, EFD_CLOEXEC_NONBLOCK);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (fd < 0) {
      throw Downcall.failure("eventfd", "0");
    }
    return fd;
  }

  /**
   * Raises an event of this process's own. Allocates nothing. Where another process has it too,
   * this may wait for ever: there it takes an {@link EventRaiser}.
   */
  public static void raise(int eventfd) {
    // An event that was raised 2^64 times and never read cannot be raised again, and need not be.
    long _ = Linux.write(eventfd, ONE.address(), Long.BYTES);
  }

  /**
   * Makes a wait for events that never reads them: each raise ends one wait, also when others wait
   * for the same event.
   *
   * @return a descriptor for {@link #await}, closed by {@link Linux#close}
   */
  public static int newWait(int... eventfds) {
    int epoll;
    try {
      epoll = (int) EPOLL_CREATE1.invokeExact(Downcall.errnoSlot(), EPOLL_CLOEXEC);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (epoll < 0) {
      throw Downcall.failure("epoll_create1", "");
    }
    try {
      for (int eventfd : eventfds) {
        add(epoll, eventfd);
      }
      return epoll;
    } catch (LinuxException e) {
      Linux.close(epoll);
      throw e;
    }
  }

  private static void add(int epoll, int eventfd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment event = arena.allocate(EPOLL_EVENT_BYTES, Long.BYTES);
      event.set(JAVA_INT, 0, EPOLLIN_EPOLLET);
      int result =
          (int)
              EPOLL_CTL.invokeExact(
                  Downcall.errnoSlot(), epoll, EPOLL_CTL_ADD, eventfd, event.address());
      if (result == 0) {
        return;
      }
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    throw Downcall.failure("epoll_ctl", "fd " + eventfd);
  }

  /**
   * Waits until one of the events of {@link #newWait} was raised since the last call returned.
   *
   * @param scratch address of 16 bytes that the call may write to
   * @param timeoutNanos rounded up to milliseconds; 0 or less not at all
   * @return false at the deadline, or when a signal came between
   */
  public static boolean await(int epoll, long scratch, long timeoutNanos) {
    // Less than nothing would be for ever.
    long millis = Math.clamp(Math.ceilDiv(timeoutNanos, NANOS_PER_MILLI), 0, Integer.MAX_VALUE);
    int n;
    try {
      n = (int) EPOLL_WAIT.invokeExact(Downcall.errnoSlot(), epoll, scratch, 1, (int) millis);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (n < 0 && Downcall.errno() != LinuxException.EINTR) {
      throw Downcall.failure("epoll_wait", "fd " + epoll);
    }
    return n > 0;
  }

  /**
   * Waits, without a deadline, until one of several events has been raised.
   *
   * @return the index of the first that is raised; it stays raised
   */
  public static int awaitAny(int... eventfds) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment polled = arena.allocate((long) eventfds.length * POLLFD_BYTES, Long.BYTES);
      for (int i = 0; i < eventfds.length; i++) {
        polled.set(JAVA_INT, (long) i * POLLFD_BYTES, eventfds[i]);
        polled.set(JAVA_INT, (long) i * POLLFD_BYTES + 4, POLLIN);
      }
      while (true) {
        int _ = Linux.poll(polled.address(), eventfds.length, -1);
        for (int i = 0; i < eventfds.length; i++) {
          // struct pollfd: int fd, short events, short revents.
          if (polled.get(JAVA_INT, (long) i * POLLFD_BYTES + 4) >>> 16 != 0) {
            return i;
          }
        }
      }
    }
  }
}
