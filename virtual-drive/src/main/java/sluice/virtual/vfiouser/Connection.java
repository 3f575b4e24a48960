package sluice.virtual.vfiouser;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import sluice.support.linux.EventRaiser;
import sluice.support.linux.LinuxException;
import sluice.support.linux.LocalSocket;
import sluice.vfio.vfiouser.Command;
import sluice.vfio.vfiouser.MessageSocket;
import sluice.vfio.vfiouser.Version;
import sluice.vfio.vfiouser.VfioUserException;
import sluice.virtual.pci.VirtualFunction;

/** A client from its connection to its end. Used by the server's thread. */
final class Connection implements AutoCloseable {
  /** How many descriptors a message brings; QEMU refuses servers that take more than 16. */
  private static final int MAX_DESCRIPTORS = 16;

  /** The largest bodies: those of writes, or some of many small writes. */
  static final int MAX_BODY = Commands.MAX_TRANSFER + 4096;

  private static final int MINOR = 1;
  private static final long PAGE_SIZES = 4096;

  /** As much of memory as a page: with less, a command would take thousands of messages. */
  private static final int LEAST_TRANSFER = 4096;

  /** How long a client may leave an answer that is there for it. */
  static final long LONGEST_NANOS = MessageMemory.LONGEST_NANOS;

  /** How many messages are handled before the drive has a turn. */
  private static final int BURST = 64;

  private final int fd;
  private final MessageSocket socket;
  private final VirtualFunction function;
  private final Commands commands;
  private final LongSupplier clock;
  private final MemorySegment twinMemory;

  /** The way to the client's memory; null before its version is known. */
  private MessageMemory memory;

  /** For the server's commands, if the client wants them elsewhere; null if not. */
  private MessageSocket twin;

  private int twinFd = -1;

  /** Whether the client has not taken all of an answer yet, and since when. */
  private boolean isStuck;

  private long stuckSince;

  /**
   * @param memory of {@link MessageSocket#memory}, this connection's until it is closed
   * @param twinMemory as much again, for a second socket
   * @param raiser of the client's events
   * @param clock nanoseconds, as {@link System#nanoTime}, for how long it owes an answer, or takes
   *     none
   */
  Connection(
      LocalSocket socket,
      VirtualFunction function,
      MemorySegment memory,
      MemorySegment twinMemory,
      EventRaiser raiser,
      LongSupplier clock) {
    this.fd = socket.fd();
    this.socket = new MessageSocket(socket, MAX_BODY, MAX_DESCRIPTORS, memory);
    this.clock = clock;
    this.twinMemory = twinMemory;
    this.function = function;
    this.commands = new Commands(function, raiser);
  }

  /** The socket's descriptor, to be waited for. */
  int fd() {
    return fd;
  }

  /** Whether the client has said what it speaks. */
  boolean isAgreed() {
    return memory != null;
  }

  /** What has broken the connection in the drive's turn; null if nothing. */
  VfioUserException failure() {
    return memory == null ? null : memory.failure();
  }

  /** Whether nothing will come any more. */
  boolean hasEnded() {
    return socket.hasEnded();
  }

  /** The other socket's descriptor, to be waited for; -1 if there is none. */
  int twinFd() {
    return twinFd;
  }

  /** Whether the client owes the server something: an answer, or that it takes a message. */
  boolean isAwaited() {
    return isSending() || (memory != null && memory.isWaiting());
  }

  /** Whether the client has not taken all that was said to it; nothing is received until then. */
  boolean isSending() {
    return socket.isBusy();
  }

  /** The same of the other socket, from which is received all the same. */
  boolean isTwinSending() {
    return twin != null && twin.isBusy();
  }

  /**
   * Handles messages that have come.
   *
   * @return how many
   * @throws VfioUserException if the connection cannot go on
   */
  int work() {
    int handled = twin == null ? 0 : workOnTwin();
    if (memory != null) {
      memory.checkTime();
    }
    // The body of an answer is written where the message lies that is not sent yet.
    while (handled < BURST && isSent() && socket.receive()) {
      if (!socket.isReply()) {
        handle(Request.of(socket));
      } else if (memory == null || twin != null) {
        throw new VfioUserException("the client answered what it was not asked");
      } else {
        memory.answered(socket);
      }
      handled++;
    }
    if (twin != null && twin.hasEnded() && !socket.hasEnded() && handled < BURST) {
      // Who goes in good order closes both, and this one last.
      throw new VfioUserException("the client closed the socket for memory");
    }
    return handled;
  }

