package sluice.virtual.media;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import sluice.support.linux.Descriptors;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.linux.WholeFile;

/**
 * The file beside an image with the parts of its identity, a line {@code name=value} each, for file
 * systems that keep no attributes.
 *
 * <p>Whoever may write to the folder can put anything in its place: a pipe that would be waited
 * for, a device without an end, a link to somebody else's file. So nothing but a small file is
 * read, and a new one takes the place of whatever is there, and never writes through it.
 */
final class IdentityFile {
  private static final String SUFFIX = ".identity";

  /** Far more than all parts together. */
  private static final int MOST_BYTES = 4096;

  private final Path path;

  /**
   * @param image its real path: of a link it is beside what the link leads to
   */
  IdentityFile(Path image) {
    this.path = image.resolveSibling(image.getFileName() + SUFFIX);
  }

  /**
   * What is kept; nothing if there is no file.
   *
   * @throws IOException if what is there cannot be read, or is no such file; one clear line
   */
  Map<String, String> read() throws IOException {
    int fd;
    try {
      fd = Linux.open(path.toString(), Linux.O_RDONLY | Linux.O_NONBLOCK);
    } catch (LinuxException e) {
      if (e.errno() == LinuxException.ENOENT) {
        return Map.of();
      }
      throw new IOException(e.getMessage(), e);
    }
    try {
      return parse(text(fd));
    } catch (LinuxException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      Linux.close(fd);
    }
  }

  private String text(int fd) throws IOException {
    if (!Descriptors.status(fd).isFile()) {
      throw new IOException(path + " is not a regular file; remove it");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(MOST_BYTES + 1);
      int bytes = (int) Linux.pread(fd, text.address(), text.byteSize(), 0);
      if (bytes > MOST_BYTES) {
        throw new IOException(path + " has more than " + MOST_BYTES + " bytes; remove it");
      }
      byte[] read = text.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
      return new String(read, StandardCharsets.UTF_8);
    }
  }

  private static Map<String, String> parse(String text) {
    Map<String, String> parts = new TreeMap<>();
    text.lines()
        .forEach(line -> {
          int equals = line.indexOf('=');
          if (equals > 0 && DriveIdentity.PARTS.contains(line.substring(0, equals))) {
            parts.put(line.substring(0, equals), line.substring(equals + 1).strip());
          }
        });
    return parts;
  }

  /**
   * Keeps parts, and nothing else; they are durable then.
   *
   * @throws IOException if they cannot be kept; what was kept is as it was
   */
  void write(Map<String, String> parts) throws IOException {
    StringBuilder lines = new StringBuilder();
    new TreeMap<>(parts)
        .forEach((name, value) -> lines.append(name).append('=').append(value).append('\n'));
    WholeFile.write(path, lines.toString());
  }

  /** Removes it, if it is there. */
  void delete() throws IOException {
    boolean _ = Files.deleteIfExists(path);
  }
}
