package sluice.virtual;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import sluice.nvme.Units;
import sluice.vfio.linux.Linux;
import sluice.vfio.linux.LinuxException;

/**
 * Keeps the bytes in a sparse file: byte for byte the drive, so that a plain read of the file shows
 * what a plain read of the drive would. The file is locked while it is open.
 */
public final class FileBackend implements Backend {
  private static final long ZEROS_BYTES = 64 << 10;

  private final Path path;
  private final int fd;
  private final long size;
  private final FlushThread flushThread;
  private boolean isDirty;
  private long lastTicket;
  private MemorySegment zeros;

  private FileBackend(Path path, int fd, long size) {
    this.path = path;
    this.fd = fd;
    this.size = size;
    this.flushThread = new FlushThread(fd);
  }

  /**
   * Opens a file, or creates it.
   *
   * @param size what it is to be created with, in bytes; for a file that is there its size, or
   *     empty
   * @param blockBytes what the size is a multiple of
   * @throws IllegalArgumentException if there is no file and no size, or a file of another size, or
   *     if it is in use; one clear line
   */
  public static FileBackend open(Path path, OptionalLong size, int blockBytes) {
    boolean create = !Files.exists(path);
    if (create && size.isEmpty()) {
      throw new IllegalArgumentException(
          path + " does not exist; add ?size=4G to the address to create it with that size");
    }
    if (!create && !Files.isRegularFile(path)) {
      throw new IllegalArgumentException(path + " is not a regular file");
    }
    long bytes = create ? size.getAsLong() : existingSize(path, size);
    if (bytes <= 0 || bytes % blockBytes != 0) {
      throw new IllegalArgumentException(
          path + ": " + bytes + " bytes are not whole blocks of " + blockBytes);
    }
    int flags = create ? Linux.O_RDWR | Linux.O_CREAT | Linux.O_EXCL : Linux.O_RDWR;
    int fd;
    try {
      fd = Linux.open(path.toString(), flags);
    } catch (LinuxException e) {
      throw new IllegalArgumentException("cannot open " + path + ": " + e.getMessage(), e);
    }
    try {
      lockAndSize(path, fd, bytes, create);
      return new FileBackend(path, fd, bytes);
    } catch (RuntimeException e) {
      Linux.close(fd);
      throw e;
    }
  }

  private static void lockAndSize(Path path, int fd, long bytes, boolean create) {
    if (!Linux.tryLock(fd)) {
      throw new IllegalArgumentException(path + " is in use by another drive or process");
    }
    if (!create) {
      return;
    }
    try {
      Linux.truncate(fd, bytes);
    } catch (LinuxException e) {
      remove(path);
      throw new IllegalArgumentException(
          "cannot make " + path + " " + Units.formatSize(bytes) + " large: " + e.getMessage(), e);
    }
  }

  private static long existingSize(Path path, OptionalLong wanted) {
    long bytes;
    try {
      bytes = Files.size(path);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read the size of " + path + ": " + e, e);
    }
    if (wanted.isPresent() && wanted.getAsLong() != bytes) {
      throw new IllegalArgumentException(
          String.format(
              "%s has %d bytes, but size= says %d; leave size= out to use it as it is",
              path, bytes, wanted.getAsLong()));
    }
    return bytes;
  }

  private static void remove(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot remove the unusable " + path + ": " + e, e);
    }
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

  @Override
  public void write(long offset, long address, long length) {
    Backend.checkRange(offset, length, size);
    isDirty = true;
    Linux.pwrite(fd, address, length, offset);
  }

  @Override
  public void zero(long offset, long length) {
    Backend.checkRange(offset, length, size);
    isDirty = true;
    try {
      Linux.fallocate(fd, Linux.PUNCH_HOLE, offset, length);
    } catch (LinuxException e) {
      if (e.errno() != LinuxException.EOPNOTSUPP) {
        throw e;
      }
      writeZeros(offset, length);
    }
  }

  /** For file systems that cannot make holes. */
  private void writeZeros(long offset, long length) {
    if (zeros == null) {
      zeros = Arena.ofAuto().allocate(ZEROS_BYTES);
    }
    for (long done = 0; done < length; done += ZEROS_BYTES) {
      long piece = Math.min(ZEROS_BYTES, length - done);
      Linux.pwrite(fd, zeros.address(), piece, offset + done);
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
    return flushThread.completed();
  }

  @Override
  public RuntimeException flushFailure() {
    return flushThread.failure();
  }

  /**
   * @throws IllegalStateException if what was written could not be made durable
   */
  @Override
  public void close() {
    requestFlush(0, size);
    flushThread.close();
    Linux.close(fd);
    if (flushThread.failure() != null) {
      throw new IllegalStateException(
          "what was written to " + path + " may not be durable", flushThread.failure());
    }
  }
}
