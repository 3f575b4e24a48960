package sluice.support.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import sluice.support.memory.OffHeap;

/**
 * What is done with descriptors that another process sent, of which nothing is known before it was
 * looked at, and with those that are sent to others. A failure is a {@link LinuxException}.
 */
public final class Descriptors {
  /** What is known is told; a server of the file system, which may never answer, is not asked. */
  private static final int AT_EMPTY_PATH_AND_DONT_SYNC = 0x1000 | 0x4000;

  private static final int STATX_TYPE_AND_SIZE = 0x1 | 0x200;
  private static final int STATX_LINKS_WANTED = 0x4;
  private static final int STATX_BLOCKS_WANTED = 0x400;

  // struct statx, the same on all machines.
  private static final int STATX_BYTES = 256;
  private static final int STATX_BLOCK_SIZE = 4;
  private static final int STATX_LINKS = 16;
  private static final int STATX_MODE = 28;
  private static final int STATX_SIZE = 40;
  private static final int STATX_BLOCKS = 48;
  private static final int STATX_DEVICE_MAJOR = 136;
  private static final int STATX_BLOCKS_UNIT = 512;
  private static final int TYPE_MASK = 0170000;
  private static final int TYPE_FILE = 0100000;

  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int F_ADD_SEALS = 1033;
  private static final int F_GET_SEALS = 1034;
  private static final int SEAL_SEALS_SHRINKING_AND_GROWING = 1 | 2 | 4;

  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int MAP_SHARED = 1;

  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private static final MethodHandle STATX =
      Downcall.systemCall(
          "statx",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS),
          332,
          291);
  private static final MethodHandle FCNTL =
      Downcall.variadicWithErrno(
          "fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), 2);
  private static final MethodHandle MMAP =
      Downcall.withErrno(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle PPOLL =
      Downcall.withErrno(
          "ppoll", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

  private Descriptors() {}

  /**
   * What is behind a descriptor.
   *
   * @param isFile whether it is a file, on a disk or of memory alone, and nothing else
   * @param size bytes
   * @param blockSize in units of which it is best mapped: for huge pages their size
   * @param isOnDevice whether its file system is on a block device of its own
   */
  public record Status(boolean isFile, long size, int blockSize, boolean isOnDevice) {}

  /** Looks at what is behind a descriptor; waits for nobody. */
  public static Status status(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = statx(fd, STATX_TYPE_AND_SIZE, arena);
      int mode = Short.toUnsignedInt((short) status.get(JAVA_INT, STATX_MODE));
      return new Status(
          (mode & TYPE_MASK) == TYPE_FILE,
          status.get(JAVA_LONG, STATX_SIZE),
          status.get(JAVA_INT, STATX_BLOCK_SIZE),
          status.get(JAVA_INT, STATX_DEVICE_MAJOR) != 0);
    }
  }

  /** How many bytes a file takes of its file system: fewer than its size where it has holes. */
  public static long allocatedBytes(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      return statx(fd, STATX_BLOCKS_WANTED, arena).get(JAVA_LONG, STATX_BLOCKS) * STATX_BLOCKS_UNIT;
    }
  }

  /** Whether an open file has a name; without one it goes when it is closed. */
  public static boolean hasName(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      return statx(fd, STATX_LINKS_WANTED, arena).get(JAVA_INT, STATX_LINKS) != 0;
    }
  }

  private static MemorySegment statx(int fd, int wanted, Arena arena) {
    MemorySegment status = arena.allocate(STATX_BYTES, Long.BYTES);
    try {
      int result =
          (int)
              STATX.invokeExact(
                  Downcall.errnoSlot(),
                  fd,
                  arena.allocateFrom(""),
                  AT_EMPTY_PATH_AND_DONT_SYNC,
                  wanted,
                  status);
      if (result == 0) {
        return status;
      }
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    throw Downcall.failure("statx", "fd " + fd);
  }

  /** Whether this is an event (eventfd). */
  public static boolean isEvent(int fd) {
    try {
      Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd));
      return target.toString().equals("anon_inode:[eventfd]");
    } catch (IOException e) {
      return false;
    }
  }

  /** Makes reads and writes wait, also for everybody else who has the same open file. */
  public static void block(int fd) {
    int _ = fcntl(fd, F_SETFL, fcntl(fd, F_GETFL, 0) & ~Linux.O_NONBLOCK);
  }

  /**
   * Whether a file is one of memory: only there it is sure that a look at it, and its pages, are
   * not somebody's to keep waiting for, as in a file system that is a process (FUSE).
   */
  public static boolean isMemory(int fd) {
    try {
      return fcntl(fd, F_GET_SEALS, 0) >= 0;
    } catch (LinuxException e) {
      return false;
    }
  }

  /**
   * Fixes the size of a file of memory for good, so that who else has it cannot take pages away.
   *
   * @param fd made with {@link Linux#MFD_ALLOW_SEALING}
   */
  public static void fixSize(int fd) {
    int _ = fcntl(fd, F_ADD_SEALS, SEAL_SEALS_SHRINKING_AND_GROWING);
  }

  private static int fcntl(int fd, int command, int argument) {
    int result;
    try {
      result = (int) FCNTL.invokeExact(Downcall.errnoSlot(), fd, command, argument);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (result < 0) {
      throw Downcall.failure("fcntl", "fd " + fd + ", " + command);
    }
    return result;
  }

  /**
   * Maps a file's bytes, shared, without bringing any in.
   *
   * @param isWritable false to read only
   * @return the address; unmapped by {@link Linux#munmap}
   */
  public static long map(int fd, long offset, long size, boolean isWritable) {
    int access = isWritable ? PROT_READ | PROT_WRITE : PROT_READ;
    long address;
    try {
      address =
          (long) MMAP.invokeExact(Downcall.errnoSlot(), 0L, size, access, MAP_SHARED, fd, offset);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (address == -1) {
      throw Downcall.failure("mmap", size + " bytes of fd " + fd);
    }
    return address;
  }

  /**
   * Waits until a descriptor is ready. Allocates nothing.
   *
   * @param pollfd address of an array of {@code struct pollfd}
   * @param count how many
   * @param timespec address of 16 bytes that the call writes to
   * @param timeoutNanos how long at the most; 0 not at all
   * @return how many are ready, 0 at the deadline or when a signal came between
   */
  public static int poll(long pollfd, long count, long timespec, long timeoutNanos) {
    OffHeap.putLong(timespec, timeoutNanos / NANOS_PER_SECOND);
    OffHeap.putLong(timespec + Long.BYTES, timeoutNanos % NANOS_PER_SECOND);
    int n;
    try {
      n = (int) PPOLL.invokeExact(Downcall.errnoSlot(), pollfd, count, timespec, 0L);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (n < 0) {
      if (Downcall.errno() != LinuxException.EINTR) {
        throw Downcall.failure("ppoll", count + " descriptors");
      }
      return 0;
    }
    return n;
  }
}
