package sluice.recorder.source;

import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.util.List;
import sluice.recorder.stream.MemInfo;
import sluice.recorder.stream.Sockets;
import sluice.support.linux.Linux;
import sluice.support.linux.PollFd;
import sluice.support.memory.OffHeap;
import sluice.support.time.NanoClock;

/**
 * Datagrams, one behind the other, without their boundaries. They cannot be held back.
 *
 * <p>In the steady state, with datagrams of one length, they are received many at a time, straight
 * into the slot. Only the datagram that straddles two slots is copied in part. Datagrams of other
 * lengths are moved together.
 *
 * <p>What finds the ring full stays in the kernel's buffer until that is three quarters full. Only
 * then the oldest is taken all the same, counted to the byte, and lost. What the kernel dropped
 * because its buffer was full is known by number and place (each datagram tells how many were
 * dropped before it was queued); its bytes are an estimate, and the gap says so.
 */
final class UdpSource extends Source {
  /** How long datagrams are expected to be before the first has come. */
  private static final int FIRST_STRIDE = DatagramBatch.MAX_DATAGRAM;

  private final int fd;
  private final int grantedBuffer;
  private final List<String> notes;
  private final long maxBytes;
  private final long maxDatagrams;
  private final long maxIdleNanos;
  private final NanoClock clock;
  private final Arena arena = Arena.ofShared();
  private final long pollFd = arena.allocate(PollFd.BYTES, PollFd.BYTES).address();
  private final DatagramBatch batch = new DatagramBatch();
  private final MemInfo kernel;

  private int stride = FIRST_STRIDE;
  private int lastLength;
  private int lastDrops;

  /** Bytes received that wait for a slot. */
  private long pending;

  private int pendingLength;

  /** What waits of each datagram that waits, in order: those from the first to before the last. */
  private final int[] waiting = new int[DatagramBatch.MAX_MESSAGES];

  private int firstWaiting;
  private int endWaiting;

  private long lastArrivalTicks;

  /** Bytes that may still be taken after {@link #stop}; -1 before it was seen. */
  private long stopBudget = -1;

  /** Whether nothing more is received: the stream ends when what waits has found its slot. */
  private boolean complete;

  /**
   * @param fd a bound socket that does not block, with SO_RXQ_OVFL on; this source's own from now
   *     on
   * @param grantedBuffer bytes of the kernel's buffer
   * @param limits when the stream ends by itself
   */
  UdpSource(
      String description,
      SourceOptions options,
      int fd,
      int grantedBuffer,
      List<String> notes,
      Limits limits) {
    super(description, options);
    this.fd = fd;
    this.grantedBuffer = grantedBuffer;
    this.notes = notes;
    this.maxBytes = limits.bytes();
    this.maxDatagrams = limits.datagrams();
    this.maxIdleNanos = limits.idleNanos();
    this.clock = options.clock();
    this.kernel = new MemInfo(fd, arena);
    PollFd.put(pollFd, fd, PollFd.IN);
  }

  /** Where to send to. */
  InetSocketAddress address() {
    return Sockets.localAddress(fd);
  }

  @Override
  public boolean canStall() {
    return false;
  }

  @Override
  public List<String> notes() {
    return notes;
  }

  @Override
  int move(SlotFiller slots) {
    if (complete) {
      return finishWhenPlaced(slots);
    }
    long wanted = wantedBySize(maxDatagrams - counters().datagrams());
    if (!placePending(slots) || slots.at() == 0) {
      return withoutRoom(slots, wanted);
    }
    int n = batch.receive(fd, slots.at(), slots.room(), stride, wanted);
    if (n == 0) {
      return idle(slots);
    }
    took(slots, n, place(slots, n, clock.nanos()));
    return n;
  }

  /** Leaves to the kernel what it can still keep; beyond, what is oldest is lost. */
  private int withoutRoom(SlotFiller slots, long wanted) {
    if (kernel.read()) {
      if (kernel.held() == 0) {
        return idle(slots);
      }
      if (kernel.held() < kernel.limit() / 4 * 3) {
        return 0;
      }
    }
    int n = batch.discard(fd, wanted);
    if (n > 0) {
      took(slots, n, lose(slots, n, clock.nanos()));
    }
    return n;
  }

  private void took(SlotFiller slots, int n, long bytes) {
    counters().datagrams(n);
    counters().received(bytes);
    if (maxIdleNanos < Long.MAX_VALUE) {
      lastArrivalTicks = options.ticks().getAsLong();
    }
    complete = counters().datagrams() >= maxDatagrams || counters().receivedBytes() >= maxBytes;
    if (isStopping()) {
      stopBudget = (stopBudget < 0 ? 2L * grantedBuffer : stopBudget) - bytes;
      complete |= stopBudget <= 0;
    }
    if (complete) {
      int _ = finishWhenPlaced(slots);
    }
  }

  private int finishWhenPlaced(SlotFiller slots) {
    complete = true;
    if (!placePending(slots)) {
      return 0;
    }
    finish();
    return 1;
  }

  /**
   * So few datagrams that the size is not passed by more than the last of them, if they are alike.
   */
  private long wantedBySize(long wanted) {
    return maxBytes == Long.MAX_VALUE
        ? wanted
        : Math.min(wanted, Math.ceilDiv(maxBytes - counters().receivedBytes(), stride));
  }

  private int idle(SlotFiller slots) {
    // When told to stop, all that had arrived is in.
    if (isStopping()
        || (maxIdleNanos < Long.MAX_VALUE
            && counters().datagrams() > 0
            && options.ticks().getAsLong() - lastArrivalTicks >= maxIdleNanos)) {
      return finishWhenPlaced(slots);
    }
    if (options.pollMillis() > 0) {
      boolean _ = PollFd.await(pollFd, options.pollMillis());
    }
    return 0;
  }

