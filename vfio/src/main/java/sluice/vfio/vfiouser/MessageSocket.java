package sluice.vfio.vfiouser;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import sluice.support.linux.LinuxException;
import sluice.support.linux.LocalSocket;
import sluice.support.memory.OffHeap;

/**
 * One end of a connection: sends and receives whole messages with their descriptors, one of each at
 * a time. Used by one thread at a time.
 *
 * <pre>
 *        31          16 15           0
 *  0x00 |   command    |  message id  |
 *  0x04 |  size, with this header     |
 *  0x08 |  flags: 0-3 command or reply, 4 no reply wanted, 5 error |
 *  0x0c |  errno of an error          |
 *  0x10 |  body …
 * </pre>
 *
 * <p>A body is read and written in place, at addresses that are aligned to 8 bytes. Memory and
 * descriptors are bounded by what the constructor was told, whatever the other end sends.
 */
public final class MessageSocket implements AutoCloseable {
  public static final int HEADER_BYTES = 16;

  /** Flags of a command. */
  public static final int FLAG_COMMAND = 0;

  public static final int FLAG_REPLY = 1;
  public static final int FLAG_NO_REPLY = 1 << 4;
  public static final int FLAG_ERROR = 1 << 5;

  private static final int TYPE_MASK = 0xf;

  private static final int ID = 0x0;
  private static final int COMMAND = 0x2;
  private static final int SIZE = 0x4;
  private static final int FLAGS = 0x8;
  private static final int ERROR = 0xc;

  private static final int[] NO_DESCRIPTORS = {};

  /** How long a wait goes on before who waits is to look at the time again. */
  private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final LocalSocket socket;
  private final int maxBody;
  private final MemorySegment memory;
  private final long out;
  private final long in;
  private final ReceivedDescriptors descriptors;

  /** What of the last message is still to be sent. */
  private long unsent;

  private long unsentBytes;

  /** What goes with the first of these bytes; none where that has gone. */
  private int[] unsentDescriptors = NO_DESCRIPTORS;

  /** How many bytes of the message that comes are here. */
  private int filled;

  private boolean isComplete;
  private boolean hasEnded;

  /**
   * @param socket closed with this
   * @param maxBody how many bytes a body has at most, either way
   * @param maxDescriptors how many descriptors come with a message at most
   */
  public MessageSocket(LocalSocket socket, int maxBody, int maxDescriptors) {
    this(socket, maxBody, maxDescriptors, memory(maxBody));
  }

  /**
   * With memory that another connection had before, for servers that see many come and go.
   *
   * @param memory of {@link #memory}, for this connection alone until it is closed
   */
  public MessageSocket(LocalSocket socket, int maxBody, int maxDescriptors, MemorySegment memory) {
    this.socket = socket;
    this.maxBody = maxBody;
    this.descriptors = new ReceivedDescriptors(maxDescriptors);
    this.memory = memory.asSlice(0, 2 * bufferBytes(maxBody));
    this.out = this.memory.address();
    this.in = out + bufferBytes(maxBody);
  }

  /** Memory for connections with bodies of at most so many bytes. */
  public static MemorySegment memory(int maxBody) {
    return Arena.ofAuto().allocate(2 * bufferBytes(maxBody), Long.BYTES);
  }

  private static long bufferBytes(int maxBody) {
    return (HEADER_BYTES + (long) maxBody + 7) & ~7;
  }

  /** The most bytes that a body has. */
  public int maxBody() {
    return maxBody;
  }

  // ---- sending

  /** Where the body of the next message is written; it holds what was written there before. */
  public long body() {
    return out + HEADER_BYTES;
  }

