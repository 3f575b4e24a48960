package sluice.virtual.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.support.linux.LinuxException;
import sluice.vfio.DmaMemory;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.pci.Host;
import sluice.virtual.personality.Personality;

class FileBackendTest {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  @TempDir Path folder;
  private Path image;
  private Host host;
  private Host.Queue queue;
  private DmaMemory data;

  @BeforeEach
  void open() {
    image = folder.resolve("d.img");
    Backend backend = FileBackend.open(image, OptionalLong.of(16 << 20), 512);
    host = Host.ready(new DriveSettings(), Personality.PLAIN, backend);
    queue = host.createQueue(1, 64);
    data = host.memory(4096);
  }

  @AfterEach
  void close() {
    host.close();
  }

  /** Gives the drive turns until a flush, which takes the time a disk takes, has completed. */
  private int await() {
    queue.ring();
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    while (!queue.hasCompletion()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      host.step();
      Thread.onSpinWait();
    }
    return queue.take().status();
  }

  @Test
  void theFileIsTheDrive() throws IOException {
    Host.fill(data, 3);
    assertThat(host.io(queue, IoOpcode.WRITE, 100, 8, data)).isZero();
    byte[] expected = data.segment().toArray(ValueLayout.JAVA_BYTE);
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "r")) {
      byte[] actual = new byte[4096];
      file.seek(100 * 512);
      file.readFully(actual);
      assertThat(actual).isEqualTo(expected);
    }
    assertThat(host.io(queue, IoOpcode.COMPARE, 100, 8, data)).isZero();
  }

  @Test
  void holesGiveTheirSpaceBack() throws IOException, InterruptedException {
    for (int i = 0; i < 64; i++) {
      assertThat(host.io(queue, IoOpcode.WRITE, 8L * i, 8, data)).isZero();
    }
    assertThat(host.io(queue, IoOpcode.WRITE_ZEROES, 0, 512, null)).isZero();
    Process du = new ProcessBuilder("stat", "-c", "%b", image.toString()).start();
    String allocated =
        new String(du.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).trim();
    assertThat(du.waitFor()).isZero();
    assertThat(Long.parseLong(allocated)).as("blocks of 512 bytes on the disk").isLessThan(64);
    assertThat(Files.size(image)).isEqualTo(16 << 20);
  }

  @Test
  void aFlushCompletesAfterTheDisk() {
    for (int i = 0; i < 20; i++) {
      assertThat(host.io(queue, IoOpcode.WRITE, i, 1, data)).isZero();
      host.post(queue, IoOpcode.FLUSH, 1, 0, 1, 0, null);
      assertThat(await()).isZero();
    }
    assertThat(host.io(queue, IoOpcode.FLUSH, 0, 1, null)).as("nothing to flush").isZero();
  }

  @Test
  void forcedWritesCompleteAfterTheDisk() {
    host.post(queue, IoOpcode.WRITE, 1, 0, 8, IoCommand.FUA, data);
    assertThat(await()).isZero();
    assertThat(host.io(queue, IoOpcode.FLUSH, 0, 1, null)).as("nothing to flush").isZero();
    host.admin(AdminOpcode.SET_FEATURES, 0, null, 6, 0);
    host.post(queue, IoOpcode.WRITE, 1, 0, 8, 0, data);
    assertThat(await()).as("without a cache").isZero();
    assertThat(host.io(queue, IoOpcode.FLUSH, 0, 1, null)).as("nothing to flush").isZero();
  }

  @Test
  void manyFlushesAtOnce() {
    for (int i = 0; i < 63; i++) {
      host.post(queue, i % 2 == 0 ? IoOpcode.WRITE : IoOpcode.FLUSH, 1, i, 1, 0, data);
    }
    for (int i = 0; i < 63; i++) {
      assertThat(await()).isZero();
    }
  }

  @Test
  void aFileThatWasCutReadsAsAnError() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(4096);
    }
    assertThat(host.io(queue, IoOpcode.READ, 0, 8, data)).isZero();
    assertThat(host.io(queue, IoOpcode.READ, 8, 8, data))
        .isEqualTo(StatusCode.UNRECOVERED_READ_ERROR.status());
    assertThat(host.io(queue, IoOpcode.READ, 1L << 40, 8, data))
        .isEqualTo(StatusCode.LBA_OUT_OF_RANGE.statusDnr());
  }

  @Test
  void aFailureOfTheDiskStays() {

    try (FlushThread thread = new FlushThread(-1)) {
      long ticket = thread.request();
      long deadline = System.nanoTime() + DEADLINE.toNanos();
      while (thread.completed() < ticket) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        Thread.onSpinWait();
      }
      assertThat(thread.failure()).isInstanceOf(LinuxException.class);
    }
  }

  @Test
  void noTwoDrivesOnOneFile() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> FileBackend.open(image, OptionalLong.empty(), 512))
        .withMessage(image + " is in use by another drive or process");
    host.close();
    try (Backend backend = FileBackend.open(image, OptionalLong.empty(), 512)) {
      assertThat(backend.size()).isEqualTo(16 << 20);
    }
  }
}
