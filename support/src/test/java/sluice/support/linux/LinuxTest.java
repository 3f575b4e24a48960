package sluice.support.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.support.memory.OffHeap;

class LinuxTest {
  private static final int ENOENT = 2;
  private static final int EBADF = 9;
  private static final int EFAULT = 14;
  private static final int EEXIST = 17;
  private static final int EINVAL = 22;
  private static final int ESPIPE = 29;
  private static final int EOPNOTSUPP = 95;
  private static final int NO_FD = 1_000_000;

  @TempDir private Path dir;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment buffer = arena.allocate(8192, 4096);

  @AfterEach
  void close() {
    arena.close();
  }

  private static void fails(ThrowingCallable call, String operation, String argument, int errno) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            LinuxException.class,
            e -> {
              assertThat(e.operation()).isEqualTo(operation);
              assertThat(e.errno()).isEqualTo(errno);
              assertThat(e.getMessage())
                  .matches(
                      "\\Q" + operation + "(" + argument + "): \\E.+ \\(errno " + errno + "\\)")
                  .doesNotContain("\n");
            });
  }

  private int openNew(String name) {
    return Linux.open(dir.resolve(name).toString(), Linux.O_RDWR | Linux.O_CREAT | Linux.O_EXCL);
  }

  private void fill(String text) {
    buffer
        .asSlice(0, text.length())
        .copyFrom(MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII)));
  }

  private String text(long length) {
    return new String(
        buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
  }

  private static String flags(int fd) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd)).stream()
        .filter(line -> line.startsWith("flags:"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void everyFailureNamesCallArgumentAndErrno() {
    String path = dir.resolve("absent").toString();
    long address = buffer.address();
    fails(() -> Linux.open(path, Linux.O_RDONLY), "open", path, ENOENT);
    assertThatThrownBy(() -> Linux.memfd("x", -1, 0)).hasMessageStartingWith("ftruncate(");
    fails(() -> Linux.memfd("x".repeat(300), 4096, 0), "memfd_create", "x".repeat(300), EINVAL);
    fails(() -> Linux.truncate(NO_FD, 5), "ftruncate", "fd 1000000, 5 bytes", EBADF);
    fails(() -> Linux.mmap(NO_FD, 0, 4096, true), "mmap", "4096 bytes", EBADF);
    fails(() -> Linux.munmap(address + 1, 4096), "munmap", "4096 bytes", EINVAL);
    fails(() -> Linux.read(NO_FD, address, 7), "read", "fd 1000000, 7 bytes", EBADF);
    fails(() -> Linux.write(NO_FD, address, 7), "write", "fd 1000000, 7 bytes", EBADF);
    fails(() -> Linux.pread(NO_FD, address, 7, 9), "pread", "7 bytes at 9", EBADF);
    fails(() -> Linux.pwrite(NO_FD, address, 7, 9), "pwrite", "7 bytes at 9", EBADF);
    fails(() -> Linux.fdatasync(NO_FD), "fdatasync", "fd 1000000", EBADF);
    fails(() -> Linux.fallocate(NO_FD, Linux.PUNCH_HOLE, 1, 2), "fallocate", "2 bytes at 1", EBADF);
    fails(() -> Linux.poll(1, 1, 0), "poll", "1 descriptors", EFAULT);
    fails(() -> Linux.pinThread(1023), "sched_setaffinity", "processor 1023", EINVAL);
  }

  @Test
  void aDescriptorThatIsNotOpenClosesQuietly() {
    Linux.close(NO_FD);
    Linux.close(-1);
  }

  @Test
  void aMemoryFileIsItsMapping() throws IOException {
    int fd = Linux.memfd("sluice-test", 12288, 0);
    assertThat(Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString())
        .contains("memfd:sluice-test");
    assertThat(flags(fd)).as("closed over exec").matches("flags:\\s+02.*");
    long first = Linux.mmap(fd, 0, 12288, true);
    long second = Linux.mmap(fd, 4096, 8192, false);
    OffHeap.putInt(first + 4096, 0x01020304);
    assertThat(OffHeap.getInt(second)).isEqualTo(0x01020304);
    Linux.munmap(first, 12288);
    Linux.munmap(second, 8192);
    Linux.close(fd);
    assertThat(Path.of("/proc/self/fd/" + fd)).doesNotExist();
  }

  @Test
  void readsAndWritesWhereTheDescriptorStands() throws IOException {
    int fd = openNew("a");
    assertThat(flags(fd)).as("closed over exec").matches("flags:\\s+02.*");
    fill("hello, drive");
    assertThat(Linux.write(fd, buffer.address(), 12)).isEqualTo(12);
    assertThat(Linux.write(fd, buffer.address(), 5)).isEqualTo(5);
    Linux.fdatasync(fd);
    Linux.close(fd);
    assertThat(dir.resolve("a")).hasContent("hello, drivehello");
    assertThat(Files.getPosixFilePermissions(dir.resolve("a")).toString()).contains("OWNER_WRITE");

    int again = Linux.open(dir.resolve("a").toString(), Linux.O_RDONLY);
    assertThat(Linux.read(again, buffer.address(), 7)).isEqualTo(7);
    assertThat(Linux.read(again, buffer.address(), 5)).isEqualTo(5);
    assertThat(text(5)).isEqualTo("drive");
    assertThat(Linux.read(again, buffer.address(), 100)).isEqualTo(5);
    assertThat(Linux.read(again, buffer.address(), 100)).as("at the end").isZero();
    Linux.close(again);
    fails(() -> openNew("a"), "open", dir.resolve("a").toString(), EEXIST);
  }

  @Test
  void preadReadsAllThereIs() {
    int fd = openNew("b");
    fill("0123456789");
    Linux.pwrite(fd, buffer.address(), 10, 4090);
    assertThat(Linux.pread(fd, buffer.address(), 4, 4093)).isEqualTo(4);
    assertThat(text(4)).isEqualTo("3456");
    assertThat(Linux.pread(fd, buffer.address(), 100, 4098)).as("over the end").isEqualTo(2);
    assertThat(text(2)).isEqualTo("89");
    assertThat(Linux.pread(fd, buffer.address(), 100, 4100)).as("at the end").isZero();
    assertThat(Linux.pread(fd, buffer.address(), 100, 9999)).as("behind the end").isZero();
    assertThat(Linux.pread(fd, buffer.address(), 2, 0)).as("what was never written").isEqualTo(2);
    assertThat(text(2)).isEqualTo("\0\0");
    fails(() -> Linux.pread(fd, buffer.address(), 8, -1), "pread", "8 bytes at -1", EINVAL);
    fails(() -> Linux.pwrite(fd, 1, 8, 0), "pwrite", "8 bytes at 0", EFAULT);
    Linux.truncate(fd, 3);
    assertThat(Linux.pread(fd, buffer.address(), 100, 0)).isEqualTo(3);
    Linux.close(fd);
  }

  @Test
  void aHoleReadsAsZerosAndGivesItsBlocksBack() throws IOException {
    int fd = Linux.memfd("sluice-test", 0, 0);
    buffer.fill((byte) 'x');
    Linux.pwrite(fd, buffer.address(), 8192, 0);
    Linux.fallocate(fd, Linux.PUNCH_HOLE, 4096, 4096);
    assertThat(Linux.pread(fd, buffer.address(), 8192, 0)).as("the size stays").isEqualTo(8192);
    assertThat(buffer.get(ValueLayout.JAVA_BYTE, 4095)).isEqualTo((byte) 'x');
    assertThat(buffer.asSlice(4096).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
    assertThat(Files.getAttribute(Path.of("/proc/self/fd/" + fd), "size")).isEqualTo(8192L);
    Linux.close(fd);
  }

  @Test
  void zeroesARangeWhereTheFileSystemCan() {
    int fd = openNew("zero");
    buffer.fill((byte) 'x');
    Linux.pwrite(fd, buffer.address(), 8192, 0);
    try {
      Linux.fallocate(fd, Linux.ZERO_RANGE, 100, 5000);
      assertThat(Linux.pread(fd, buffer.address(), 8192, 0)).isEqualTo(8192);
      assertThat(text(8192))
          .isEqualTo("x".repeat(100) + "\0".repeat(5000) + "x".repeat(8192 - 5100));
    } catch (LinuxException e) {
      assertThat(e.errno()).as("some file systems cannot").isEqualTo(EOPNOTSUPP);
    } finally {
      Linux.close(fd);
    }
  }

  @Test
  void pollsAndNeverBlocksOnAnEmptyOrFullPipe() throws Exception {
    Path fifo = dir.resolve("fifo");
    Process mkfifo = new ProcessBuilder("mkfifo", fifo.toString()).inheritIO().start();
    assertThat(mkfifo.waitFor(30, TimeUnit.SECONDS)).isTrue();
    int fd = Linux.open(fifo.toString(), Linux.O_RDWR | Linux.O_NONBLOCK);
    MemorySegment pollfd = arena.allocate(8, 8);
    pollfd.set(ValueLayout.JAVA_INT, 0, fd);
    pollfd.set(ValueLayout.JAVA_SHORT, 4, (short) 1);

    assertThat(Linux.read(fd, buffer.address(), 1)).as("nothing yet").isEqualTo(-1);
    assertThat(Linux.poll(pollfd.address(), 1, 0)).isZero();
    long before = System.nanoTime();
    assertThat(Linux.poll(pollfd.address(), 1, 20)).isZero();
    assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(20_000_000);

    assertThat(Linux.write(fd, buffer.address(), 3)).isEqualTo(3);
    assertThat(Linux.poll(pollfd.address(), 1, 10_000)).isEqualTo(1);
    assertThat(pollfd.get(ValueLayout.JAVA_SHORT, 6)).as("POLLIN").isEqualTo((short) 1);
    fails(() -> Linux.pread(fd, buffer.address(), 1, 0), "pread", "1 bytes at 0", ESPIPE);

    long written = 0;
    long n;
    while ((n = Linux.write(fd, buffer.address(), 4096)) > 0) {
      written += n;
    }
    assertThat(n).as("full").isEqualTo(-1);
    assertThat(written).isPositive();

    assertThat(Linux.trySetPipeSize(fd, 1 << 18)).isTrue();
    assertThat(Linux.write(fd, buffer.address(), 4096)).as("more room").isEqualTo(4096);
    Linux.close(fd);
    assertThat(Linux.trySetPipeSize(openNew("file"), 1 << 18)).as("not a pipe").isFalse();
  }

  @Test
  void knowsThePageSizeAndTheLimitOfLockedMemory() throws IOException {
    assertThat(Linux.pageSize())
        .isGreaterThanOrEqualTo(4096)
        .isEqualTo(Integer.highestOneBit(Linux.pageSize()));
    String row =
        Files.readAllLines(Path.of("/proc/self/limits")).stream()
            .filter(line -> line.startsWith("Max locked memory"))
            .findFirst()
            .orElseThrow();
    String soft = row.substring("Max locked memory".length()).trim().split("\\s+")[0];
    long expected = soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft);
    assertThat(Linux.memlockLimit()).isEqualTo(expected);
  }

  private static String allowedProcessors() throws IOException {
    return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
        .filter(line -> line.startsWith("Cpus_allowed_list:"))
        .map(line -> line.substring("Cpus_allowed_list:".length()).trim())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void pinsTheCallingThreadAlone() throws Exception {
    String before = allowedProcessors();
    String[] numbers = before.split("[-,]");
    int last = Integer.parseInt(numbers[numbers.length - 1]);
    AtomicReference<String> pinned = new AtomicReference<>();
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread thread =
        new Thread(() -> {
          try {
            Linux.pinThread(last);
            pinned.set(allowedProcessors());
            done.complete(null);
          } catch (Throwable t) {
            done.completeExceptionally(t);
          }
        });
    thread.start();
    done.get(30, TimeUnit.SECONDS);
    thread.join();
    assertThat(pinned.get()).isEqualTo(Integer.toString(last));
    assertThat(allowedProcessors()).isEqualTo(before);
  }

  @Test
  void refusesProcessorsThatCannotBe() {
    assertThatThrownBy(() -> Linux.pinThread(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Linux.pinThread(1024))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no such processor: 1024");
  }
}
