package sluice.support.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import sluice.support.memory.OffHeap;

/**
 * Memory, files and processors: the system calls of this project that are not about networks.
 *
 * <p>Memory is named by its address, so that the calls on a hot path allocate nothing; the caller
 * answers for the range being mapped. A failure is a {@link LinuxException}.
 */
public final class Linux {
  /** {@link #memfd}: back it with huge pages of 2 MiB. */
  public static final int MFD_HUGE_2MB = 0x4 | 21 << 26;

  /** {@link #memfd}: its size can be fixed ({@link Descriptors#fixSize}). */
  public static final int MFD_ALLOW_SEALING = 2;

  /** {@link #open}: access modes and flags. */
  public static final int O_RDONLY = 0;

  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_CREAT = 0x40;
  public static final int O_EXCL = 0x80;
  public static final int O_TRUNC = 0x200;
  public static final int O_NONBLOCK = 0x800;

  /** {@link #fallocate}: give the blocks back; they read as zeros, and the size stays. */
  public static final int PUNCH_HOLE = 0x1 | 0x2;

  /** {@link #fallocate}: zero the range, and keep its blocks. */
  public static final int ZERO_RANGE = 0x1 | 0x10;

  private static final int MFD_CLOEXEC = 1;
  private static final int O_CLOEXEC = 0x80000;
  private static final int PROT_READ_WRITE = 1 | 2;
  private static final int MAP_SHARED_POPULATE = 0x1 | 0x8000;
  private static final int MAP_SHARED = 0x1;
  private static final int RWF_NOWAIT = 8;
  private static final int RLIMIT_MEMLOCK = 8;
  private static final int F_SETPIPE_SZ = 1031;
  private static final long FIONREAD = 0x541b;
  private static final int CPU_SET_BYTES = 128;

