package sluice.virtual.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.vfio.DmaMemory;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.command.MediaProxy;
import sluice.virtual.pci.Host;
import sluice.virtual.personality.Personality;

/** Backends keep to their bytes, whatever they are asked for. */
class BackendBoundsTest {
  private static final int SIZE = 1 << 20;

  @TempDir Path folder;

  private final DmaMemory memory = Host.ready().memory(4096);

  @Test
  void nothingIsDoneBeyondTheEndOrBeforeTheStart() {
    try (Backend inMemory = new MemoryBackend(SIZE);
        Backend file = FileBackend.open(folder.resolve("d.img"), OptionalLong.of(SIZE), 512);
        Backend cache = new VolatileCache(new MemoryBackend(SIZE), 512)) {
      for (Backend backend : new Backend[] {inMemory, file, cache}) {
        refuses(backend, SIZE, 512);
        refuses(backend, SIZE - 512, 1024);
        refuses(backend, -512, 512);
        refuses(backend, 0, -512);
        refuses(backend, Long.MAX_VALUE - 511, 1024);
        backend.write(SIZE - 512, memory.address(), 512);
        backend.read(SIZE - 512, memory.address(), 512);
        backend.zero(0, SIZE);
      }
    }
    assertThat(folder.resolve("d.img")).hasSize(SIZE);
  }

  private void refuses(Backend backend, long offset, long length) {
    assertThatThrownBy(() -> backend.write(offset, memory.address(), length))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> backend.zero(offset, length))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> backend.read(offset, memory.address(), length))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void aCommandThatComesThroughTheChecksFailsForItself() {
    Backend lying =
        new MediaProxy(new MemoryBackend(SIZE)) {
          @Override
          public long size() {
            return 2 * SIZE;
          }
        };
    try (Host host = Host.ready(new DriveSettings(), Personality.PLAIN, lying)) {
      Host.Queue queue = host.createQueue(1, 16);
      DmaMemory data = host.memory(4096);
      int error = StatusCode.INTERNAL_ERROR.statusDnr();
      assertThat(host.io(queue, IoOpcode.WRITE, SIZE / 512, 8, data)).isEqualTo(error);
      assertThat(host.io(queue, IoOpcode.READ, SIZE / 512 - 1, 8, data)).isEqualTo(error);
      assertThat(host.io(queue, IoOpcode.WRITE_ZEROES, SIZE / 512, 8, data)).isEqualTo(error);
      assertThat(host.io(queue, IoOpcode.WRITE, 0, 8, data)).isZero();
    }
  }
}
