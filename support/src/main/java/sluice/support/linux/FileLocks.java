package sluice.support.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Advisory locks of files that belong to an open file, not to a process: flock(2), and the ranges
 * of fcntl(2) that are so (F_OFD_SETLK). Each kind sees its own only. They go when the last
 * descriptor of the open file is closed. None waits. A failure is a {@link LinuxException}.
 *
 * <pre>
 *   struct flock
 *    0 | type (2) |  2 | whence (2) |  8 | start (8) | 16 | length (8) | 24 | pid (4) |
 * </pre>
 */
public final class FileLocks {
  private static final int LOCK_SH = 1;
  private static final int LOCK_EX = 2;
  private static final int LOCK_NB = 4;

  private static final int F_OFD_GETLK = 36;
  private static final int F_OFD_SETLK = 37;
  private static final short F_RDLCK = 0;
  private static final short F_WRLCK = 1;
  private static final short F_UNLCK = 2;

  private static final int FLOCK_BYTES = 32;
  private static final int START = 8;
  private static final int LENGTH = 16;

  private static final MethodHandle FLOCK =
      Downcall.withErrno("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle FCNTL =
      Downcall.variadicWithErrno(
          "fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG), 2);

  private FileLocks() {}

  /**
   * Locks a whole file by flock.
   *
   * @param isExclusive false to share it with others that share it
   * @return false when another holds it
   */
  public static boolean tryLock(int fd, boolean isExclusive) {
    int operation = (isExclusive ? LOCK_EX : LOCK_SH) | LOCK_NB;
    try {
      if ((int) FLOCK.invokeExact(Downcall.errnoSlot(), fd, operation) == 0) {
        return true;
      }
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (Downcall.errno() != LinuxException.EAGAIN) {
      throw Downcall.failure("flock", "fd " + fd);
    }
    return false;
  }

  /**
   * Locks a range of bytes, which need not be there. What this open file had locked of it before is
   * replaced.
   *
   * @param isExclusive for a descriptor that can write; false to share it with others that share it
   * @return false when another has locked some of it
   */
  public static boolean tryLockRange(int fd, boolean isExclusive, long start, long length) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment lock = lock(arena, isExclusive ? F_WRLCK : F_RDLCK, start, length);
      if (fcntl(fd, F_OFD_SETLK, lock) == 0) {
        return true;
      }
    }
    int errno = Downcall.errno();
    if (errno != LinuxException.EAGAIN && errno != LinuxException.EACCES) {
      throw Downcall.failure("fcntl", "fd " + fd + ", F_OFD_SETLK");
    }
    return false;
  }

  /** Whether nobody else has locked any of a range of bytes, in whatever way. */
  public static boolean isFree(int fd, long start, long length) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment lock = lock(arena, F_WRLCK, start, length);
      if (fcntl(fd, F_OFD_GETLK, lock) == 0) {
        return lock.get(JAVA_SHORT, 0) == F_UNLCK;
      }
    }
    throw Downcall.failure("fcntl", "fd " + fd + ", F_OFD_GETLK");
  }

  private static MemorySegment lock(Arena arena, short type, long start, long length) {
    MemorySegment lock = arena.allocate(FLOCK_BYTES, Long.BYTES);
    lock.set(JAVA_SHORT, 0, type);
    lock.set(JAVA_LONG, START, start);
    lock.set(JAVA_LONG, LENGTH, length);
    return lock;
  }

  private static int fcntl(int fd, int command, MemorySegment lock) {
    try {
      return (int) FCNTL.invokeExact(Downcall.errnoSlot(), fd, command, lock.address());
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
  }
}