  /**
   * Counts what waits in vain: for a slot, and unless the stream has ended by itself in the kernel;
   * and what the kernel dropped after the last datagram.
   */
  @Override
  void ending(SlotFiller slots) {
    long time = clock.nanos();
    if (!placePending(slots)) {
      losePending(slots, time);
    }
    if (!complete) {
      loseTheRest(slots, time);
    }
    if (kernel.read()) {
      dropped(slots, kernel.drops(), lastLength, time);
    }
  }

  /** No more than the kernel's buffer holds: those who send may go on sending. */
  private void loseTheRest(SlotFiller slots, long time) {
    long rest = 2L * grantedBuffer;
    int n;
    while (rest > 0 && (n = batch.discard(fd, Long.MAX_VALUE)) > 0) {
      long bytes = lose(slots, n, time);
      counters().datagrams(n);
      counters().received(bytes);
      rest -= bytes + n;
    }
  }

  /**
   * Takes a batch that was received into the slot.
   *
   * @return its bytes
   */
  private long place(SlotFiller slots, int n, long time) {
    long at = batch.start(0);
    long bytes = 0;
    int longest = 0;
    int filled = 0;
    int i = 0;
    for (; i < n; i++) {
      int length = batch.length(i);
      if (batch.drops(i, lastDrops) != lastDrops) {
        break;
      }
      int inSlot = Math.min(length, batch.piece(i));
      if (length > inSlot && i + 1 < n) {
        // Longer than those before: it and all that follow have to make room.
        break;
      }
      if (at != batch.start(i)) {
        OffHeap.copy(batch.start(i), at, inSlot);
      }
      at += inSlot;
      filled += inSlot;
      bytes += length;
      longest = Math.max(longest, length);
      lastLength = length;
      if (length > inSlot) {
        addPending(batch.overflow(i), length - inSlot);
      }
    }
    if (i < n) {
      long staged = batch.stage(i, n);
      slots.filled(filled, time);
      bytes += placeStaged(slots, staged, i, n, time);
      longest = Math.max(longest, longestFrom(i, n));
    } else {
      slots.filled(filled, time);
      boolean _ = placePending(slots);
    }
    // Down by an eighth at the most, so that a stream of mixed lengths finds its longest.
    stride = Math.max(1, Math.max(longest, stride - Math.ceilDiv(stride, 8)));
    return bytes;
  }

  private int longestFrom(int from, int to) {
    int longest = 0;
    for (int i = from; i < to; i++) {
      longest = Math.max(longest, batch.length(i));
    }
    return longest;
  }

  /** Copies datagrams to where they belong, with the gaps between them. */
  private long placeStaged(SlotFiller slots, long staged, int from, int to, long time) {
    long bytes = 0;
    for (int i = from; i < to; i++) {
      int length = batch.length(i);
      int drops = batch.drops(i, lastDrops);
      if (drops != lastDrops) {
        losePending(slots, time);
        dropped(slots, drops, lastLength == 0 ? length : lastLength, time);
      }
      addPending(staged + bytes, length);
      boolean _ = placePending(slots);
      bytes += length;
      lastLength = length;
    }
    return bytes;
  }

  /** Has a datagram wait, right behind what waits already. */
  private void addPending(long address, int length) {
    if (pendingLength == 0) {
      pending = address;
      firstWaiting = 0;
      endWaiting = 0;
    }
    if (length > 0) {
      waiting[endWaiting++] = length;
      pendingLength += length;
    }
  }

  /**
   * Copies what waits into slots.
   *
   * @return whether nothing waits any more
   */
  private boolean placePending(SlotFiller slots) {
    if (pendingLength > 0) {
      int placed = (int) slots.append(pending, pendingLength, clock.nanos());
      pending += placed;
      pendingLength -= placed;
      while (placed > 0) {
        int piece = Math.min(placed, waiting[firstWaiting]);
        waiting[firstWaiting] -= piece;
        placed -= piece;
        if (waiting[firstWaiting] == 0) {
          firstWaiting++;
        }
      }
    }
    return pendingLength == 0;
  }

  /**
   * Counts a batch that found the ring full, and what waited before it.
   *
   * @return its bytes
   */
  private long lose(SlotFiller slots, int n, long time) {
    counters().lostDatagrams(n);
    losePending(slots, time);
    long bytes = 0;
    for (int i = 0; i < n; i++) {
      int length = batch.length(i);
      dropped(slots, batch.drops(i, lastDrops), lastLength == 0 ? length : lastLength, time);
      bytes += length;
      lastLength = length;
    }
    slots.lost(bytes, time);
    counters().lost(bytes);
    return bytes;
  }

  private void losePending(SlotFiller slots, long time) {
    slots.lost(pendingLength, time);
    counters().lost(pendingLength);
    if (pendingLength > 0) {
      counters().lostDatagrams(endWaiting - firstWaiting);
      pendingLength = 0;
    }
  }

  /** Takes note of the kernel's count of drops, which wraps at 2^32. */
  private void dropped(SlotFiller slots, int drops, int datagramLength, long time) {
    long more = Integer.toUnsignedLong(drops - lastDrops);
    if (more > 0) {
      long bytes = more * datagramLength;
      slots.lost(bytes, time, true);
      counters().dropped(more, bytes);
      lastDrops = drops;
    }
  }

  @Override
  void release() {
    Linux.close(fd);
    batch.close();
    arena.close();
  }
}
