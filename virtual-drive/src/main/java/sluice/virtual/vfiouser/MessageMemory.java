package sluice.virtual.vfiouser;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import sluice.support.memory.OffHeap;
import sluice.vfio.vfiouser.Command;
import sluice.vfio.vfiouser.DmaAccess;
import sluice.vfio.vfiouser.MessageSocket;
import sluice.vfio.vfiouser.VfioUserException;
import sluice.virtual.pci.RemoteMemory;

/**
 * A client's memory that it did not let be mapped: asked for by DMA_READ, sent by DMA_WRITE. Nobody
 * waits for the answers: they are handed to {@link #answered} as they come, in any order. A client
 * that owes one for too long is told of by {@link #failure}, as all that the connection does not
 * survive. Used by the server's thread.
 */
final class MessageMemory implements RemoteMemory {
  /** How many messages wait for their answers at most. */
  static final int MOST = 64;

  /** And of those that move data: the others are the queues', that commands can be taken. */
  static final int MOST_OF_DATA = MOST - 8;

  /** How long a client may owe an answer. */
  static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final int FREE = -1;

  private final MessageSocket socket;
  private final int maxTransfer;
  private final LongSupplier clock;

  // By message that waits for its answer: its id, or that there is none.
  private final int[] ids = new int[MOST];
  private final int[] commands = new int[MOST];
  private final long[] addresses = new long[MOST];
  private final long[] counts = new long[MOST];
  private final long[] sentAt = new long[MOST];

  /** Null for one that nobody wants to know of any more. */
  private final User[] users = new User[MOST];

  private int waiting;
  private int nextId;

  /** Whether a queue was refused since {@link #checkTime} was called, and before that. */
  private boolean isQueueRefused;

  private boolean isQueueFirst;
  private VfioUserException failure;

  /**
   * @param maxTransfer the most bytes of one message
   * @param clock nanoseconds, as {@link System#nanoTime}
   */
  MessageMemory(MessageSocket socket, int maxTransfer, LongSupplier clock) {
    this.clock = clock;
    this.socket = socket;
    this.maxTransfer = maxTransfer;
    Arrays.fill(ids, FREE);
  }

  /** What has broken the connection; null while it holds. */
  VfioUserException failure() {
    return failure;
  }

  /** Whether the client owes something: an answer, or that it takes a message. */
  boolean isWaiting() {
    return waiting > 0 || socket.isBusy();
  }

  @Override
  public int maxTransfer() {
    return maxTransfer;
  }

  @Override
  public boolean read(long iova, long address, long length, User user) {
    return ask(Command.DMA_READ, iova, address, length, user);
  }

  @Override
  public boolean write(long iova, long address, long length, User user) {
    return ask(Command.DMA_WRITE, iova, address, length, user);
  }

  private boolean ask(int command, long iova, long address, long length, User user) {
    boolean isQueue = user.isQueue();
    if (failure != null || socket.isBusy() || !hasPlace(isQueue)) {
      isQueueRefused |= isQueue;
      return false;
    }
    int at = 0;
    while (ids[at] != FREE) {
      at++;
    }
    ids[at] = unusedId();
    commands[at] = command;
    addresses[at] = address;
    counts[at] = length;
    users[at] = user;
    sentAt[at] = clock.getAsLong();
    waiting++;
    DmaAccess.write(socket.body(), iova, length);
    boolean isRead = command == Command.DMA_READ;
    if (!isRead) {
      OffHeap.copy(address, DmaAccess.data(socket.body()), length);
    }
    try {
      socket.offer(
          ids[at],
          command,
          MessageSocket.FLAG_COMMAND,
          DmaAccess.BYTES + (isRead ? 0 : (int) length));
    } catch (VfioUserException e) {
      failure = e;
    }
    return true;
  }

  /** Data gives way to a queue that was refused: it would take the socket again each time. */
  private boolean hasPlace(boolean isQueue) {
    return isQueue ? waiting < MOST : waiting < MOST_OF_DATA && (waiting == 0 || !isQueueFirst);
  }

  /** Not that of a message whose answer is owed since so many others were sent. */
  private int unusedId() {
    while (true) {
      int id = nextId++ & 0xffff;
      if (find(id) == MOST) {
        return id;
      }
    }
  }

  /** Which message waits that has an id; {@link #MOST} for none. */
  private int find(int id) {
    int at = 0;
    while (at < MOST && ids[at] != id) {
      at++;
    }
    return at;
  }

  /**
   * Takes the answer that a socket has received.
   *
   * @throws VfioUserException if it was not asked for, or makes no sense
   */
  void answered(MessageSocket from) {
    int at = find(from.id());
    if (at == MOST || commands[at] != from.command()) {
      throw new VfioUserException("the client answered what it was not asked");
    }
    User user = users[at];
    boolean isGood = !from.isError();
    if (isGood && commands[at] == Command.DMA_READ) {
      long count = counts[at];
      if (from.receivedBytes() != DmaAccess.BYTES + count
          || DmaAccess.count(from.received()) != count) {
        throw new VfioUserException(
            "the client answered a DMA_READ of " + count + " bytes with another number of them");
      }
      if (user != null) {
        OffHeap.copy(DmaAccess.data(from.received()), addresses[at], count);
      }
    }
    ids[at] = FREE;
    users[at] = null;
    waiting--;
    if (user != null) {
      user.moved(isGood);
    }
  }

  /** Looks for an answer that is owed for too long; between the drive's turns. */
  void checkTime() {
    isQueueFirst = isQueueRefused;
    isQueueRefused = false;
    long now = waiting == 0 ? 0 : clock.getAsLong();
    for (int at = 0; waiting > 0 && at < MOST; at++) {
      if (ids[at] != FREE && now - sentAt[at] > LONGEST_NANOS && failure == null) {
        failure =
            new VfioUserException(
                "the client owes the answer to "
                    + Command.name(commands[at])
                    + " for more than "
                    + TimeUnit.NANOSECONDS.toSeconds(LONGEST_NANOS)
                    + " s");
      }
    }
  }

  @Override
  @SuppressWarnings("ReferenceEquality")
  public void forget(User user) {
    for (int at = 0; at < MOST; at++) {
      if (users[at] == user) {
        users[at] = null;
      }
    }
  }
}
