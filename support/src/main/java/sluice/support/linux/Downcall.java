package sluice.support.linux;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import sluice.support.memory.OffHeap;

/**
 * Links functions of the C library and reads the errno that they leave.
 *
 * <p>A handle linked by {@link #withErrno} takes the segment of {@link #errnoSlot()} as its first
 * argument. Addresses are passed as {@code long}, so that a call on raw memory allocates nothing.
 */
public final class Downcall {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup LIBC = LINKER.defaultLookup();
  private static final MemoryLayout STATE_LAYOUT = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE_LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  @SuppressWarnings("restricted")
  private static final AddressLayout STRING =
      ValueLayout.ADDRESS.withTargetLayout(
          MemoryLayout.sequenceLayout(1024, ValueLayout.JAVA_BYTE));

  private static final MethodHandle STRERROR =
      plain("strerror", FunctionDescriptor.of(STRING, ValueLayout.JAVA_INT));

  private static final MethodHandle ERRNO_LOCATION =
      plain("__errno_location", FunctionDescriptor.of(ValueLayout.JAVA_LONG));

  private static final ThreadLocal<MemorySegment> ERRNO_SLOT =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE_LAYOUT));

  private Downcall() {}

  /** Links a function whose errno nobody reads. */
  @SuppressWarnings("restricted")
  public static MethodHandle plain(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(symbol(name), descriptor);
  }

  /** As {@link #plain}; null if the C library does not have the function. */
  static MethodHandle plainIfThere(String name, FunctionDescriptor descriptor) {
    return LIBC.find(name).isPresent() ? plain(name, descriptor) : null;
  }

  /** Links a function that leaves its errno in the segment given as the first argument. */
  @SuppressWarnings("restricted")
  public static MethodHandle withErrno(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(symbol(name), descriptor, Linker.Option.captureCallState("errno"));
  }

  /**
   * As {@link #withErrno}, for a system call that the C library has no function for where it is
   * older than the kernel: there it is made by its number.
   *
   * @param descriptor of a function that returns an int
   * @param x86Number its number on x86-64
   * @param otherNumber its number on all other machines that this runs on
   */
  public static MethodHandle systemCall(
      String name, FunctionDescriptor descriptor, int x86Number, int otherNumber) {
    boolean isX86 = System.getProperty("os.arch").equals("amd64");
    return LIBC.find(name).isPresent()
        ? withErrno(name, descriptor)
        : byNumber(isX86 ? x86Number : otherNumber, descriptor);
  }

  static MethodHandle byNumber(long number, FunctionDescriptor descriptor) {
    FunctionDescriptor numbered =
        descriptor
            .insertArgumentLayouts(0, ValueLayout.JAVA_LONG)
            .changeReturnLayout(ValueLayout.JAVA_LONG);
    MethodHandle call =
        MethodHandles.insertArguments(variadicWithErrno("syscall", numbered, 1), 1, number);
    return MethodHandles.explicitCastArguments(call, call.type().changeReturnType(int.class));
  }

  /**
   * Links a variadic function that leaves its errno in the segment given as the first argument.
   *
   * @param firstVariadic index of the first variadic argument, not counting the errno segment
   */
  @SuppressWarnings("restricted")
  public static MethodHandle variadicWithErrno(
      String name, FunctionDescriptor descriptor, int firstVariadic) {
    return LINKER.downcallHandle(
        symbol(name),
        descriptor,
        Linker.Option.firstVariadicArg(firstVariadic),
        Linker.Option.captureCallState("errno"));
  }

  /** This thread's place for the errno of its last call. */
  public static MemorySegment errnoSlot() {
    return ERRNO_SLOT.get();
  }

  /** The errno that this thread's last call left. */
  public static int errno() {
    return (int) ERRNO.get(ERRNO_SLOT.get(), 0L);
  }

  /**
   * What a call that was linked {@link #plain} left in errno, unless the virtual machine made a
   * call of its own in between: good enough to say that trying again later is the thing to do. For
   * hot paths: a handle with errno makes a slice of its segment per call, which the compiler
   * removes only where it inlines deep enough.
   */
  public static int likelyErrno() {
    try {
      return OffHeap.getInt((long) ERRNO_LOCATION.invokeExact());
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** The exception for this thread's last call. */
  public static LinuxException failure(String operation, String argument) {
    return failure(operation, argument, errno());
  }

  /** The exception for a call that left the given errno. */
  public static LinuxException failure(String operation, String argument, int errno) {
    String message;
    try {
      message = ((MemorySegment) STRERROR.invokeExact(errno)).getString(0);
    } catch (Throwable t) {
      throw unexpected(t);
    }
    return new LinuxException(operation, argument, errno, message);
  }

  /** What a handle's {@code invokeExact} throws is never the callee's: it is a fault of ours. */
  public static AssertionError unexpected(Throwable t) {
    return new AssertionError("a native call threw", t);
  }

  private static MemorySegment symbol(String name) {
    return LIBC.find(name)
        .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no " + name));
  }
}
