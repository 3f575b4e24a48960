package sluice.qemu.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import sluice.qemu.QemuException;

/**
 * What takes long to get or to make, kept from run to run outside the tree: in the directory that
 * SLUICE_CACHE names, else in {@code sluice} below XDG_CACHE_HOME or {@code ~/.cache}.
 *
 * <pre>
 *   NAME         an entry: whole or not there; its time of modification is that of its last use
 *   work/NAME    what it is being made in, or was when its maker was killed
 *   locks/NAME   locked by who makes it; others that want it wait, also in other processes
 * </pre>
 *
 * <p>Whether a maker still lives is known by its lock, which ends with it however it ends.
 */
final class Cache {
  private static final Object IN_THIS_JVM = new Object();
  private static final String WORK = "work";
  private static final String LOCKS = "locks";

  /** What entries are called, and what they were called when they were made in another way. */
  private static final Pattern NAMES =
      Pattern.compile(
          "(busybox|kernel-stock|(kernel-small|java|command|qemu|nvme-cli)-.+)|(apt|kernel)-\\d+|.+\\.partial");

  private Cache() {}

  /** Makes an entry. */
  @FunctionalInterface
  interface Maker {
    /**
     * @param path does not exist; is to become the entry's file or directory
     * @param work a directory for what is needed on the way, which is deleted when the entry is
     *     made
     */
    void make(Path path, Path work) throws IOException;
  }

  /**
   * An entry, made now if it is not there.
   *
   * @param name of the entry, which has to change when what it is made from does
   */
  static Path entry(String name, Maker maker) {
    return entry(name, false, maker);
  }

  /**
   * The same for what takes minutes: when its making was interrupted, the next maker finds the work
   * directory as it was left.
   */
  static Path resumedEntry(String name, Maker maker) {
    return entry(name, true, maker);
  }

  private static Path entry(String name, boolean resumed, Maker maker) {
    Path entry = directory().resolve(name);
    try {
      if (!Files.exists(entry)) {
        make(name, entry, resumed, maker);
      }
      Files.setLastModifiedTime(entry, FileTime.from(Instant.now()));
      return entry;
    } catch (IOException e) {
      throw new QemuException("cannot make " + entry + ": " + e, e);
    }
  }

  private static void make(String name, Path entry, boolean resumed, Maker maker)
      throws IOException {
    synchronized (IN_THIS_JVM) {
      try (FileChannel channel = openLock(name);
          FileLock _ = lock(channel, name)) {
        if (Files.exists(entry)) {
          return;
        }
        Path work = directory().resolve(WORK).resolve(name);
        Path made = work.resolve("made");
        delete(resumed ? made : work);
        Files.createDirectories(work);
        maker.make(made, work);
        Files.move(made, entry, StandardCopyOption.ATOMIC_MOVE);
        delete(work);
      }
    }
  }

  private static FileLock lock(FileChannel channel, String name) throws IOException {
    FileLock lock = channel.tryLock();
    if (lock == null) {
      Progress.say("waiting for another process that makes " + name);
      lock = channel.lock();
    }
    return lock;
  }

  /**
   * Deletes what nobody needs: work directories whose maker was killed, and entries that were not
   * used for a while.
   *
   * @param needed names of entries that stay whenever they were used, and whose making is resumed
   * @param unused how long an entry was not used that goes
   */
  static void sweep(Set<String> needed, Duration unused) {
    Instant oldest = Instant.now().minus(unused);
    for (Path each : list(directory())) {
      String name = each.getFileName().toString();
      if (NAMES.matcher(name).matches()
          && !needed.contains(name)
          && lastUse(each).toInstant().isBefore(oldest)) {
        Progress.say("deleting " + each + ", which was not used for " + unused.toDays() + " days");
        delete(each);
      }
    }
    for (Path each : list(directory().resolve(WORK))) {
      String name = each.getFileName().toString();
      if (!needed.contains(name)) {
        deleteWork(name, each);
      }
    }
  }

  private static void deleteWork(String name, Path work) {
    synchronized (IN_THIS_JVM) {
      try (FileChannel channel = openLock(name);
          FileLock lock = channel.tryLock()) {
        if (lock != null && Files.exists(work)) {
          Progress.say("deleting " + work + ", whose making was interrupted");
          delete(work);
        }
      } catch (IOException e) {
        throw new QemuException("cannot delete " + work + ": " + e, e);
      }
    }
  }

  private static List<Path> list(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new QemuException("cannot read " + directory + ": " + e, e);
    }
  }

  /**
   * An entry of a kind of which only those that were used last are kept.
   *
   * @param kind what the names of all of them begin with
   * @param count how many are kept
   */
  static Path recent(String kind, String name, int count, Maker maker) {
    return entry(
        kind + name,
        (path, work) -> {
          maker.make(path, work);
          list(directory()).stream()
              .filter(other -> other.getFileName().toString().startsWith(kind))
              .sorted(Comparator.comparing(Cache::lastUse).reversed())
              .skip(count - 1L)
              .forEach(Cache::delete);
        });
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
    Path locks = Files.createDirectories(directory().resolve(LOCKS));
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
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
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
