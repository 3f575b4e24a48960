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

/**
 * What a thread has used of the machine since it began ({@code getrusage}, to the kernel's
 * precision), and how long it was kept from using it.
 *
 * @param userNanos time in the program
 * @param systemNanos time in the kernel
 * @param minorFaults page faults that did not wait for a device
 * @param majorFaults page faults that did
 * @param contextSwitches times that it gave the processor up or lost it
 * @param waitNanos time in which it could have run and others had the processors; what a hypervisor
 *     takes is not in it; 0 where the kernel does not tell
 */
public record ThreadUsage(
    long userNanos,
    long systemNanos,
    long minorFaults,
    long majorFaults,
    long contextSwitches,
    long waitNanos) {
  /** Nanoseconds on a processor, nanoseconds of waiting for one, and how often it got one. */
  private static final Path SCHEDULER = Path.of("/proc/thread-self/schedstat");

  private static final int RUSAGE_THREAD = 1;

  // struct rusage: two timeval, then 14 long.
  private static final long RUSAGE_BYTES = 144;
  private static final int MINFLT = 8;
  private static final int MAJFLT = 9;
  private static final int NVCSW = 16;
  private static final int NIVCSW = 17;

  private static final MethodHandle GETRUSAGE =
      Downcall.withErrno("getrusage", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));

  /** That of the calling thread until now. */
  public static ThreadUsage ofThisThread() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment usage = arena.allocate(RUSAGE_BYTES, Long.BYTES);
      if ((int) GETRUSAGE.invokeExact(Downcall.errnoSlot(), RUSAGE_THREAD, usage) == 0) {
        return new ThreadUsage(
            nanos(usage, 0),
            nanos(usage, 2),
            word(usage, MINFLT),
            word(usage, MAJFLT),
            word(usage, NVCSW) + word(usage, NIVCSW),
            waitOf(SCHEDULER));
      }
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    throw Downcall.failure("getrusage", "RUSAGE_THREAD");
  }

  /** What was used since an earlier look. */
  public ThreadUsage since(ThreadUsage earlier) {
    return new ThreadUsage(
        userNanos - earlier.userNanos,
        systemNanos - earlier.systemNanos,
        minorFaults - earlier.minorFaults,
        majorFaults - earlier.majorFaults,
        contextSwitches - earlier.contextSwitches,
        waitNanos - earlier.waitNanos);
  }

  private static long waitOf(Path scheduler) {
    try {
      String[] words = Files.readString(scheduler).strip().split(" ");
      return words.length < 2 ? 0 : Long.parseLong(words[1]);
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }

  private static long nanos(MemorySegment usage, int at) {
    return word(usage, at) * 1_000_000_000 + word(usage, at + 1) * 1_000;
  }

  private static long word(MemorySegment usage, int at) {
    return usage.getAtIndex(JAVA_LONG, at);
  }
}