  private static final MethodHandle MEMFD_CREATE =
      Downcall.systemCall(
          "memfd_create", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), 319, 279);
  private static final MethodHandle FTRUNCATE =
      Downcall.withErrno("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MMAP =
      Downcall.withErrno(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      Downcall.withErrno("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle OPEN =
      Downcall.variadicWithErrno(
          "open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), 2);
  private static final MethodHandle CLOSE =
      Downcall.withErrno("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle READ =
      Downcall.withErrno("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle WRITE =
      Downcall.withErrno("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle PREAD =
      Downcall.withErrno(
          "pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));

  /** Null for a C library that is older than the call. */
  private static final MethodHandle PREADV2 =
      Downcall.plainIfThere(
          "preadv2",
          FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));

  private static final MethodHandle PWRITE =
      Downcall.withErrno(
          "pwrite", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle FDATASYNC =
      Downcall.withErrno("fdatasync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle FALLOCATE =
      Downcall.withErrno(
          "fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle FCNTL =
      Downcall.variadicWithErrno(
          "fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), 2);
  private static final MethodHandle IOCTL =
      Downcall.variadicWithErrno(
          "ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), 2);
  private static final MethodHandle POLL =
      Downcall.withErrno("poll", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle GETRLIMIT =
      Downcall.withErrno("getrlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle GETPAGESIZE =
      Downcall.plain("getpagesize", FunctionDescriptor.of(JAVA_INT));
  private static final MethodHandle SCHED_SETAFFINITY =
      Downcall.withErrno(
          "sched_setaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));

  private static final int PAGE_SIZE = readPageSize();

  private Linux() {}

  /** Bytes in an ordinary page of memory. */
  public static int pageSize() {
    return PAGE_SIZE;
  }

  /**
   * Makes an anonymous file of memory.
   *
   * @param name shown under /proc, for people
   * @param size bytes; for huge pages a multiple of 2 MiB
   * @param flags 0 or {@link #MFD_HUGE_2MB}
   * @return its descriptor, closed over exec
   */
  public static int memfd(String name, long size, int flags) {
    int fd;
    try (Arena arena = Arena.ofConfined()) {
      fd =
          (int)
              MEMFD_CREATE.invokeExact(
                  Downcall.errnoSlot(), arena.allocateFrom(name), flags | MFD_CLOEXEC);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (fd < 0) {
      throw Downcall.failure("memfd_create", name);
    }
    try {
      truncate(fd, size);
    } catch (LinuxException e) {
      close(fd);
      throw e;
    }
    return fd;
  }

  /** Sets the size of an open file, in bytes. */
  public static void truncate(int fd, long size) {
    try {
      if ((int) FTRUNCATE.invokeExact(Downcall.errnoSlot(), fd, size) == 0) {
        return;
      }
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    throw Downcall.failure("ftruncate", "fd " + fd + ", " + size + " bytes");
  }

  /** The size of an open file, in bytes; 0 for what is no file. */
  public static long fileSize(int fd) {
    return Descriptors.status(fd).size();
  }

  /**
   * Maps a file's bytes, shared and writable.
   *
   * @param populate whether to bring every page in now, so that none faults later
   * @return the address; unmapped by {@link #munmap}
   */
  public static long mmap(int fd, long offset, long size, boolean populate) {
    long address;
    try {
      address =
          (long)
              MMAP.invokeExact(
                  Downcall.errnoSlot(),
                  0L,
                  size,
                  PROT_READ_WRITE,
                  populate ? MAP_SHARED_POPULATE : MAP_SHARED,
                  fd,
                  offset);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (address == -1) {
      throw Downcall.failure("mmap", size + " bytes");
    }
    return address;
  }

  /** Unmaps what {@link #mmap} mapped. */
  public static void munmap(long address, long size) {
    try {
      if ((int) MUNMAP.invokeExact(Downcall.errnoSlot(), address, size) == 0) {
        return;
      }
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    throw Downcall.failure("munmap", size + " bytes");
  }

  /**
   * Opens a file.
   *
   * @param flags the {@code O_} constants of this class, or'ed
   * @return its descriptor, closed over exec; a file that is created gets mode 0644
   */
  public static int open(String path, int flags) {
    return open(path, flags, 0644);
  }

  /**
   * Opens a file.
   *
   * @param flags the {@code O_} constants of this class, or'ed
   * @param mode of a file that is created, of which umask takes away
   * @return its descriptor, closed over exec
   */
  public static int open(String path, int flags, int mode) {
    int fd;
    try (Arena arena = Arena.ofConfined()) {
      fd =
          (int)
              OPEN.invokeExact(
                  Downcall.errnoSlot(), arena.allocateFrom(path), flags | O_CLOEXEC, mode);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (fd < 0) {
      throw Downcall.failure("open", path);
    }
    return fd;
  }

  /** Closes a descriptor. An error is not reported: there is nothing left to do about it. */
  public static void close(int fd) {
    try {
      int _ = (int) CLOSE.invokeExact(Downcall.errnoSlot(), fd);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
  }

  /**
   * Reads once from where the descriptor stands.
   *
   * @return bytes read, 0 at the end, or -1 when a non-blocking descriptor has nothing yet or a
   *     signal came between
   */
  public static long read(int fd, long address, long length) {
    long n;
    try {
      n = (long) READ.invokeExact(Downcall.errnoSlot(), fd, address, length);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (n < 0 && !isTransient()) {
      throw Downcall.failure("read", "fd " + fd + ", " + length + " bytes");
    }
    return n;
  }

  /**
   * Writes once to where the descriptor stands.
   *
   * @return bytes written, or -1 when a non-blocking descriptor takes nothing now or a signal came
   *     between
   */
  public static long write(int fd, long address, long length) {
    long n;
    try {
      n = (long) WRITE.invokeExact(Downcall.errnoSlot(), fd, address, length);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (n < 0 && !isTransient()) {
      throw Downcall.failure("write", "fd " + fd + ", " + length + " bytes");
    }
    return n;
  }

  /**
   * Reads at an offset, all of the length unless the file ends before.
   *
   * @return bytes read; less than {@code length} only at the end of the file
   */
  public static long pread(int fd, long address, long length, long offset) {
    long done = 0;
    while (done < length) {
      long n;
      try {
        n =
            (long)
                PREAD.invokeExact(
                    Downcall.errnoSlot(), fd, address + done, length - done, offset + done);
      } catch (Throwable t) {
        throw Downcall.unexpected(t);
      }
      if (n == 0) {
        break;
      }
      if (n > 0) {
        done += n;
      } else if (!isTransient()) {
        throw Downcall.failure("pread", length + " bytes at " + offset);
      }
    }
    return done;
  }

  /**
   * Reads at an offset what can be read without waiting for a disk.
   *
   * @param iovec 16 bytes that the call uses, the caller's own
   * @return false if not all of it can, and for each failure: a read that waits tells
   */
  public static boolean preadNow(int fd, long iovec, long address, long length, long offset) {
    if (PREADV2 == null) {
      return false;
    }
    OffHeap.putLong(iovec, address);
    OffHeap.putLong(iovec + Long.BYTES, length);
    try {
      return (long) PREADV2.invokeExact(fd, iovec, 1, offset, RWF_NOWAIT) == length;
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
  }

  /** Writes at an offset, all of the length. */
  public static void pwrite(int fd, long address, long length, long offset) {
    long done = 0;
    while (done < length) {
      long n;
      try {
        n =
            (long)
                PWRITE.invokeExact(
                    Downcall.errnoSlot(), fd, address + done, length - done, offset + done);
      } catch (Throwable t) {
        throw Downcall.unexpected(t);
      }
      if (n > 0) {
        done += n;
      } else if (n == 0 || !isTransient()) {
        throw Downcall.failure("pwrite", length + " bytes at " + offset);
      }
    }
  }

  /** Waits until a file's data is on its disk. */
  public static void fdatasync(int fd) {
    do {
      try {
        if ((int) FDATASYNC.invokeExact(Downcall.errnoSlot(), fd) == 0) {
          return;
        }
      } catch (Throwable t) {
        throw Downcall.unexpected(t);
      }
    } while (wasInterrupted());
    throw Downcall.failure("fdatasync", "fd " + fd);
  }

  /**
   * Deallocates or zeroes a range of a file.
   *
   * @param mode {@link #PUNCH_HOLE} or {@link #ZERO_RANGE}
   */
  public static void fallocate(int fd, int mode, long offset, long length) {
    do {
      try {
        if ((int) FALLOCATE.invokeExact(Downcall.errnoSlot(), fd, mode, offset, length) == 0) {
          return;
        }
      } catch (Throwable t) {
        throw Downcall.unexpected(t);
      }
    } while (wasInterrupted());
    throw Downcall.failure("fallocate", length + " bytes at " + offset);
  }

  /**
   * Asks for another capacity of a pipe or FIFO.
   *
   * @return false when it stays as it was: it is no pipe, or this is over the user's limit
   */
  public static boolean trySetPipeSize(int fd, int bytes) {
    try {
      return (int) FCNTL.invokeExact(Downcall.errnoSlot(), fd, F_SETPIPE_SZ, bytes) >= 0;
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
  }

  /**
   * How many bytes have arrived in a pipe, a FIFO, a connection or a terminal and wait to be read;
   * of a file, how many there are from where the descriptor stands.
   *
   * @return 0 also for what cannot tell
   */
  public static int bytesToRead(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(JAVA_INT);
      int result = (int) IOCTL.invokeExact(Downcall.errnoSlot(), fd, FIONREAD, count);
      return result == 0 ? Math.max(0, count.get(JAVA_INT, 0)) : 0;
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
  }

  /**
   * Waits until a descriptor is ready.
   *
   * @param pollfd address of an array of {@code struct pollfd}
   * @param count how many
   * @param timeoutMillis how long at the most; 0 not at all
   * @return how many are ready, 0 at the deadline or when a signal came between
   */
  public static int poll(long pollfd, long count, int timeoutMillis) {
    int n;
    try {
      n = (int) POLL.invokeExact(Downcall.errnoSlot(), pollfd, count, timeoutMillis);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (n < 0) {
      if (!isTransient()) {
        throw Downcall.failure("poll", count + " descriptors");
      }
      return 0;
    }
    return n;
  }

  /** How many bytes this process may lock in memory; {@link Long#MAX_VALUE} for no limit. */
  public static long memlockLimit() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment limits = arena.allocate(JAVA_LONG, 2);
      int result = (int) GETRLIMIT.invokeExact(Downcall.errnoSlot(), RLIMIT_MEMLOCK, limits);
      if (result == 0) {
        long soft = limits.get(JAVA_LONG, 0);
        return soft < 0 ? Long.MAX_VALUE : soft;
      }
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    throw Downcall.failure("getrlimit", "RLIMIT_MEMLOCK");
  }

  /** Binds the calling thread to one processor. */
  public static void pinThread(int processor) {
    if (processor < 0 || processor >= CPU_SET_BYTES * Byte.SIZE) {
      throw new IllegalArgumentException("no such processor: " + processor);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment set = arena.allocate(CPU_SET_BYTES, Long.BYTES);
      set.setAtIndex(JAVA_LONG, processor / Long.SIZE, 1L << processor % Long.SIZE);
      int result =
          (int) SCHED_SETAFFINITY.invokeExact(Downcall.errnoSlot(), 0, (long) CPU_SET_BYTES, set);
      if (result == 0) {
        return;
      }
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    throw Downcall.failure("sched_setaffinity", "processor " + processor);
  }

  private static boolean isTransient() {
    int errno = Downcall.errno();
    return errno == LinuxException.EINTR || errno == LinuxException.EAGAIN;
  }

  private static boolean wasInterrupted() {
    return Downcall.errno() == LinuxException.EINTR;
  }

  private static int readPageSize() {
    try {
      return (int) GETPAGESIZE.invokeExact();
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
  }
}
