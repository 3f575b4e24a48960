package sluice.vfio.vfiouser;

import java.util.Objects;
import sluice.support.linux.Linux;
import sluice.support.linux.LocalSocket;

/** The descriptors that have come with a message: what nobody takes is closed with it. */
final class ReceivedDescriptors implements AutoCloseable {
  private static final int NONE = -1;

  private final int[] descriptors;
  private int count;

  ReceivedDescriptors(int most) {
    descriptors = new int[most];
  }

  int most() {
    return descriptors.length;
  }

  int count() {
    return count;
  }

  /**
   * Takes those that came with what a socket has received last.
   *
   * @return false if there are too many; those are closed
   */
  boolean takeFrom(LocalSocket socket) {
    int more = socket.descriptors();
    boolean isRoom = more <= descriptors.length - count;
    for (int i = 0; i < more; i++) {
      if (count < descriptors.length) {
        descriptors[count++] = socket.descriptor(i);
      } else {
        Linux.close(socket.descriptor(i));
      }
    }
    return isRoom;
  }

  /**
   * One of them, to look at.
   *
   * @throws IllegalStateException if it was taken already
   */
  int get(int index) {
    int fd = descriptors[Objects.checkIndex(index, count)];
    if (fd == NONE) {
      throw new IllegalStateException("descriptor " + index + " was taken");
    }
    return fd;
  }

  /** One of them, the caller's to close from now on. */
  int take(int index) {
    int fd = get(index);
    descriptors[index] = NONE;
    return fd;
  }

  @Override
  public void close() {
    for (int i = 0; i < count; i++) {
      if (descriptors[i] != NONE) {
        Linux.close(descriptors[i]);
      }
    }
    count = 0;
  }
}
