package sluice.virtual.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.NvmeController;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.IdentifyCns;
import sluice.nvme.spec.IdentifyNamespace;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.support.linux.FileLocks;
import sluice.support.linux.Linux;
import sluice.vfio.DmaMemory;
import sluice.virtual.VirtualDriveProvider;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.pci.Host;
import sluice.virtual.personality.Personality;

/** The file of an image: how it is made, who may have it, and when it goes. */
class ImageFileTest {
  private static final OptionalLong NO_SIZE = OptionalLong.empty();

  @TempDir Path folder;
  private Path image;

  @BeforeEach
  void name() {
    image = folder.resolve("d.img");
  }

  private FileBackend make() {
    return FileBackend.open(image, OptionalLong.of(1 << 20), 512);
  }

  /**
   * Locks a byte of the image as another process would, as QEMU does: by an open file of its own.
   */
  private int lock(boolean isExclusive, long at) {
    int fd = Linux.open(image.toString(), Linux.O_RDWR);
    assertThat(FileLocks.tryLockRange(fd, isExclusive, at, 1)).isTrue();
    return fd;
  }

  @Test
  void anImageThatMayOutgrowItsFileSystemSaysSo() throws IOException {
    try (FileBackend small = make()) {
      assertThat(small.shortage()).isEmpty();
    }
    long more = Files.getFileStore(folder).getUsableSpace() / 512 * 512 + (1L << 40);
    Path large = folder.resolve("large.img");
    try (FileBackend backend = FileBackend.open(large, OptionalLong.of(more), 512)) {
      assertThat(backend.shortage())
          .startsWith(large + " may grow by ")
          .contains("its file system has ");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {100, 101, 103, 200, 201, 203, 303})
  void whoeverWritesKeepsQemuOut(long at) {
    try (FileBackend _ = make()) {
      int fd = Linux.open(image.toString(), Linux.O_RDWR);
      assertThat(FileLocks.tryLockRange(fd, false, at, 1)).as("QEMU's lock %d", at).isFalse();
      Linux.close(fd);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {100, 101, 103, 200, 201, 203, 303})
  void qemuKeepsWhoeverWritesOut(long at) {
    make().close();
    int fd = lock(false, at);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FileBackend.open(image, NO_SIZE, 512))
        .withMessage(image + " is in use by QEMU or one of its tools");
    Linux.close(fd);
    FileBackend.open(image, NO_SIZE, 512).close();
  }

  @ParameterizedTest
  @ValueSource(longs = {101, 103, 200})
  void qemuThatWritesKeepsReadersOut(long at) {
    make().close();
    int fd = lock(false, at);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FileBackend.openReadOnly(image, NO_SIZE, 512))
        .withMessage(image + " is in use by QEMU or one of its tools");
    Linux.close(fd);
  }

