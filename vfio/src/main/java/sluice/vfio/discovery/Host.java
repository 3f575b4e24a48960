package sluice.vfio.discovery;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A machine, as its file systems tell of it: {@code /sys}, {@code /proc}, {@code /dev} and {@code
 * /run} below a root that tests choose.
 *
 * <p>Things come and go while they are looked at: what cannot be read is as if it were not there.
 */
public final class Host {
  private final Path root;

  /**
   * @param root {@code /}
   */
  public Host(Path root) {
    this.root = root;
  }

  /** The machine this runs on. */
  public static Host local() {
    return new Host(Path.of("/"));
  }

  /** A path of this machine, without the leading slash: {@code sys/bus/pci}. */
  public Path path(String absolute) {
    return root.resolve(absolute);
  }

  /**
   * Where an absolute path of this machine leads to when all symbolic links are followed: {@code
   * /dev/disk/by-id/nvme-A} to {@code /dev/nvme0n1}. The path itself when it leads nowhere.
   */
  public String realPath(String absolute) {
    try {
      Path real = path(absolute.substring(1)).toRealPath();
      return "/" + root.toRealPath().relativize(real);
    } catch (IOException | RuntimeException e) {
      return absolute; // Gone, or no path at all: /dev/sda (deleted)
    }
  }

  /** What a file says, without the white space around; empty when there is none or it is empty. */
  public static Optional<String> text(Path file) {
    try {
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      return Optional.of(text.strip()).filter(stripped -> !stripped.isEmpty());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The lines of a file; none when it cannot be read. */
  public static List<String> lines(Path file) {
    return text(file).map(text -> text.lines().toList()).orElse(List.of());
  }

  /** A whole number that a file says, decimal or with {@code 0x}. */
  public static Optional<Long> number(Path file) {
    return text(file).flatMap(Host::parseNumber);
  }

  private static Optional<Long> parseNumber(String text) {
    try {
      return Optional.of(Long.decode(text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** The last name of what a symbolic link points to. */
  public static Optional<String> linkName(Path link) {
    try {
      return Optional.ofNullable(Files.readSymbolicLink(link).getFileName()).map(Path::toString);
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  /** The files of a directory, by name; none when there is no such directory. */
  public static List<Path> entries(Path directory) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory)) {
      paths.forEach(found::add);
    } catch (IOException | DirectoryIteratorException e) {
      // Not there, gone meanwhile, or not for us.
    }
    Collections.sort(found);
    return found;
  }

  /** A path's last name. */
  public static String name(Path path) {
    return path.getFileName().toString();
  }
}
