package sluice.virtual.media;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import sluice.support.linux.Descriptors;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.text.Units;

/**
 * Keeps the bytes in a sparse file: byte for byte the drive, so that a plain read of the file shows
 * what a plain read of the drive would. The file is locked while it is open, against other drives
 * and against QEMU ({@link ImageLock}).
 *
 * <p>Reads, writes, zeros and deallocations may come from any threads at the same time, if {@link
 * #dirty} is called after them; all else belongs to the drive's turns.
 */
public final class FileBackend implements Backend {
  private static final long ZEROS_BYTES = 64 << 10;

  private final Path path;
  private final int fd;
  private final long size;
  private final boolean isReadOnly;

  /** There are file systems that know no names by the number of links. */
  private final boolean hadName;

  /** Whether it was made for this. */
  private final boolean isNew;

  /** Whether closing removes it again. */
  private boolean isProvisional;

  /** Null for a file that is not written. */
  private final FlushThread flushThread;

  private boolean isDirty;
  private volatile boolean canPunchHoles = true;
  private long lastTicket;

  /**
   * @param fd of the file, open and locked; closed with this
   * @param isNew whether the file was made just now, and is to stay only if {@link #keep} is called
   */
  FileBackend(Path path, int fd, long size, boolean isReadOnly, boolean isNew) {
    this.isNew = isNew;
    this.isProvisional = isNew;
    this.path = path;
    this.fd = fd;
    this.size = size;
    this.isReadOnly = isReadOnly;
    this.hadName = Descriptors.hasName(fd);
    this.flushThread = isReadOnly ? null : new FlushThread(fd);
  }

  /**
   * Opens a file to read and write it, or creates it.
   *
   * @param size what it is to be created with, in bytes; for a file that is there its size, or
   *     empty
   * @param blockBytes what the size is a multiple of
   * @throws IllegalArgumentException if there is no file and no size, or a file of another size, or
   *     if it is in use; one clear line
   */
  public static FileBackend open(Path path, OptionalLong size, int blockBytes) {
    FileBackend backend = openProvisional(path, size, blockBytes);
    backend.keep();
    return backend;
  }

  /**
   * The same; a file that is created is removed by {@link #close} until {@link #keep} is called.
   */
  public static FileBackend openProvisional(Path path, OptionalLong size, int blockBytes) {
    return ImageOpening.provisional(path, size, blockBytes);
  }

  /**
   * Opens a file to read it: others may do so at the same time, and none may write it. What is
   * behind the last whole block is left out, as in a copy that broke off.
   *
   * @param size its size, or empty
   * @throws IllegalArgumentException if it cannot be opened so; one clear line
   */
  public static FileBackend openReadOnly(Path path, OptionalLong size, int blockBytes) {
    return ImageOpening.existing(path, size, blockBytes, true);
  }

  /** Whether it cannot be written. */
  boolean isReadOnly() {
    return isReadOnly;
  }

  /** What is kept with the file of its identity, with some parts given. */
  public DriveIdentity identity(Map<String, String> given) {
    ImageIdentity kept = new ImageIdentity(path, fd);
    return isNew ? kept.create(given) : kept.find(given, !isReadOnly);
  }

  /**
   * How much more the file may take of its file system than that has left, because it has holes
   * that were never written.
   *
   * @return one line of what is so; empty if there is room, or it is not known
   */
  public String shortage() {
    long growth = size - Descriptors.allocatedBytes(fd);
    long left;
    try {
      FileStore store = Files.getFileStore(path);
      // A file system without a limit says that it has nothing at all.
      left = store.getTotalSpace() > 0 ? store.getUsableSpace() : Long.MAX_VALUE;
    } catch (IOException e) {
      return "";
    }
    return growth > left
        ? "%s may grow by %s, and its file system has %s left: writes fail when that is full"
            .formatted(path, Units.formatSize(growth), Units.formatSize(left))
        : "";
  }