  @Test
  void readersShareAnImageAmongThemselvesAndWithQemu() {
    make().close();
    int qemu = lock(false, 100);
    try (FileBackend first = FileBackend.openReadOnly(image, NO_SIZE, 512);
        FileBackend second = FileBackend.openReadOnly(image, NO_SIZE, 512)) {
      assertThat(first.size()).isEqualTo(second.size());
      assertThat(FileLocks.isFree(qemu, 201, 1)).as("QEMU sees that it may not write").isFalse();
      assertThat(FileLocks.isFree(qemu, 200, 1)).as("and that it may read").isTrue();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> FileBackend.open(image, NO_SIZE, 512))
          .withMessage(image + " is in use by another drive or process");
    }
    Linux.close(qemu);
    try (FileBackend _ = FileBackend.open(image, NO_SIZE, 512)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> FileBackend.openReadOnly(image, NO_SIZE, 512))
          .withMessage(image + " is in use by another drive or process");
    }
  }

  @Test
  void anImageThatMayOnlyBeReadIsRead() throws IOException {
    make().close();
    Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("r--r--r--"));
    DriveSettings settings = new DriveSettings().readOnly(true);
    try (Host host =
        Host.ready(settings, Personality.PLAIN, FileBackend.openReadOnly(image, NO_SIZE, 512))) {
      Host.Queue queue = host.createQueue(1, 64);
      DmaMemory data = host.memory(4096);
      assertThat(host.io(queue, IoOpcode.READ, 0, 8, data)).isZero();
      int isProtected = StatusCode.WRITE_PROTECTED.statusDnr();
      assertThat(host.io(queue, IoOpcode.WRITE, 0, 8, data)).isEqualTo(isProtected);
      assertThat(host.io(queue, IoOpcode.WRITE_ZEROES, 0, 8, null)).isEqualTo(isProtected);
      assertThat(host.io(queue, IoOpcode.FLUSH, 0, 1, null)).isZero();
      assertThat(host.admin(AdminOpcode.IDENTIFY, 1, data, IdentifyCns.NAMESPACE).status())
          .isZero();
      assertThat(new IdentifyNamespace(data.segment()).nsattr()).isEqualTo(1);
    }
    assertThat(Files.readAllBytes(image)).isEqualTo(new byte[1 << 20]);
  }

  @Test
  void whatIsWholeOfAnOddFileCanBeRead() throws IOException {
    try (RandomAccessFile odd = new RandomAccessFile(image.toFile(), "rw")) {
      odd.setLength(5000);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FileBackend.open(image, NO_SIZE, 512))
        .withMessage(
            image
                + ": 5000 bytes are not whole blocks of 512; access=read reads those that are whole");
    try (FileBackend backend = FileBackend.openReadOnly(image, NO_SIZE, 512)) {
      assertThat(backend.size()).isEqualTo(9 * 512);
    }
    assertThat(Files.size(image)).isEqualTo(5000);
  }

  @Test
  void whatWasMadeForNothingGoesAgainAndNothingElse() throws IOException {
    DriveAddress address = DriveAddress.parse("virtual:" + image + "?size=1M");
    NvmeController unwanted = VirtualDriveProvider.openProvisional(address, defaults());
    assertThat(Files.exists(image)).isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> VirtualDriveProvider.openProvisional(address, defaults()));
    assertThat(Files.exists(image)).as("who did not make it leaves it alone").isTrue();
    unwanted.close();
    assertThat(Files.exists(image)).isFalse();
    try (NvmeController wanted = VirtualDriveProvider.openProvisional(address, defaults())) {
      VirtualDriveProvider.keep(wanted);
    }
    VirtualDriveProvider.openProvisional(address, defaults()).close();
    assertThat(Files.exists(image)).as("made by another").isTrue();
  }

  private static ControllerOptions defaults() {
    return ControllerOptions.defaults();
  }

  @Test
  void ofManyWhoMakeOneImageExactlyOneDoes() throws Exception {
    int starts = 8;
    for (int round = 0; round < 20; round++) {
      Set<FileBackend> made = Collections.synchronizedSet(new HashSet<>());
      Callable<Void> start =
          () -> {
            try {
              made.add(FileBackend.openProvisional(image, OptionalLong.of(1 << 20), 512));
            } catch (IllegalArgumentException e) {
              assertThat(e).hasMessageMatching(".*(in use by|bytes are not whole|but size=).*");
            }
            return null;
          };
      try (ExecutorService threads = Executors.newFixedThreadPool(starts)) {
        for (var end : threads.invokeAll(Collections.nCopies(starts, start))) {
          assertThat(end.get()).isNull();
        }
      }
      assertThat(made).hasSize(1);
      assertThat(Files.size(image)).isEqualTo(1 << 20);
      made.forEach(FileBackend::close);
      assertThat(Files.exists(image)).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nobodyIsLeftWithAnImageThatWasRemovedWhileItWasOpened(boolean isReplaced)
      throws IOException {
    FileBackend first = FileBackend.openProvisional(image, OptionalLong.of(1 << 20), 512);
    int fd = Linux.open(image.toString(), Linux.O_RDWR);
    first.close();
    assertThat(image).doesNotExist();
    if (isReplaced) {
      make().close();
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageOpening.locked(image, fd, NO_SIZE, 512, false))
        .withMessageContaining("was removed or replaced just now");
  }

  @Test
  void aNewImageIsNotForEverybody() throws IOException {
    make().close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(image)))
        .matches("rw-(r--|---)---");
  }

  @Test
  void aTildeIsExplained() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FileBackend.open(Path.of("~/d.img"), OptionalLong.of(512), 512))
        .withMessageContaining("write $HOME");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FileBackend.openReadOnly(Path.of("~/d.img"), NO_SIZE, 512))
        .withMessageContaining("write $HOME");
  }

  @Test
  void anImageThatWasRemovedUnderItsDriveIsToldOf() throws IOException {
    MemorySegment block = Arena.ofAuto().allocate(512, 8);
    FileBackend unwritten = make();
    Files.delete(image);
    unwritten.close();
    FileBackend moved = make();
    moved.write(0, block.address(), 512);
    Path _ = Files.move(image, folder.resolve("moved.img"));
    moved.close();
    FileBackend removed = make();
    removed.write(0, block.address(), 512);
    Files.delete(image);
    assertThatIllegalStateException()
        .isThrownBy(removed::close)
        .withMessage(image + " was removed while it was in use: what was written to it is lost");
  }
}