  /**
   * Sends a message at one stroke, if it fits the socket's buffer: there are servers that do not
   * take one in pieces.
   *
   * @param flags {@link #FLAG_COMMAND} or {@link #FLAG_REPLY}, with others
   * @param error an errno with {@link #FLAG_ERROR}, 0 otherwise
   * @param bodyBytes how much of {@link #body} to send
   * @param timeout how long to wait for room
   * @param fds descriptors to send along, still the caller's
   * @throws VfioUserException if the other end is gone, or takes nothing for so long
   */
  public void send(
      int id, int command, int flags, int error, int bodyBytes, Duration timeout, int... fds) {
    long deadline = System.nanoTime() + timeout.toNanos();
    if (isBusy()) {
      throw new IllegalStateException("a message is still being sent");
    }
    int size = writeHeader(id, command, flags, error, bodyBytes);
    try {
      long sent = 0;
      while (sent < size) {
        sent += sent == 0 ? socket.send(out, size, fds) : socket.send(out + sent, size - sent);
        if (sent < size && !awaitRoom(deadline)) {
          throw new VfioUserException(
              "the other end takes no message: " + timeout.toMillis() + " ms have passed");
        }
      }
    } catch (LinuxException e) {
      hasEnded = true;
      throw new VfioUserException("the connection is broken: " + e.getMessage(), e);
    }
  }

  private int writeHeader(int id, int command, int flags, int error, int bodyBytes) {
    Objects.checkIndex(bodyBytes, maxBody + 1);
    int size = HEADER_BYTES + bodyBytes;
    OffHeap.putShort(out + ID, (short) id);
    OffHeap.putShort(out + COMMAND, (short) command);
    OffHeap.putInt(out + SIZE, size);
    OffHeap.putInt(out + FLAGS, flags);
    OffHeap.putInt(out + ERROR, error);
    return size;
  }

  /**
   * Sends as much of a message as the socket takes at once, and keeps the rest for {@link #flush}.
   * Not while the socket {@link #isBusy}.
   *
   * @param error an errno with {@link #FLAG_ERROR}, 0 otherwise
   * @param fds descriptors to send along, still the caller's; open until all is sent
   * @throws VfioUserException if the other end is gone
   */
  public void offer(int id, int command, int flags, int error, int bodyBytes, int... fds) {
    assert !isBusy() : "a message is still being sent";
    unsentBytes = writeHeader(id, command, flags, error, bodyBytes);
    unsent = out;
    unsentDescriptors = fds;
    boolean _ = flush();
  }

  /** The same with no error and no descriptors. Allocates nothing. */
  public void offer(int id, int command, int flags, int bodyBytes) {
    offer(id, command, flags, 0, bodyBytes, NO_DESCRIPTORS);
  }

  /** Whether a message is not sent to its end: {@link #body} must stay as it is. */
  public boolean isBusy() {
    return unsentBytes > 0;
  }

  /**
   * Goes on with a message that was offered. Never waits.
   *
   * @return whether all of it is sent
   * @throws VfioUserException if the other end is gone
   */
  public boolean flush() {
    try {
      while (unsentBytes > 0) {
        long sent = socket.send(unsent, unsentBytes, unsentDescriptors);
        if (sent == 0) {
          return false;
        }
        unsentDescriptors = NO_DESCRIPTORS;
        unsent += sent;
        unsentBytes -= sent;
      }
      return true;
    } catch (LinuxException e) {
      hasEnded = true;
      throw new VfioUserException("the connection is broken: " + e.getMessage(), e);
    }
  }

