package sluice.support.linux;

import sluice.support.SluiceException;

/** A system call that failed: which one, on what, and the errno it left. */
public final class LinuxException extends SluiceException {
  private static final long serialVersionUID = 1L;

  /** Not allowed, whatever the file's mode. */
  public static final int EPERM = 1;

  /** No such file. */
  public static final int ENOENT = 2;

  /** Interrupted by a signal. */
  public static final int EINTR = 4;

  /** No data yet on a non-blocking descriptor. */
  public static final int EAGAIN = 11;

  /** Out of memory, or over the limit of locked memory. */
  public static final int ENOMEM = 12;

  /** No permission for the file. */
  public static final int EACCES = 13;

  /** Somebody else has it. */
  public static final int EBUSY = 16;

  /** There is one already. */
  public static final int EEXIST = 17;

  /** No such device. */
  public static final int ENODEV = 19;

  /** An argument that the call does not take. */
  public static final int EINVAL = 22;

  /** The file has no such operation. */
  public static final int ENOTTY = 25;

  /** No space left on the device, or in a table of the kernel. */
  public static final int ENOSPC = 28;

  /** The file, or its file system, may only be read. */
  public static final int EROFS = 30;

  /** Nothing can be sent any more. */
  public static final int EPIPE = 32;

  /** The result does not fit the memory that was given for it. */
  public static final int EMSGSIZE = 90;

  /** The other end of a connection went away in the middle. */
  public static final int ECONNRESET = 104;

  /** Nobody listens at the other end. */
  public static final int ECONNREFUSED = 111;

  /** Input/output error. */
  public static final int EIO = 5;

  /** The file system cannot do this. */
  public static final int EOPNOTSUPP = 95;

  /** The user's or group's share of the disk is used up. */
  public static final int EDQUOT = 122;

  private final String operation;
  private final int errno;

  /**
   * @param operation the system call's name
   * @param argument what it was called on, for a person to read
   * @param errno the error number it left
   * @param message the system's words for that number
   */
  public LinuxException(String operation, String argument, int errno, String message) {
    super(operation + "(" + argument + "): " + message + " (errno " + errno + ")");
    this.operation = operation;
    this.errno = errno;
  }

  /** The system call's name. */
  public String operation() {
    return operation;
  }

  /** The error number. */
  public int errno() {
    return errno;
  }
}
