package sluice.recorder.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import sluice.recorder.Feed;
import sluice.support.time.NanoClock;

/**
 * A program's own {@link Feed}. What it does is checked, and it may fail in any way: the stream
 * ends then. It can be held back.
 */
final class FeedSource extends Source {
  private static final long NOT_STOPPED = -1;

  /** How long a wake-up may take before its thread is interrupted all the same. */
  private static final Duration WAKE_UP = Duration.ofSeconds(1);

  private final Feed feed;
  private final NanoClock clock;
  private Rooms rooms;

  /** Bytes that the feed had when it was told to stop, and that are not taken yet. */
  private long rest = NOT_STOPPED;

  private final Object waking = new Object();
  private Thread thread;
  private volatile boolean isInside;
  private volatile boolean isWoken;

  FeedSource(String description, SourceOptions options, Feed feed) {
    super(description, options);
    this.feed = feed;
    this.clock = options.clock();
  }

  @Override
  public boolean canStall() {
    return true;
  }

  @Override
  int move(SlotFiller slots) {
    try {
      return take(slots);
    } catch (InterruptedException e) {
      if (!isWoken) {
        fail("was interrupted", e);
      }
    } catch (IOException e) {
      // A channel that was closed, or whose reader was interrupted, to wake it has nothing wrong.
      if (!isWoken) {
        failed(e);
      }
    } catch (Throwable e) {
      failed(e);
    }
    finish();
    return 1;
  }

  private void failed(Throwable e) {
    boolean isPlain = e instanceof Exception && e.getMessage() != null;
    fail("failed: " + (isPlain ? e.getMessage() : e.toString()), e);
  }

  private int take(SlotFiller slots) throws IOException, InterruptedException {
    if (isWoken || (isStopping() && rest() == 0)) {
      finish();
      return 1;
    }
    if (slots.at() == 0) {
      return 0;
    }
    if (rooms == null) {
      rooms = new Rooms(slots.ring());
    }
    ByteBuffer room = rooms.of(slots);
    if (rest != NOT_STOPPED) {
      room.limit((int) Math.min(room.limit(), room.position() + rest));
    }
    int most = room.remaining();
    int bytes = fill(room);
    if (isAbandoned()) {
      return 0;
    }
    if (bytes < Feed.END || bytes > most) {
      throw new IllegalStateException(
          "it says that it filled %d bytes of %d".formatted(bytes, most));
    }
    if (bytes > 0) {
      slots.filled(bytes, clock.nanos());
      counters().received(bytes);
    }
    takeLoss(slots);
    if (rest != NOT_STOPPED) {
      rest = bytes <= 0 ? 0 : rest - bytes;
    }
    if (bytes == Feed.END) {
      rest = 0;
      finish();
      return 1;
    }
    return bytes;
  }

  private int fill(ByteBuffer room) throws IOException, InterruptedException {
    thread = Thread.currentThread();
    isInside = true;
    try {
      return feed.fill(room);
    } finally {
      isInside = false;
      if (isWoken) {
        synchronized (waking) {
          // Whoever woke it is done. The interrupt was meant for the feed alone.
          boolean _ = Thread.interrupted();
        }
      }
    }
  }

  private void takeLoss(SlotFiller slots) {
    long lost = feed.lost();
    if (lost < 0) {
      throw new IllegalStateException("it says that it lost %d bytes".formatted(lost));
    }
    if (lost > 0) {
      boolean isEstimate = feed.isLossEstimated();
      slots.lost(lost, clock.nanos(), isEstimate);
      counters().lost(lost, isEstimate);
    }
  }

  private long rest() throws IOException {
    if (rest == NOT_STOPPED) {
      rest = Math.max(0, feed.available());
    }
    return rest;
  }

  /** What the feed had before a stop, and found no room until the end, is lost. */
  @Override
  void ending(SlotFiller slots) {
    if (isStopping() && failure() == null) {
      try {
        long lost = rest();
        slots.lost(lost, clock.nanos());
        counters().lost(lost);
      } catch (Throwable e) {
        fail("failed: " + e, e);
      }
    }
  }

  @Override
  public void giveUpWaiting() {
    synchronized (waking) {
      isWoken = true;
      if (isInside) {
        wakeUp();
        thread.interrupt();
      }
    }
  }

  /** On a thread of its own: one that waits for the feed's to let go of a lock would never end. */
  private void wakeUp() {
    Thread waker =
        Thread.ofPlatform()
            .name("feed-wake-up")
            .daemon()
            .start(() -> {
              try {
                feed.wakeUp();
              } catch (Throwable e) {
                fail("could not be woken: " + e, e);
              }
            });
    try {
      boolean _ = waker.join(WAKE_UP);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  void release() {
    try {
      feed.close();
    } catch (Throwable e) {
      fail("could not be closed: " + e, e);
    } finally {
      if (rooms != null) {
        rooms.close();
      }
    }
  }
}