  /** A file that this made is to stay; until then closing removes it, still locked. */
  public void keep() {
    isProvisional = false;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long offset, long address, long length) {
    Backend.checkRange(offset, length, size);
    if (Linux.pread(fd, address, length, offset) != length) {
      throw new LinuxException("pread", path.toString(), LinuxException.EIO, "the file was cut");
    }
  }

  /**
   * Reads what needs no disk; false if not all of it can be had so.
   *
   * @param iovec 16 bytes that the call uses
   */
  boolean readNow(long iovec, long offset, long address, long length) {
    return (offset | length) >= 0
        && offset <= size - length
        && Linux.preadNow(fd, iovec, address, length, offset);
  }

  /** Something was written by others than the drive's turns: the next flush is needed. */
  void dirty() {
    // Of a file that is only read, that was refused.
    isDirty = !isReadOnly;
  }

  @Override
  public void write(long offset, long address, long length) {
    Backend.checkRange(offset, length, size);
    requireWritable("pwrite");
    isDirty = true;
    Linux.pwrite(fd, address, length, offset);
  }

  @Override
  public void zero(long offset, long length) {
    Backend.checkRange(offset, length, size);
    if (!punchHole(offset, length)) {
      writeZeros(offset, length);
    }
  }

  /**
   * Without holes there is nothing to give back, and terabytes of zeros would have to be written.
   */
  @Override
  public void deallocate(long offset, long length) {
    Backend.checkRange(offset, length, size);
    boolean _ = punchHole(offset, length);
  }

  private boolean punchHole(long offset, long length) {
    requireWritable("fallocate");
    isDirty = true;
    if (!canPunchHoles) {
      return false;
    }
    try {
      Linux.fallocate(fd, Linux.PUNCH_HOLE, offset, length);
    } catch (LinuxException e) {
      if (e.errno() != LinuxException.EOPNOTSUPP) {
        throw e;
      }
      canPunchHoles = false;
    }
    return canPunchHoles;
  }

  private void requireWritable(String operation) {
    if (isReadOnly) {
      throw new LinuxException(
          operation, path.toString(), LinuxException.EROFS, "the file was opened to be read");
    }
  }

  /** Made when they are first needed. */
  private static final class Zeros {
    static final MemorySegment MEMORY = Arena.global().allocate(ZEROS_BYTES);
  }

  /** For file systems that cannot make holes. */
  private void writeZeros(long offset, long length) {
    for (long done = 0; done < length; done += ZEROS_BYTES) {
      long piece = Math.min(ZEROS_BYTES, length - done);
      Linux.pwrite(fd, Zeros.MEMORY.address(), piece, offset + done);
    }
  }

  @Override
  public long requestFlush(long offset, long length) {
    if (isDirty) {
      isDirty = false;
      lastTicket = flushThread.request();
    }
    return lastTicket;
  }

  @Override
  public long flushed() {
    return isReadOnly ? lastTicket : flushThread.completed();
  }

  @Override
  public RuntimeException flushFailure() {
    return isReadOnly ? null : flushThread.failure();
  }

  /**
   * @throws IllegalStateException if what was written could not be made durable, or has no name any
   *     more by which anybody could find it
   */
  @Override
  public void close() {
    if (isReadOnly) {
      Linux.close(fd);
      return;
    }
    boolean isWritten = requestFlush(0, size) > 0;
    boolean isLost = !isProvisional && isWritten && hadName && !Descriptors.hasName(fd);
    if (isProvisional) {
      new ImageIdentity(path, fd).forget();
      ImageOpening.delete(path);
    }
    flushThread.close();
    Linux.close(fd);
    if (flushThread.failure() != null) {
      throw new IllegalStateException(
          "what was written to " + path + " may not be durable", flushThread.failure());
    }
    if (isLost) {
      throw new IllegalStateException(
          path + " was removed while it was in use: what was written to it is lost");
    }
  }
}