  /** Whether the client has taken all that was said to it; it has not for ever. */
  private boolean isSent() {
    if (socket.flush()) {
      isStuck = false;
      return true;
    }
    long now = clock.getAsLong();
    if (!isStuck) {
      isStuck = true;
      stuckSince = now;
    } else if (now - stuckSince > LONGEST_NANOS) {
      throw new VfioUserException(
          "the client has not taken a message for more than "
              + TimeUnit.NANOSECONDS.toSeconds(LONGEST_NANOS)
              + " s");
    }
    return false;
  }

  private int workOnTwin() {
    int handled = 0;
    boolean _ = twin.flush();
    while (handled < BURST && twin.receive()) {
      if (!twin.isReply()) {
        throw new VfioUserException("the client sent a command where only its answers go");
      }
      memory.answered(twin);
      handled++;
    }
    return handled;
  }

  private void handle(Request request) {
    try (request) {
      if (memory == null) {
        agree(request);
        return;
      }
      int errno =
          request.command() == Command.VERSION
              ? LinuxException.EINVAL
              : commands.execute(request, socket.body());
      if (errno == 0) {
        reply(request, commands.replyBytes(), commands.replyDescriptors());
      } else {
        refuse(request, errno);
      }
    }
  }

  private void agree(Request request) {
    if (request.command() != Command.VERSION) {
      throw new VfioUserException(
          "the client began with " + Command.name(request.command()) + " and not with VERSION");
    }
    Version theirs;
    try {
      theirs = Version.read(request.address(), request.bytes());
      if (theirs.major() != 0) {
        throw new VfioUserException("version " + theirs.major() + "." + theirs.minor());
      }
      if (theirs.maxTransfer() < LEAST_TRANSFER) {
        throw new VfioUserException(
            "that it takes "
                + theirs.maxTransfer()
                + " bytes at a time (max_data_xfer_size); it takes "
                + LEAST_TRANSFER);
      }
    } catch (VfioUserException e) {
      refuse(request, LinuxException.EINVAL);
      throw new VfioUserException("the client sent " + e.getMessage(), e);
    }
    Version ours =
        new Version(
            0,
            Math.min(theirs.minor(), MINOR),
            MAX_DESCRIPTORS,
            Commands.MAX_TRANSFER,
            HostMemory.MAX_REGIONS,
            PAGE_SIZES,
            theirs.hasTwinSocket(),
            0,
            theirs.canWriteMultiple());
    int bytes = ours.write(socket.body(), true);
    if (theirs.hasTwinSocket()) {
      LocalSocket[] pair = LocalSocket.pair();
      twinFd = pair[0].fd();
      twin = new MessageSocket(pair[0], MAX_BODY, MAX_DESCRIPTORS, twinMemory);
      try (LocalSocket given = pair[1]) {
        reply(request, bytes, given.fd());
        if (socket.isBusy()) {
          throw new VfioUserException("the client does not take the answer to VERSION");
        }
      }
    } else {
      reply(request, bytes);
    }
    int transfer = Math.min(theirs.maxTransfer(), Commands.MAX_TRANSFER);
    memory = new MessageMemory(twin == null ? socket : twin, transfer, clock);
    function.iommu().remote(memory);
  }

  private void reply(Request request, int bytes, int... descriptors) {
    answer(request, MessageSocket.FLAG_REPLY, 0, bytes, descriptors);
  }

  private void refuse(Request request, int errno) {
    answer(request, MessageSocket.FLAG_REPLY | MessageSocket.FLAG_ERROR, errno, 0);
  }

  private void answer(Request request, int flags, int errno, int bytes, int... descriptors) {
    if (request.isReplyWanted()) {
      socket.offer(request.id(), request.command(), flags, errno, bytes, descriptors);
    }
  }

  /**
   * Ends the connection, and leaves the function as it was before it.
   *
   * @throws LinuxException if it has no doorbells of its own now, because the system has no
   *     descriptors left; all else was done
   */
  @Override
  public void close() {
    try {
      if (twin != null) {
        twin.close();
      }
      socket.close();
    } finally {
      commands.close();
    }
  }
}
