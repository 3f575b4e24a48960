package sluice.qemu.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import sluice.qemu.QemuException;

/**
 * What takes long to get or to make, kept from run to run outside the tree: in the directory that
 * SLUICE_CACHE names, else in {@code sluice} below XDG_CACHE_HOME or {@code ~/.cache}. An entry is
 * whole or not there; processes that want the same one wait for the first.
 */
final class Cache {
  private static final Object IN_THIS_JVM = new Object();

  private Cache() {}

  /** Makes an entry. */
  @FunctionalInterface
  interface Maker {
    /**
     * @param path does not exist; is to become the entry's file or directory
     */
    void make(Path path) throws IOException;
  }

  /**
   * An entry, made now if it is not there.
   *
   * @param name of the entry, which has to change when what it is made from does
   */
  static Path entry(String name, Maker maker) {
    Path entry = directory().resolve(name);
    if (Files.exists(entry)) {
      return entry;
    }
    try {
      Files.createDirectories(directory());
      synchronized (IN_THIS_JVM) {
        try (FileChannel channel = openLock(name);
            FileLock _ = channel.lock()) {
          if (!Files.exists(entry)) {
            Path partial = directory().resolve(name + ".partial");
            delete(partial);
            maker.make(partial);
            Files.move(partial, entry, StandardCopyOption.ATOMIC_MOVE);
          }
        }
      }
      return entry;
    } catch (IOException e) {
      throw new QemuException("cannot make " + entry + ": " + e, e);
    }
  }

  /**
   * An entry of a kind of which only those that were used last are kept.
   *
   * @param kind what the names of all of them begin with
   * @param count how many are kept
   */
  static Path recent(String kind, String name, int count, Maker maker) {
    Path entry =
        entry(
            kind + name,
            path -> {
              maker.make(path);
              List<Path> others = new ArrayList<>();
              try (DirectoryStream<Path> all =
                  Files.newDirectoryStream(directory(), kind + "*[0-9a-f]")) {
                all.forEach(others::add);
              }
              others.sort(Comparator.comparing(Cache::lastUse).reversed());
              others.stream().skip(count - 1L).forEach(Cache::delete);
            });
    try {
      Files.setLastModifiedTime(entry, FileTime.from(Instant.now()));
    } catch (IOException e) {
      throw new QemuException("cannot use " + entry + ": " + e, e);
    }
    return entry;
  }

  private static FileTime lastUse(Path entry) {
    try {
      return Files.getLastModifiedTime(entry);
    } catch (IOException e) {
      // Another process has just deleted it.
      return FileTime.fromMillis(0);
    }
  }

  private static FileChannel openLock(String name) throws IOException {
    Path locks = Files.createDirectories(directory().resolve("locks"));
    return FileChannel.open(
        locks.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  static Path directory() {
    return environment("SLUICE_CACHE")
        .orElseGet(() ->
            environment("XDG_CACHE_HOME")
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"))
                .resolve("sluice"));
  }

  private static Optional<Path> environment(String name) {
    return Optional.ofNullable(System.getenv(name)).filter(s -> !s.isBlank()).map(Path::of);
  }

  /** Deletes a file, or a directory with all that is in it, if it exists. */
  static void delete(Path path) {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + path, e);
    }
  }
}
