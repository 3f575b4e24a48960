package sluice.virtual.vfiouser;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import sluice.support.linux.FileLocks;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.linux.LocalSocket;

/**
 * A socket that listens at a path, and its file: one that a server left behind which is no more is
 * replaced, one that is in use or is no socket is left alone.
 */
final class SocketFile implements AutoCloseable {
  private static final long LOCK_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private static final int TYPE_MASK = 0170000;
  private static final int TYPE_SOCKET = 0140000;

  private final Path path;
  private final LocalSocket socket;

  /** Which file it is, lest another server's in its place be removed. */
  private final Object key;

  private SocketFile(Path path, LocalSocket socket) {
    this.path = path;
    this.socket = socket;
    this.key = key(path);
  }

  /**
   * Listens.
   *
   * @throws IllegalArgumentException if the path cannot be used; one clear line
   */
  static SocketFile listen(Path path) {
    Path absolute = path.toAbsolutePath();
    if (!Files.isDirectory(absolute.getParent())) {
      throw new IllegalArgumentException(
          "cannot listen at " + path + ": there is no folder " + absolute.getParent());
    }
    int folder = lock(path, absolute.getParent());
    try {
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        removeStale(path);
      }
      return new SocketFile(path, LocalSocket.listen(path));
    } catch (LinuxException e) {
      throw new IllegalArgumentException("cannot listen at " + path + ": " + e.getMessage(), e);
    } finally {
      Linux.close(folder);
    }
  }

  /**
   * Keeps other servers from starting in a folder: of two at the same path, one would find the
   * other's socket when it does not listen yet, and take it for one that was left behind.
   *
   * @return a descriptor, whose end is the lock's
   */
  private static int lock(Path path, Path folder) {
    int fd;
    try {
      fd = Linux.open(folder.toString(), Linux.O_RDONLY);
    } catch (LinuxException e) {
      throw new IllegalArgumentException("cannot listen at " + path + ": " + e.getMessage(), e);
    }
    try {
      long start = System.nanoTime();
      while (!FileLocks.tryLock(fd, true)) {
        if (System.nanoTime() - start > LOCK_NANOS) {
          throw new IllegalArgumentException(
              "cannot listen at " + path + ": somebody has locked the folder " + folder);
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
      return fd;
    } catch (LinuxException e) {
      // A file system without locks: then it is as sure as can be there.
      return fd;
    } catch (RuntimeException | Error e) {
      Linux.close(fd);
      throw e;
    }
  }

  private static void removeStale(Path path) {
    if (!isSocket(path)) {
      throw new IllegalArgumentException(
          "cannot listen at " + path + ": there is something else than a socket");
    }
    boolean isLive;
    try (LocalSocket _ = LocalSocket.connect(path)) {
      isLive = true;
    } catch (LinuxException e) {
      isLive = e.errno() != LinuxException.ECONNREFUSED && e.errno() != LinuxException.ENOENT;
    }
    if (isLive) {
      throw new IllegalArgumentException(
          "cannot listen at " + path + ": a server listens there already");
    }
    delete(path);
  }

  private static boolean isSocket(Path path) {
    try {
      Object mode = Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
      return ((Integer) mode & TYPE_MASK) == TYPE_SOCKET;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look at " + path + ": " + e.getMessage(), e);
    }
  }

  private static Object key(Path path) {
    try {
      return Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      return null;
    }
  }

  private static void delete(Path path) {
    try {
      boolean _ = Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + path + ": " + e.getMessage(), e);
    }
  }

  LocalSocket socket() {
    return socket;
  }

  /** Listens no more, and removes the file if it is still the one that was made. */
  @Override
  public void close() {
    socket.close();
    if (key != null && Objects.equals(key, key(path))) {
      delete(path);
    }
  }
}
