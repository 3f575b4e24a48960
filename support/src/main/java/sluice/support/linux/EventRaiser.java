package sluice.support.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import sluice.support.memory.OffHeap;

/**
 * Raises events (eventfd) that another process has too, and never waits, whatever that process did.
 *
 * <p>A write would not do: it waits when the event is full, unless O_NONBLOCK is set, and that flag
 * belongs to all who have the event, so that anyone can take it away again; a look before the write
 * is too early, and a write that must not wait (RWF_NOWAIT) is not there for events. But the kernel
 * itself raises an event without a wait when an asynchronous read of it has completed (io_submit(2)
 * with IOCB_FLAG_RESFD), also a full one; and a read of no bytes has completed when it was
 * submitted. One call to raise an event, as a write is. Used by one thread at a time.
 *
 * <pre>
 *   struct iocb                                    struct io_event, 32 bytes each
 *    0 | data (8)    |  8 | key (4), rw_flags (4) |
 *   16 | opcode (2)  | 18 | priority (2)          | 20 | file (4)   |
 *   24 | buffer (8)  | 32 | bytes (8)             | 40 | offset (8) |
 *   48 | reserved (8)| 56 | flags (4)             | 60 | event (4)  |
 * </pre>
 */
public final class EventRaiser implements AutoCloseable {
  private static final boolean IS_ARM = System.getProperty("os.arch").equals("aarch64");
  private static final long IO_SETUP = IS_ARM ? 0 : 206;
  private static final long IO_DESTROY = IS_ARM ? 1 : 207;
  private static final long IO_SUBMIT = IS_ARM ? 2 : 209;
  private static final long IO_GETEVENTS = IS_ARM ? 4 : 208;

  private static final int IOCB_FILE = 20;
  private static final int IOCB_FLAGS = 56;
  private static final int IOCB_EVENT = 60;
  private static final int IOCB_BYTES = 64;
  private static final int FLAG_RESFD = 1;
  private static final int EVENT_BYTES = 32;

  /** After so many the results are taken away, for which nobody cares. */
  private static final int RESULTS = 64;

  private static final int IOCBS = IOCB_BYTES;
  private static final int CONTEXT = IOCBS + 8;
  private static final int EVENTS = CONTEXT + 8;
  private static final int SCRATCH_BYTES = EVENTS + RESULTS * EVENT_BYTES;

  // Not a variadic function of the kernel's, but of the C library's.
  private static final MethodHandle SYSCALL =
      Downcall.variadicWithErrno(
          "syscall",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          1);

  private final MemorySegment memory = Arena.ofAuto().allocate(SCRATCH_BYTES, Long.BYTES);
  private final long scratch = memory.address();
  private final int nothing;
  private final long context;
  private int results;
  private boolean isClosed;

  /**
   * @throws LinuxException if the kernel gives no asynchronous reads (any more, for others have
   *     them all: fs.aio-max-nr)
   */
  public EventRaiser() {
    if (syscall(IO_SETUP, RESULTS, scratch + CONTEXT, 0, 0, 0) != 0) {
      throw Downcall.failure("io_setup", RESULTS + " results");
    }
    context = OffHeap.getLong(scratch + CONTEXT);
    try {
      nothing = Linux.memfd("sluice-nothing", 0, 0);
    } catch (RuntimeException | Error e) {
      destroy();
      throw e;
    }
    OffHeap.putInt(scratch + IOCB_FILE, nothing);
    OffHeap.putInt(scratch + IOCB_FLAGS, FLAG_RESFD);
    OffHeap.putLong(scratch + IOCBS, scratch);
  }

  /** Raises an event, or does nothing if it is none. Allocates nothing, and never waits. */
  public void raise(int eventfd) {
    OffHeap.putInt(scratch + IOCB_EVENT, eventfd);
    if (results == RESULTS) {
      long _ = syscall(IO_GETEVENTS, context, 0, RESULTS, scratch + EVENTS, 0);
      results = 0;
    }
    if (syscall(IO_SUBMIT, context, 1, scratch + IOCBS, 0, 0) == 1) {
      results++;
    }
  }

  private static long syscall(long number, long a, long b, long c, long d, long e) {
    try {
      return (long) SYSCALL.invokeExact(Downcall.errnoSlot(), number, a, b, c, d, e);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
  }

  private void destroy() {
    long _ = syscall(IO_DESTROY, context, 0, 0, 0, 0);
  }

  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      destroy();
      Linux.close(nothing);
    }
  }
}