  private boolean awaitRoom(long deadline) {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      return false;
    }
    boolean _ = socket.awaitRoom(left);
    return true;
  }

  // ---- receiving

  /**
   * Takes what has come. Never waits.
   *
   * @return whether a whole message is here; it can be looked at until the next call
   * @throws VfioUserException if what comes is no message, or breaks off; the connection is of no
   *     use any more
   */
  public boolean receive() {
    if (isComplete) {
      descriptors.close();
      isComplete = false;
      filled = 0;
    }
    while (!hasEnded) {
      int expected = filled < HEADER_BYTES ? HEADER_BYTES : size();
      if (filled == expected) {
        isComplete = true;
        return true;
      }
      int n = (int) receive(in + filled, expected - filled);
      if (n == LocalSocket.NOTHING) {
        return false;
      }
      if (n == 0) {
        end();
        return false;
      }
      if (!descriptors.takeFrom(socket)) {
        throw broken("a message with more than " + descriptors.most() + " descriptors");
      }
      filled += n;
      if (filled == HEADER_BYTES) {
        checkHeader();
      }
    }
    return false;
  }

  private long receive(long address, long length) {
    try {
      return socket.receive(address, length);
    } catch (LinuxException e) {
      hasEnded = true;
      if (e.errno() == LinuxException.ECONNRESET && filled == 0) {
        return LocalSocket.NOTHING;
      }
      throw new VfioUserException("the connection is broken: " + e.getMessage(), e);
    }
  }

  private void end() {
    hasEnded = true;
    if (filled > 0) {
      throw new VfioUserException("the other end closed the connection in the middle of a message");
    }
  }

  private void checkHeader() {
    int size = size();
    if (size < HEADER_BYTES || size > HEADER_BYTES + maxBody) {
      throw broken(
          "a message of "
              + Integer.toUnsignedString(size)
              + " bytes, not "
              + HEADER_BYTES
              + " to "
              + (HEADER_BYTES + maxBody));
    }
    int type = flags() & TYPE_MASK;
    if (type != FLAG_COMMAND && type != FLAG_REPLY) {
      throw broken("a message that is neither command nor reply, but of type " + type);
    }
  }

  private VfioUserException broken(String what) {
    hasEnded = true;
    return new VfioUserException("the other end sent " + what);
  }

  /** Whether nothing will come any more: the other end has closed, or talked nonsense. */
  public boolean hasEnded() {
    return hasEnded;
  }

  /**
   * Sleeps until there may be something to {@link #receive}.
   *
   * @param timeoutNanos rounded up to milliseconds; {@link Long#MAX_VALUE} for no deadline
   * @return false at the deadline, or before: when a signal came between, or after a tenth of a
   *     second, for the deadline may be another one by then
   */
  public boolean await(long timeoutNanos) {
    return hasEnded || socket.awaitInput(Math.min(timeoutNanos, WAIT_NANOS));
  }

  /** The message's id, 0 to 65535; its reply has the same. */
  public int id() {
    return Short.toUnsignedInt(OffHeap.getShort(in + ID));
  }

  /** One of {@link Command}, or another. */
  public int command() {
    return Short.toUnsignedInt(OffHeap.getShort(in + COMMAND));
  }

  private int size() {
    return OffHeap.getInt(in + SIZE);
  }

  private int flags() {
    return OffHeap.getInt(in + FLAGS);
  }

  public boolean isReply() {
    return (flags() & TYPE_MASK) == FLAG_REPLY;
  }

  /** Whether a command wants no reply. */
  public boolean isReplyUnwanted() {
    return (flags() & FLAG_NO_REPLY) != 0;
  }

  public boolean isError() {
    return (flags() & FLAG_ERROR) != 0;
  }

  /** The errno of an error. */
  public int error() {
    return OffHeap.getInt(in + ERROR);
  }

  /** How many bytes the body has. */
  public int receivedBytes() {
    return size() - HEADER_BYTES;
  }

  /** Where the body is. */
  public long received() {
    return in + HEADER_BYTES;
  }

  /** How many descriptors came with the message. */
  public int descriptors() {
    return descriptors.count();
  }

  /**
   * A descriptor that came with the message, which is closed with it unless it is taken.
   *
   * @throws IllegalStateException if it was taken already
   */
  public int descriptor(int index) {
    return descriptors.get(index);
  }

  /** Takes a descriptor that came with the message: it is the caller's to close from now on. */
  public int takeDescriptor(int index) {
    return descriptors.take(index);
  }

  /** Ends the connection; what came and was not taken is closed. */
  @Override
  public void close() {
    hasEnded = true;
    descriptors.close();
    socket.close();
  }
}
