package sluice.virtual.media;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.linux.WholeFile;
import sluice.support.text.Units;

/** Opens and makes the files of {@link FileBackend}, locked, and refuses those that are no good. */
final class ImageOpening {
  /** As of a disk: of the owner and the group, and what umask leaves of it. */
  private static final int NEW_MODE = 0640;

  private static final long LOCK_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private ImageOpening() {}

  /** Opens a file to read and write it, or makes it. */
  static FileBackend provisional(Path path, OptionalLong size, int blockBytes) {
    if (size.isPresent() && !Files.exists(path)) {
      checkBlocks(path, size.getAsLong(), blockBytes);
      FileBackend made = create(path, size.getAsLong());
      if (made != null) {
        return made;
      }
    }
    return existing(path, size, blockBytes, false);
  }

  /**
   * @return null if somebody has made the file meanwhile
   */
  private static FileBackend create(Path path, long bytes) {
    int fd;
    try {
      fd = Linux.open(path.toString(), Linux.O_RDWR | Linux.O_CREAT | Linux.O_EXCL, NEW_MODE);
    } catch (LinuxException e) {
      if (e.errno() == LinuxException.EEXIST) {
        return null;
      }
      throw cannotOpen(path, e);
    }
    try {
      lockNew(path, fd);
      Linux.truncate(fd, bytes);
      WholeFile.syncFolder(path);
      return new FileBackend(path, fd, bytes, false, true);
    } catch (LinuxException | IOException e) {
      delete(path);
      Linux.close(fd);
      throw new IllegalArgumentException(
          "cannot make " + path + " " + Units.formatSize(bytes) + " large: " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      Linux.close(fd);
      throw e;
    }
  }

  /** Who opens the file before it is locked finds no bytes in it, and lets go of it soon. */
  private static void lockNew(Path path, int fd) {
    long start = System.nanoTime();
    while (true) {
      try {
        ImageLock.lock(path, fd, true);
        return;
      } catch (IllegalArgumentException e) {
        if (System.nanoTime() - start > LOCK_NANOS) {
          throw e;
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  /** Opens a file that is there. */
  static FileBackend existing(Path path, OptionalLong wanted, int blockBytes, boolean isReadOnly) {
    if (!Files.exists(path)) {
      throw new IllegalArgumentException(path + " does not exist" + advice(path, isReadOnly));
    }
    if (!Files.isRegularFile(path)) {
      throw new IllegalArgumentException(path + " is not a regular file");
    }
    int fd;
    try {
      fd = Linux.open(path.toString(), isReadOnly ? Linux.O_RDONLY : Linux.O_RDWR);
    } catch (LinuxException e) {
      throw cannotOpen(path, e);
    }
    return locked(path, fd, wanted, blockBytes, isReadOnly);
  }

  /**
   * @param fd the open file, which is closed if it is no good
   */
  static FileBackend locked(
      Path path, int fd, OptionalLong wanted, int blockBytes, boolean isReadOnly) {
    try {
      ImageLock.lock(path, fd, !isReadOnly);
      // Who had it before may have changed it until now, or made it for nothing and removed it.
      requireStill(path, fd);
      long bytes = Linux.fileSize(fd);
      if (wanted.isPresent() && wanted.getAsLong() != bytes) {
        throw new IllegalArgumentException(
            String.format(
                "%s has %d bytes, but size= says %d; leave size= out to use it as it is",
                path, bytes, wanted.getAsLong()));
      }
      if (isReadOnly) {
        bytes -= bytes % blockBytes;
      }
      checkBlocks(path, bytes, blockBytes);
      return new FileBackend(path, fd, bytes, isReadOnly, false);
    } catch (LinuxException e) {
      Linux.close(fd);
      throw cannotOpen(path, e);
    } catch (RuntimeException | Error e) {
      Linux.close(fd);
      throw e;
    }
  }

  /** What is written to a file that is not there any more is lost with the drive. */
  private static void requireStill(Path path, int fd) {
    boolean isStill;
    try {
      isStill = Files.isSameFile(path, Path.of("/proc/self/fd/" + fd));
    } catch (IOException e) {
      isStill = false;
    }
    if (!isStill) {
      throw new IllegalArgumentException(
          path + " was removed or replaced just now, by another drive or process; try again");
    }
  }

  private static void checkBlocks(Path path, long bytes, int blockBytes) {
    if (bytes <= 0 || bytes % blockBytes != 0) {
      String advice = bytes > blockBytes ? "; access=read reads those that are whole" : "";
      throw new IllegalArgumentException(
          path + ": " + bytes + " bytes are not whole blocks of " + blockBytes + advice);
    }
  }

  private static String advice(Path path, boolean isReadOnly) {
    if (path.startsWith("~")) {
      return "; only a shell makes a home folder of ~, and not in the middle of a word: write"
          + " $HOME";
    }
    return isReadOnly ? "" : "; add ?size=4G to the address to create it with that size";
  }

  private static IllegalArgumentException cannotOpen(Path path, LinuxException e) {
    String reason =
        switch (e.errno()) {
          case LinuxException.ENOENT -> e.getMessage() + advice(path, true);
          default -> e.getMessage();
        };
    return new IllegalArgumentException("cannot open " + path + ": " + reason, e);
  }

  static void delete(Path path) {
    try {
      boolean _ = Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot remove the unusable " + path + ": " + e, e);
    }
  }
}
