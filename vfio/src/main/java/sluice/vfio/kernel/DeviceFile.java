package sluice.vfio.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.memory.OffHeap;

/**
 * A device's file, read and written a register at a time. Once it is closed, or the device does not
 * answer, reads give all ones and writes do nothing, as a function that is gone does. Thread-safe.
 */
final class DeviceFile {
  private final int fd;
  private final MemorySegment buffer = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);
  private boolean closed;

  DeviceFile(int fd) {
    this.fd = fd;
  }

  synchronized int read32(long offset) {
    return read(offset, Integer.BYTES) ? OffHeap.getInt(buffer.address()) : -1;
  }

  synchronized void write32(long offset, int value) {
    OffHeap.putInt(buffer.address(), value);
    write(offset, Integer.BYTES);
  }

  synchronized void write16(long offset, int value) {
    OffHeap.putShort(buffer.address(), (short) value);
    write(offset, Short.BYTES);
  }

  private boolean read(long offset, int bytes) {
    if (closed) {
      return false;
    }
    try {
      return Linux.pread(fd, buffer.address(), bytes, offset) == bytes;
    } catch (LinuxException e) {
      return false;
    }
  }

  private void write(long offset, int bytes) {
    if (closed) {
      return;
    }
    try {
      Linux.pwrite(fd, buffer.address(), bytes, offset);
    } catch (LinuxException e) {
      // A device that is gone takes no writes; who reads next sees that it is.
    }
  }

  /** From now on the device is gone; its descriptor, which is another's to close, is not used. */
  synchronized void close() {
    closed = true;
  }
}
