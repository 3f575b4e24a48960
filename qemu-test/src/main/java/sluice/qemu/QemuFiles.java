package sluice.qemu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A machine's directory: its sockets, its firmware, its drives' bytes, and what it said. */
final class QemuFiles implements AutoCloseable {
  static final String BIOS = "bios.bin";
  static final String QTEST = "qtest.sock";
  static final String QMP = "qmp.sock";
  static final String LOG = "qemu.log";

  private static final int BIOS_SIZE = 64 << 10;
  private static final int RESET_VECTOR = 0xfff0;
  private static final byte CLI = (byte) 0xfa;
  private static final byte HLT = (byte) 0xf4;
  private static final byte JMP = (byte) 0xeb;

  private final Path directory;
  private final List<Path> images;

  QemuFiles(QemuDrive drive) throws IOException {
    directory = Files.createTempDirectory("sluice-qemu-" + ProcessHandle.current().pid() + "-");
    try {
      Files.write(directory.resolve(BIOS), bios());
      Files.createFile(directory.resolve(LOG));
      images = new DriveArguments(drive, 0, "ns").createImages(directory);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Firmware that halts the processor; an interrupt that cannot be masked finds it again. */
  private static byte[] bios() {
    byte[] image = new byte[BIOS_SIZE];
    Arrays.fill(image, HLT);
    byte[] halt = {CLI, HLT, JMP, -3};
    System.arraycopy(halt, 0, image, RESET_VECTOR, halt.length);
    return image;
  }

  /** Where a file of this class's constants is. */
  Path file(String name) {
    return directory.resolve(name);
  }

  /** The namespaces' bytes, in their order. */
  List<Path> images() {
    return images;
  }

  /** Deletes the directory. */
  @Override
  public void close() {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        boolean _ = Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + directory, e);
    }
  }
}
