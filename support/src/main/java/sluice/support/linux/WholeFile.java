package sluice.support.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Set;

/**
 * Small files that are replaced whole or not at all. Nothing is ever written through what is there,
 * which may be a link or a pipe of somebody else's: a new file takes its place.
 */
public final class WholeFile {
  private static final String NEW = ".new";

  private WholeFile() {}

  /**
   * Puts a text in the place of a file, durable when this returns.
   *
   * @param attributes that the new file is made with
   * @throws IOException if that cannot be; what was there is there still
   */
  public static void write(Path file, String text, FileAttribute<?>... attributes)
      throws IOException {
    Path made = file.resolveSibling(file.getFileName() + NEW);
    boolean _ = Files.deleteIfExists(made);
    try (FileChannel channel =
        FileChannel.open(
            made, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
      while (bytes.hasRemaining()) {
        int _ = channel.write(bytes);
      }
      channel.force(true);
    }
    Path _ = Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
    syncFolder(file);
  }

  /** Makes durable that a file has its name. */
  public static void syncFolder(Path file) throws IOException {
    try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent())) {
      folder.force(true);
    }
  }
}
