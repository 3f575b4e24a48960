package sluice.virtual.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The identity of a drive that is a file: kept with the file, not in it, which is the drive byte
 * for byte.
 *
 * <p>It is in extended attributes, {@code user.sluice.uuid}, {@code user.sluice.serial} and {@code
 * user.sluice.nqn}, or, on file systems without these, in a file beside the image, {@code
 * d.img.identity}, with a line {@code uuid=…} each. What is given by options when nothing is kept
 * yet is kept; later it counts for that time alone. A UUID is drawn for a file that has none.
 *
 * <p>Who moves the file moves the identity (and a file beside it has to be moved along). A copy is
 * another drive if the attributes were not copied, as with {@code cp}; with them, as with {@code cp
 * -a}, it is the same drive, which must not be used besides the other: {@code setfattr -x
 * user.sluice.uuid} makes it another. A file that cannot be written, and has none, gets another
 * identity each time.
 */
final class ImageIdentity {
  private static final String ATTRIBUTE = "sluice.";

  private final Path image;
  private final Path descriptor;

  /**
   * @param image its path
   * @param fd the open image, which is looked at whatever its path is by now
   */
  ImageIdentity(Path image, int fd) {
    this.image = image;
    this.descriptor = Path.of("/proc/self/fd/" + fd);
  }

  /**
   * The image's identity.
   *
   * @param given parts that were given, by name
   * @param mayKeep whether to keep what is not kept yet
   * @throws IllegalArgumentException if what is kept is no good; one clear line
   */
  DriveIdentity find(Map<String, String> given, boolean mayKeep) {
    return find(given, read(), mayKeep);
  }

  /** The identity of an image that was made just now: nothing that is there already is its own. */
  DriveIdentity create(Map<String, String> given) {
    return find(given, Map.of(), true);
  }

  /** Removes what is beside an image that goes. */
  void forget() {
    try {
      beside().delete();
    } catch (IOException e) {
      // It is of no drive any more, and a new one will not take it for its own.
    }
  }

  private DriveIdentity find(Map<String, String> given, Map<String, String> kept, boolean mayKeep) {
    Map<String, String> parts = new HashMap<>(kept);
    parts.putAll(given);
    parts.putIfAbsent(DriveIdentity.UUID_PART, UUID.randomUUID().toString());
    DriveIdentity identity;
    try {
      identity = DriveIdentity.of(parts, null);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the identity that is kept with " + image + " is no good: " + e.getMessage(), e);
    }
    parts.keySet().removeAll(kept.keySet());
    if (mayKeep && !parts.isEmpty()) {
      keep(parts, kept);
    }
    return identity;
  }

  private UserDefinedFileAttributeView attributes() {
    return Files.getFileAttributeView(descriptor, UserDefinedFileAttributeView.class);
  }

  private Map<String, String> read() {
    Map<String, String> kept = new TreeMap<>();
    for (String name : names()) {
      String part = name.startsWith(ATTRIBUTE) ? name.substring(ATTRIBUTE.length()) : "";
      if (DriveIdentity.PARTS.contains(part)) {
        kept.put(part, read(name));
      }
    }
    return kept.isEmpty() ? readBeside() : kept;
  }

  private List<String> names() {
    try {
      return attributes().list();
    } catch (IOException e) {
      // The file system has none.
      return List.of();
    }
  }

  private String read(String name) {
    try {
      ByteBuffer value = ByteBuffer.allocate(attributes().size(name));
      int bytes = attributes().read(name, value);
      return new String(value.array(), 0, bytes, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private Map<String, String> readBeside() {
    try {
      return beside().read();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private IllegalArgumentException unreadable(IOException e) {
    return new IllegalArgumentException(
        "cannot read the identity that is kept with " + image + ": " + e.getMessage(), e);
  }

  /** For file systems without attributes. */
  private IdentityFile beside() {
    Path real;
    try {
      real = image.toRealPath();
    } catch (IOException e) {
      real = image;
    }
    return new IdentityFile(real);
  }

  private void keep(Map<String, String> parts, Map<String, String> kept) {
    try {
      UserDefinedFileAttributeView attributes = attributes();
      for (Map.Entry<String, String> part : parts.entrySet()) {
        ByteBuffer value = StandardCharsets.UTF_8.encode(part.getValue());
        int _ = attributes.write(ATTRIBUTE + part.getKey(), value);
      }
      // fdatasync does not have to make attributes durable.
      try (FileChannel file = FileChannel.open(descriptor)) {
        file.force(true);
      }
    } catch (IOException e) {
      Map<String, String> all = new TreeMap<>(kept);
      all.putAll(parts);
      keepBeside(all);
    }
  }

  private void keepBeside(Map<String, String> parts) {
    try {
      beside().write(parts);
    } catch (IOException e) {
      // Where nothing can be kept the drive is another one each time, which is never wrong.
    }
  }
}
