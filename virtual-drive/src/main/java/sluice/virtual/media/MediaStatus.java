package sluice.virtual.media;

import sluice.nvme.spec.StatusCode;
import sluice.support.linux.LinuxException;

/** The NVMe status of what went wrong with a media. */
final class MediaStatus {
  private MediaStatus() {}

  static int ofRead(RuntimeException failure) {
    return of(failure, StatusCode.UNRECOVERED_READ_ERROR);
  }

  static int ofWrite(RuntimeException failure) {
    return of(failure, StatusCode.WRITE_FAULT);
  }

  /** Of a flush: not to be tried again, for what it lost does not come back. */
  static int ofFlush(RuntimeException failure) {
    return failure == null
        ? Media.DONE
        : (isFull(failure) ? StatusCode.CAPACITY_EXCEEDED : StatusCode.WRITE_FAULT).statusDnr();
  }

  private static int of(RuntimeException failure, StatusCode otherwise) {
    if (failure instanceof IndexOutOfBoundsException) {
      // The media's own check found what those of the commands let through.
      return StatusCode.INTERNAL_ERROR.statusDnr();
    }
    if (isFull(failure)) {
      return StatusCode.CAPACITY_EXCEEDED.status();
    }
    if (failure instanceof LinuxException e && e.errno() == LinuxException.EROFS) {
      return StatusCode.WRITE_PROTECTED.statusDnr();
    }
    return otherwise.status();
  }

  /** Whether a failure means that there is no space, which is nobody's fault. */
  private static boolean isFull(RuntimeException failure) {
    return failure instanceof LinuxException e
        && (e.errno() == LinuxException.ENOSPC || e.errno() == LinuxException.EDQUOT);
  }
}
