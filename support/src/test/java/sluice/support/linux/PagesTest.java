package sluice.support.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import sluice.support.memory.OffHeap;

class PagesTest {
  @Test
  void onesTakeThePlaceOfWhatWasMapped() {
    int fd = Linux.memfd("sluice-test", 8192, 0);
    long address = Linux.mmap(fd, 0, 8192, true);
    try {
      OffHeap.putInt(address + 4096, 5);
      Pages.replaceByOnes(address, 8192);
      assertThat(OffHeap.getInt(address)).isEqualTo(-1);
      assertThat(OffHeap.getInt(address + 8188)).isEqualTo(-1);
      OffHeap.putInt(address + 4096, 6);
      long file = Linux.mmap(fd, 0, 8192, false);
      assertThat(OffHeap.getInt(file + 4096)).as("what was mapped before").isEqualTo(5);
      Linux.munmap(file, 8192);
    } finally {
      Linux.munmap(address, 8192);
      Linux.close(fd);
    }
  }

  @Test
  void locksPages() {
    int fd = Linux.memfd("sluice-test", 4096, 0);
    long address = Linux.mmap(fd, 0, 4096, true);
    try {
      Pages.lock(address, 4096);
    } finally {
      Linux.munmap(address, 4096);
      Linux.close(fd);
    }
    assertThatThrownBy(() -> Pages.lock(address, 4096))
        .isInstanceOf(LinuxException.class)
        .hasMessageStartingWith("mlock(4096 bytes): ");
  }

  @Test
  void theLimitOfLockedMemoryOnlyEverRises() {
    long before = Linux.memlockLimit();
    long raised = Pages.raiseLockLimit();
    assertThat(raised).isGreaterThanOrEqualTo(before).isEqualTo(Linux.memlockLimit());
  }
}
