package sluice.qemu.guest;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Writes an archive that a Linux kernel unpacks as its first file system: cpio, "newc" format
 * (Documentation/driver-api/early-userspace/buffer-format.rst). Archives may be put one behind the
 * other.
 *
 * <pre>
 *   "070701"  13 fields of 8 hexadecimal digits:
 *             ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check
 *   name, NUL, zeros to a multiple of 4 bytes
 *   data,      zeros to a multiple of 4 bytes
 * </pre>
 *
 * <p>Names are paths without a leading slash; the directories above them come by themselves.
 */
final class CpioArchive implements AutoCloseable {
  private static final int DIRECTORY = 0040000;
  private static final int FILE = 0100000;
  private static final int LINK = 0120000;
  private static final int CHARACTER_DEVICE = 0020000;

  private final OutputStream out;
  private final Set<String> directories = new HashSet<>();
  private long written;
  private int inode;

  /**
   * @param file is created, or overwritten
   */
  CpioArchive(Path file) throws IOException {
    out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
  }

  void directory(String name) throws IOException {
    if (!name.isEmpty() && directories.add(name)) {
      parents(name);
      header(name, DIRECTORY | 0755, 0, 0, 0);
    }
  }

  void file(String name, int permissions, byte[] content) throws IOException {
    parents(name);
    header(name, FILE | permissions, content.length, 0, 0);
    write(content);
    pad();
  }

  /** A file with the content of one that is here; executable if that is. */
  void file(String name, Path content) throws IOException {
    parents(name);
    long size = Files.size(content);
    header(name, FILE | (Files.isExecutable(content) ? 0755 : 0644), size, 0, 0);
    long copied = Files.copy(content, out);
    if (copied != size) {
      throw new IOException(content + " changed while it was read");
    }
    written += copied;
    pad();
  }

  /** All files and directories below one that is here; links are followed. */
  void tree(String name, Path root) throws IOException {
    directory(name);
    try (Stream<Path> files = Files.walk(root, java.nio.file.FileVisitOption.FOLLOW_LINKS)) {
      for (Path file : files.sorted().skip(1).toList()) {
        String path = (name.isEmpty() ? "" : name + "/") + root.relativize(file);
        if (Files.isDirectory(file)) {
          directory(path);
        } else {
          file(path, file);
        }
      }
    }
  }

  void link(String name, String target) throws IOException {
    parents(name);
    byte[] content = target.getBytes(StandardCharsets.UTF_8);
    header(name, LINK | 0777, content.length, 0, 0);
    write(content);
    pad();
  }

  void characterDevice(String name, int permissions, int major, int minor) throws IOException {
    parents(name);
    header(name, CHARACTER_DEVICE | permissions, 0, major, minor);
  }

  private void parents(String name) throws IOException {
    int slash = name.lastIndexOf('/');
    if (slash > 0) {
      directory(name.substring(0, slash));
    }
  }

  private void header(String name, int mode, long size, int major, int minor) throws IOException {
    if (size > 0xffff_ffffL) {
      throw new IOException(name + " is too large for an initramfs: " + size + " bytes");
    }
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    inode++;
    String head =
        "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x"
            .formatted(inode, mode, 0, 0, 1, 0, size, 0, 0, major, minor, bytes.length + 1, 0);
    write(head.getBytes(StandardCharsets.US_ASCII));
    write(bytes);
    write(new byte[1]);
    pad();
  }

  private void write(byte[] bytes) throws IOException {
    out.write(bytes);
    written += bytes.length;
  }

  private void pad() throws IOException {
    write(new byte[(int) (-written & 3)]);
  }

  /** Ends the archive. */
  @Override
  public void close() throws IOException {
    try (out) {
      inode = -1;
      header("TRAILER!!!", 0, 0, 0, 0);
    }
  }
}
