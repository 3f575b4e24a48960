package sluice.virtual.vfiouser;

import java.util.Arrays;
import java.util.Objects;
import sluice.support.linux.Linux;
import sluice.vfio.vfiouser.MessageSocket;

/**
 * A command that has come: its body, and the descriptors that came with it, which are closed with
 * it unless they are taken.
 */
final class Request implements AutoCloseable {
  private static final int TAKEN = -1;

  private final int id;
  private final int command;
  private final boolean isReplyWanted;
  private final long address;
  private final int bytes;
  private final int[] descriptors;

  private Request(MessageSocket socket) {
    this.id = socket.id();
    this.command = socket.command();
    this.isReplyWanted = !socket.isReplyUnwanted();
    this.bytes = socket.receivedBytes();
    this.address = socket.received();
    this.descriptors = new int[socket.descriptors()];
    Arrays.setAll(descriptors, socket::takeDescriptor);
  }

  /** What the socket has received, good until it receives again. */
  static Request of(MessageSocket socket) {
    return new Request(socket);
  }

  int id() {
    return id;
  }

  int command() {
    return command;
  }

  boolean isReplyWanted() {
    return isReplyWanted;
  }

  /** The body, aligned to 8 bytes. */
  long address() {
    return address;
  }

  /** Bytes of the body. */
  int bytes() {
    return bytes;
  }

  /** How many descriptors came. */
  int descriptors() {
    return descriptors.length;
  }

  /** A descriptor that came, still this object's. */
  int descriptor(int index) {
    return descriptors[Objects.checkIndex(index, descriptors.length)];
  }

  /** Takes a descriptor, which is the caller's to close from now on. */
  int takeDescriptor(int index) {
    int fd = descriptor(index);
    descriptors[index] = TAKEN;
    return fd;
  }

  @Override
  public void close() {
    for (int i = 0; i < descriptors.length; i++) {
      if (descriptors[i] != TAKEN) {
        Linux.close(takeDescriptor(i));
      }
    }
  }

  @Override
  public String toString() {
    return "command " + command + " of " + bytes + " bytes";
  }
}
