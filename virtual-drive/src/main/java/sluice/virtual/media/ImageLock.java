package sluice.virtual.media;

import java.nio.file.Path;
import sluice.support.linux.FileLocks;
import sluice.support.linux.LinuxException;

/**
 * The locks of an image, held by its descriptor until it is closed: who writes it is alone, those
 * who read it keep writers out.
 *
 * <p>Two kinds, which do not see each other: flock(2) for the drives of this project, and ranges of
 * bytes as QEMU and its tools use them, which keeps these out, and finds them when they were first.
 * Of QEMU's (its {@code block/file-posix.c}) each permission has a byte, 100 and on for those that
 * are in use, 200 and on for those that others must not have. Who writes locks them all against
 * everybody.
 */
final class ImageLock {
  private static final long FIRST = 100;
  private static final long LENGTH = 204;

  private static final long IN_USE = 100;
  private static final long NOT_SHARED = 200;

  // QEMU's permissions, as the numbers of their bytes.
  private static final int CONSISTENT_READ = 0;
  private static final int WRITE = 1;
  private static final int RESIZE = 3;

  private ImageLock() {}

  /**
   * Takes the locks.
   *
   * @param isWritten whether the file will be written; it is open to be read only if not
   * @throws IllegalArgumentException if somebody has the file; one clear line
   * @throws LinuxException if the file system has no locks
   */
  static void lock(Path path, int fd, boolean isWritten) {
    if (!FileLocks.tryLock(fd, isWritten)) {
      throw new IllegalArgumentException(path + " is in use by another drive or process");
    }
    boolean isFree = isWritten ? lockAll(fd) : lockToRead(fd);
    if (!isFree) {
      throw new IllegalArgumentException(path + " is in use by QEMU or one of its tools");
    }
  }

  private static boolean lockAll(int fd) {
    return FileLocks.tryLockRange(fd, true, FIRST, LENGTH);
  }

  private static boolean lockToRead(int fd) {
    return FileLocks.tryLockRange(fd, false, IN_USE + CONSISTENT_READ, 1)
        && FileLocks.tryLockRange(fd, false, NOT_SHARED + WRITE, 1)
        && FileLocks.tryLockRange(fd, false, NOT_SHARED + RESIZE, 1)
        && FileLocks.isFree(fd, NOT_SHARED + CONSISTENT_READ, 1)
        && FileLocks.isFree(fd, IN_USE + WRITE, 1)
        && FileLocks.isFree(fd, IN_USE + RESIZE, 1);
  }
}
