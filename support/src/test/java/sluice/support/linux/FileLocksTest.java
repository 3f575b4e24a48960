package sluice.support.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileLocksTest {
  private static final int NO_FD = 1_000_000;

  @TempDir Path dir;
  private int first;
  private int second;

  @BeforeEach
  void open() {
    String path = dir.resolve("lock").toString();
    first = Linux.open(path, Linux.O_RDWR | Linux.O_CREAT);
    second = Linux.open(path, Linux.O_RDWR);
  }

  @AfterEach
  void close() {
    Linux.close(first);
    Linux.close(second);
  }

  @Test
  void oneLockOfAWholeFileAtATime() {
    assertThat(FileLocks.tryLock(first, true)).isTrue();
    assertThat(FileLocks.tryLock(second, true)).isFalse();
    assertThat(FileLocks.tryLock(second, false)).isFalse();
    assertThat(FileLocks.tryLock(first, true)).as("its own again").isTrue();
    assertThat(FileLocks.tryLock(first, false)).as("shared from now on").isTrue();
    assertThat(FileLocks.tryLock(second, false)).isTrue();
    assertThat(FileLocks.tryLock(second, true)).isFalse();
  }

  @Test
  void rangesAreLockedOneByOne() {
    assertThat(FileLocks.tryLockRange(first, true, 100, 10)).isTrue();
    assertThat(FileLocks.tryLockRange(second, true, 109, 1)).isFalse();
    assertThat(FileLocks.tryLockRange(second, false, 109, 1)).isFalse();
    assertThat(FileLocks.tryLockRange(second, true, 110, 1)).isTrue();
    assertThat(FileLocks.tryLockRange(first, true, 100, 11)).isFalse();
    assertThat(FileLocks.tryLockRange(first, false, 100, 10)).as("shared from now on").isTrue();
    assertThat(FileLocks.tryLockRange(second, false, 100, 10)).isTrue();
  }

  @Test
  void aRangeIsFreeWhenNobodyElseHasLockedAnyOfIt() {
    assertThat(FileLocks.isFree(first, 100, 10)).isTrue();
    assertThat(FileLocks.tryLockRange(first, false, 105, 1)).isTrue();
    assertThat(FileLocks.isFree(first, 100, 10)).as("its own").isTrue();
    assertThat(FileLocks.isFree(second, 100, 10)).isFalse();
    assertThat(FileLocks.isFree(second, 106, 10)).isTrue();
  }

  @Test
  void theTwoKindsDoNotSeeEachOther() {
    assertThat(FileLocks.tryLock(first, true)).isTrue();
    assertThat(FileLocks.tryLockRange(second, true, 0, 0)).isTrue();
  }

  @Test
  void failuresAreNamed() {
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> FileLocks.tryLock(NO_FD, true))
        .withMessageStartingWith("flock(fd 1000000)");
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> FileLocks.tryLockRange(NO_FD, true, 0, 1))
        .withMessageStartingWith("fcntl(fd 1000000");
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> FileLocks.isFree(NO_FD, 0, 1))
        .withMessageStartingWith("fcntl(fd 1000000");
  }
}
