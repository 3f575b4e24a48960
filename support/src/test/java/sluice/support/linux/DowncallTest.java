package sluice.support.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DowncallTest {
  private static final MethodHandle DUP =
      Downcall.withErrno("dup", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle FCNTL =
      Downcall.variadicWithErrno(
          "fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), 2);
  private static final MethodHandle ABS =
      Downcall.plain("abs", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private static int badDup() throws Throwable {
    return (int) DUP.invokeExact(Downcall.errnoSlot(), -1);
  }

  @Test
  void aCallLeavesItsErrno() throws Throwable {
    assertThat(badDup()).isEqualTo(-1);
    assertThat(Downcall.errno()).isEqualTo(9);
    assertThat(Downcall.failure("dup", "fd -1"))
        .hasMessage("dup(fd -1): Bad file descriptor (errno 9)");
    // F_DUPFD with an impossible lowest number.
    assertThat((int) FCNTL.invokeExact(Downcall.errnoSlot(), 1, 0, -1)).isEqualTo(-1);
    assertThat(Downcall.errno()).isEqualTo(22);
    assertThat((int) ABS.invokeExact(-7)).isEqualTo(7);
  }

  @Test
  void eachThreadHasItsOwnErrno() throws Throwable {
    assertThat(badDup()).isEqualTo(-1);
    int other =
        CompletableFuture.supplyAsync(
                () -> {
                  try {
                    int _ = (int) FCNTL.invokeExact(Downcall.errnoSlot(), 1, 0, -1);
                    return Downcall.errno();
                  } catch (Throwable t) {
                    throw Downcall.unexpected(t);
                  }
                })
            .get(30, TimeUnit.SECONDS);
    assertThat(other).isEqualTo(22);
    assertThat(Downcall.errno()).isEqualTo(9);
  }

  @Test
  void aNumberWithoutANameIsShownAllTheSame() {
    assertThat(Downcall.failure("x", "y", 4242)).hasMessageContaining("(errno 4242)");
  }

  @Test
  void aSystemCallThatTheLibraryDoesNotKnowIsMadeByItsNumber() throws Throwable {
    boolean isX86 = System.getProperty("os.arch").equals("amd64");
    MethodHandle memfd =
        Downcall.byNumber(
            isX86 ? 319 : 279, FunctionDescriptor.of(JAVA_INT, ValueLayout.ADDRESS, JAVA_INT));
    MethodHandle dup =
        Downcall.byNumber(isX86 ? 32 : 23, FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    int fd;
    try (Arena arena = Arena.ofConfined()) {
      fd = (int) memfd.invokeExact(Downcall.errnoSlot(), arena.allocateFrom("by-number"), 1);
    }
    Linux.truncate(fd, 12_345);
    assertThat(Linux.fileSize(fd)).isEqualTo(12_345);
    Linux.close(fd);
    assertThat((int) dup.invokeExact(Downcall.errnoSlot(), -1)).isEqualTo(-1);
    assertThat(Downcall.errno()).isEqualTo(9);
  }

  @Test
  void statxByItsNumberSaysTheSame() throws Throwable {
    boolean isX86 = System.getProperty("os.arch").equals("amd64");
    MethodHandle statx =
        Downcall.byNumber(
            isX86 ? 332 : 291,
            FunctionDescriptor.of(
                JAVA_INT, JAVA_INT, ValueLayout.ADDRESS, JAVA_INT, JAVA_INT, ValueLayout.ADDRESS));
    int fd = Linux.memfd("by-number", 8192, 0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(256, 8);
      MemorySegment empty = arena.allocateFrom("");
      int result = (int) statx.invokeExact(Downcall.errnoSlot(), fd, empty, 0x1000, 0x201, status);
      assertThat(result).isZero();
      assertThat(status.get(ValueLayout.JAVA_LONG, 40)).isEqualTo(8192);
    } finally {
      Linux.close(fd);
    }
  }

  @Test
  void saysWhichFunctionIsMissing() {
    assertThatThrownBy(() -> Downcall.plain("no_such_function", FunctionDescriptor.ofVoid()))
        .isInstanceOf(UnsatisfiedLinkError.class)
        .hasMessage("the C library has no no_such_function");
  }
}
