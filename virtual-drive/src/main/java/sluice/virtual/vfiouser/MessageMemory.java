package sluice.virtual.vfiouser;

import java.util.ArrayDeque;
import sluice.support.memory.OffHeap;
import sluice.vfio.vfiouser.Command;
import sluice.vfio.vfiouser.DmaAccess;
import sluice.vfio.vfiouser.MessageSocket;
import sluice.vfio.vfiouser.VfioUserException;
import sluice.virtual.pci.RemoteMemory;

/**
 * A client's memory that it did not let be mapped: asked for by DMA_READ, sent by DMA_WRITE, each
 * of which waits for its reply. Commands of the client that come meanwhile are kept for later.
 *
 * <p>After a failure that the connection does not survive every access fails at once, and {@link
 * #failure} tells the reason.
 */
final class MessageMemory implements RemoteMemory {
  private static final int MAX_DEFERRED = 256;
  private static final int MAX_DEFERRED_DESCRIPTORS = 64;
  private static final long MAX_DEFERRED_BYTES = 4 << 20;

  private final MessageSocket socket;
  private final int maxTransfer;
  private final Patience patience;

  /** Null when the client's commands come on another socket than its answers. */
  private final ArrayDeque<Request> deferred;

  private long deferredBytes;
  private int deferredDescriptors;
  private int nextId;
  private VfioUserException failure;

  /**
   * @param maxTransfer the most bytes of one message
   * @param patience how long all answers of a turn may take together
   * @param deferred where commands go that come between; null if none can
   */
  MessageMemory(
      MessageSocket socket, int maxTransfer, Patience patience, ArrayDeque<Request> deferred) {
    this.socket = socket;
    this.maxTransfer = maxTransfer;
    this.patience = patience;
    this.deferred = deferred;
  }

  /** What has broken the connection; null while it holds. */
  VfioUserException failure() {
    return failure;
  }

  /** The commands that were kept have been done. */
  void deferredDone() {
    deferredBytes = 0;
    deferredDescriptors = 0;
  }

  @Override
  public boolean read(long iova, long address, long length) {
    return transfer(Command.DMA_READ, iova, address, length);
  }

  @Override
  public boolean write(long iova, long address, long length) {
    return transfer(Command.DMA_WRITE, iova, address, length);
  }

  private boolean transfer(int command, long iova, long address, long length) {
    try {
      for (long done = 0; done < length && failure == null; ) {
        long count = Math.min(length - done, maxTransfer);
        if (!exchange(command, iova + done, address + done, count)) {
          return false;
        }
        done += count;
      }
    } catch (VfioUserException e) {
      failure = e;
    }
    return failure == null;
  }

  private boolean exchange(int command, long iova, long address, long count) {
    boolean isRead = command == Command.DMA_READ;
    int id = nextId++ & 0xffff;
    DmaAccess.write(socket.body(), iova, count);
    if (!isRead) {
      OffHeap.copy(address, DmaAccess.data(socket.body()), count);
    }
    int bytes = DmaAccess.BYTES + (isRead ? 0 : (int) count);
    long start = System.nanoTime();
    socket.send(id, command, MessageSocket.FLAG_COMMAND, 0, bytes, patience.left());
    awaitReply(id, command, start);
    patience.spend(System.nanoTime() - start);
    if (socket.isError()) {
      return false;
    }
    if (!isRead) {
      return true;
    }
    if (socket.receivedBytes() != DmaAccess.BYTES + count
        || DmaAccess.count(socket.received()) != count) {
      throw new VfioUserException(
          "the client answered a DMA_READ of " + count + " bytes with another number of them");
    }
    OffHeap.copy(DmaAccess.data(socket.received()), address, count);
    return true;
  }

  private void awaitReply(int id, int command, long start) {
    while (true) {
      while (socket.receive()) {
        if (!socket.isReply()) {
          defer();
        } else if (socket.id() == id && socket.command() == command) {
          return;
        } else {
          throw new VfioUserException("the client answered what it was not asked");
        }
      }
      long left = patience.leftNanos() - (System.nanoTime() - start);
      if (socket.hasEnded()) {
        throw new VfioUserException("the client went while it was asked for memory");
      }
      if (patience.isOver()) {
        throw new VfioUserException("the server stops");
      }
      if (left <= 0) {
        throw new VfioUserException(
            "the client let a turn of the drive wait for more than "
                + Patience.TURN.toSeconds()
                + " s, at last for the answer to "
                + Command.name(command));
      }
      boolean _ = socket.await(left);
    }
  }

  private void defer() {
    if (deferred == null) {
      throw new VfioUserException("the client sent a command where only its answers go");
    }
    deferredBytes += socket.receivedBytes();
    deferredDescriptors += socket.descriptors();
    if (deferred.size() == MAX_DEFERRED
        || deferredBytes > MAX_DEFERRED_BYTES
        || deferredDescriptors > MAX_DEFERRED_DESCRIPTORS) {
      throw new VfioUserException("the client sent too many commands before it answered one");
    }
    deferred.add(Request.copyOf(socket));
  }
}
