package sluice.support.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.support.memory.OffHeap;

class DescriptorsTest {
  private static final int EPERM = 1;
  private static final int EBADF = 9;

  private final int file = Linux.memfd("test", 12345, Linux.MFD_ALLOW_SEALING);
  private final int event = Events.eventfd();

  @AfterEach
  void close() {
    Linux.close(file);
    Linux.close(event);
  }

  @Test
  void whatIsBehindADescriptor() {
    assertThat(Descriptors.status(file))
        .isEqualTo(new Descriptors.Status(true, 12345, 4096, false));
    assertThat(Descriptors.status(event).isFile()).isFalse();
    assertThat(Descriptors.isEvent(event)).isTrue();
    assertThat(Descriptors.isEvent(file)).isFalse();
    assertThat(Descriptors.isEvent(1_000_000)).isFalse();
    assertThatThrownBy(() -> Descriptors.status(1_000_000))
        .isInstanceOfSatisfying(LinuxException.class, e -> assertThat(e.errno()).isEqualTo(EBADF));
  }

  @Test
  void holesTakeNoRoom() {
    assertThat(Descriptors.allocatedBytes(file)).isZero();
    long memory = Descriptors.map(file, 4096, 4096, true);
    OffHeap.putLong(memory, 1);
    assertThat(Descriptors.allocatedBytes(file)).isEqualTo(4096);
    Linux.munmap(memory, 4096);
  }

  @Test
  void aFixedSizeStays() {
    Descriptors.fixSize(file);
    for (long size : new long[] {0, 4096, 1 << 20}) {
      assertThatThrownBy(() -> Linux.truncate(file, size))
          .isInstanceOfSatisfying(
              LinuxException.class, e -> assertThat(e.errno()).isEqualTo(EPERM));
    }
  }

  @Test
  void filesOfMemoryAreKnown() {
    assertThat(Descriptors.isMemory(file)).isTrue();
    assertThat(Descriptors.isMemory(event)).isFalse();
    assertThat(Descriptors.isMemory(1_000_000)).isFalse();
  }

  @Test
  void mapsToReadOrToWrite() {
    long written = Descriptors.map(file, 4096, 4096, true);
    long read = Descriptors.map(file, 4096, 4096, false);
    OffHeap.putLong(written + 8, 7);
    assertThat(OffHeap.getLong(read + 8)).isEqualTo(7);
    Linux.munmap(written, 4096);
    Linux.munmap(read, 4096);
  }

  @Test
  void waits() {
    try (Arena arena = Arena.ofConfined()) {
      long pollfd = arena.allocate(8, 8).address();
      long timespec = arena.allocate(16, 8).address();
      OffHeap.putInt(pollfd, event);
      OffHeap.putInt(pollfd + 4, 1);
      assertThat(Descriptors.poll(pollfd, 1, timespec, 1000)).isZero();
      Events.raise(event);
      assertThat(Descriptors.poll(pollfd, 1, timespec, 60_000_000_000L)).isEqualTo(1);
    }
  }
}
