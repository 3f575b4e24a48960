package sluice.support.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import sluice.support.memory.OffHeap;

/** What is done to whole pages of memory. A failure is a {@link LinuxException}. */
public final class Pages {
  private static final int PROT_READ_WRITE = 1 | 2;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x2 | 0x20;
  private static final int MREMAP_MAYMOVE_FIXED = 1 | 2;
  private static final int RLIMIT_MEMLOCK = 8;

  private static final MethodHandle MLOCK =
      Downcall.withErrno("mlock", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle MMAP =
      Downcall.withErrno(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MREMAP =
      Downcall.variadicWithErrno(
          "mremap",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG),
          4);
  private static final MethodHandle GETRLIMIT =
      Downcall.withErrno("getrlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle SETRLIMIT =
      Downcall.withErrno("setrlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));

  private Pages() {}

  /** Keeps pages in memory until they are unmapped. */
  public static void lock(long address, long size) {
    try {
      if ((int) MLOCK.invokeExact(Downcall.errnoSlot(), address, size) == 0) {
        return;
      }
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    throw Downcall.failure("mlock", size + " bytes");
  }

  /**
   * Puts memory of this process alone, full of ones, in the place of what is mapped there, at one
   * stroke: who reads or writes there meanwhile sees the one or the other.
   *
   * @param address of whole pages
   */
  public static void replaceByOnes(long address, long size) {
    long ones = mapAnonymous(size);
    OffHeap.segment(ones, size).fill((byte) -1);
    long moved;
    try {
      moved =
          (long)
              MREMAP.invokeExact(
                  Downcall.errnoSlot(), ones, size, size, MREMAP_MAYMOVE_FIXED, address);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (moved != address) {
      LinuxException failure = Downcall.failure("mremap", size + " bytes");
      Linux.munmap(ones, size);
      throw failure;
    }
  }

  private static long mapAnonymous(long size) {
    long address;
    try {
      address =
          (long)
              MMAP.invokeExact(
                  Downcall.errnoSlot(), 0L, size, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (address == -1) {
      throw Downcall.failure("mmap", size + " bytes");
    }
    return address;
  }

  /**
   * Raises how many bytes this process may lock as far as it may by itself.
   *
   * @return the limit from now on; {@link Long#MAX_VALUE} for none
   */
  public static long raiseLockLimit() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment limits = arena.allocate(JAVA_LONG, 2);
      int result =
          (int) GETRLIMIT.invokeExact(Downcall.errnoSlot(), RLIMIT_MEMLOCK, limits.address());
      if (result != 0) {
        throw Downcall.failure("getrlimit", "RLIMIT_MEMLOCK");
      }
      long soft = limits.get(JAVA_LONG, 0);
      long hard = limits.get(JAVA_LONG, 8);
      if (soft == hard) {
        return unlimited(hard);
      }
      limits.set(JAVA_LONG, 0, hard);
      result = (int) SETRLIMIT.invokeExact(Downcall.errnoSlot(), RLIMIT_MEMLOCK, limits.address());
      return unlimited(result == 0 ? hard : soft);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
  }

  private static long unlimited(long limit) {
    return limit < 0 ? Long.MAX_VALUE : limit;
  }
}
