package sluice.recorder.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.recorder.Feed;

class FeedSourceTest {
  private static final int SLOT = 8192;
  private static final int SECOND = 1_000_000_000;

  private final RingReader reader = new RingReader(SLOT, 4);
  private final AtomicLong ticks = new AtomicLong();

  private Source source(Feed feed) {
    SourceOptions options =
        SourceOptions.defaults().withClocks(() -> 5_000 + ticks.get(), ticks::get);
    Source source = Sources.of("my sensor", feed, options);
    source.attach(reader.ring);
    return source;
  }

  /** Gives pieces of random sizes, and leaves something out now and then. */
  private static final class Sensor implements Feed {
    private final SplittableRandom random;
    private final ByteArrayOutputStream given = new ByteArrayOutputStream();
    private final List<RingReader.Gap> gaps = new ArrayList<>();
    private long position;
    private long missing;
    private boolean isEstimate;
    private int closed;

    Sensor(long seed) {
      random = new SplittableRandom(seed);
    }

    @Override
    public int fill(ByteBuffer room) {
      missing = 0;
      if (given.size() > 300_000) {
        return END;
      }
      byte[] piece = new byte[random.nextInt(room.remaining() + 1)];
      random.nextBytes(piece);
      room.put(piece);
      given.writeBytes(piece);
      position += piece.length;
      if (random.nextInt(8) == 0) {
        lose(random.nextInt(1, 20_000), random.nextBoolean());
      }
      return piece.length;
    }

    private void lose(long bytes, boolean estimated) {
      missing = bytes;
      isEstimate = estimated;
      RingReader.Gap gap = new RingReader.Gap(position, bytes, estimated);
      if (!gaps.isEmpty() && gaps.getLast().streamOffset() + gaps.getLast().bytes() == position) {
        RingReader.Gap last = gaps.removeLast();
        gap =
            new RingReader.Gap(
                last.streamOffset(), last.bytes() + bytes, last.isEstimated() || estimated);
      }
      gaps.add(gap);
      position += bytes;
    }

    @Override
    public long lost() {
      return missing;
    }

    @Override
    public boolean isLossEstimated() {
      return isEstimate;
    }

    @Override
    public void close() {
      closed++;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whatItFillsIsTheStreamAndWhatItLostIsAGapInItsPlace(long seed) {
    Sensor sensor = new Sensor(seed);
    Source source = source(sensor);
    reader.runToEnd(source);
    source.close();
    source.close();
    assertThat(sensor.closed).isEqualTo(1);
    assertThat(reader.gaps).isEqualTo(sensor.gaps);
    RingReader.assertSame(reader.bytes(), sensor.given.toByteArray(), "the stream");
    assertThat(source.counters().receivedBytes()).isEqualTo(sensor.given.size());
    assertThat(source.counters().lostBytes()).isEqualTo(sensor.position - sensor.given.size());
    assertThat(source.counters().estimatedLostBytes())
        .isGreaterThan(0)
        .isLessThan(source.counters().lostBytes());
    assertThat(source.failure()).isNull();
  }

  @Test
  void aChannelIsAFeed() {
    byte[] bytes = new byte[50_000];
    new SplittableRandom(1).nextBytes(bytes);
    ReadableByteChannel channel = Channels.newChannel(new ByteArrayInputStream(bytes));
    reader.runToEnd(source(channel::read));
    RingReader.assertSame(reader.bytes(), bytes, "the stream");
  }

  @Test
  void itsRoomIsTheRestOfASlotAndBigEndian() {
    List<Integer> rooms = new ArrayList<>();
    Source source =
        source(room -> {
          assertThat(room.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
          assertThat(room.isDirect()).isTrue();
          rooms.add(room.remaining());
          room.order(ByteOrder.LITTLE_ENDIAN).position(room.limit());
          return 5000 <= room.capacity() && rooms.size() == 1 ? 5000 : rooms.size() == 2 ? 3192 : 1;
        });
    for (int i = 0; i < 10; i++) {
      assertThat(source.doWork()).isPositive();
    }
    assertThat(rooms).startsWith(SLOT, SLOT - 5000, SLOT, SLOT - 1);
    assertThat(reader.take().slots).containsExactly(new RingReader.Slot(SLOT, 5000));
  }

  @Test
  void isNotAskedWhileTheRingIsFull() {
    int[] asked = {0};
    Source source =
        source(room -> {
          asked[0]++;
          return room.remaining();
        });
    for (int i = 0; i < 10; i++) {
      int _ = source.doWork();
    }
    assertThat(asked[0]).isEqualTo(4);
    reader.takeOne();
    assertThat(source.doWork()).isEqualTo(SLOT);
    assertThat(source.counters().lostBytes()).isZero();
    assertThat(source.canStall()).isTrue();
  }

  @Test
  void whatHasWaitedForLongEnoughIsCommitted() {
    int[] left = {1};
    Source source = source(room -> left[0]-- > 0 ? 7 : 0);
    int _ = source.doWork();
    ticks.set(SECOND - 1);
    int _ = source.doWork();
    assertThat(reader.ring.committed()).isZero();
    ticks.set(SECOND);
    int _ = source.doWork();
    assertThat(reader.take().slots).containsExactly(new RingReader.Slot(7, 5000));
  }

  @ParameterizedTest
  @ValueSource(ints = {-2, SLOT - 99, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void aCountThatCannotBeEndsTheStream(int count) {
    int[] turn = {0};
    Source source = source(room -> turn[0]++ == 0 ? 100 : count);
    reader.runToEnd(source);
    assertThat(reader.bytes()).hasSize(100);
    assertThat(source.failure())
        .isEqualTo("my sensor failed: it says that it filled %d bytes of %d", count, SLOT - 100);
    assertThat(source.cause()).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void whatItThrowsEndsTheStreamAndWhatCameBeforeIsKept() {
    IOException unplugged = new IOException("unplugged");
    int[] turn = {0};
    Source source =
        source(room -> {
          if (turn[0]++ == 3) {
            throw unplugged;
          }
          return 1000;
        });
    reader.runToEnd(source);
    assertThat(reader.bytes()).hasSize(3000);
    assertThat(source.failure()).isEqualTo("my sensor failed: unplugged");
    assertThat(source.cause()).isSameAs(unplugged);
  }

  @Test
  void anExceptionWithoutAMessageIsToldByItsName() {
    Source source =
        source(room -> {
          throw new UnsupportedOperationException();
        });
    reader.runToEnd(source);
    assertThat(source.failure())
        .isEqualTo("my sensor failed: java.lang.UnsupportedOperationException");
  }

  @Test
  void aLossThatCannotBeEndsTheStream() {
    Source source =
        source(
            new Feed() {
              @Override
              public int fill(ByteBuffer room) {
                return 10;
              }

              @Override
              public long lost() {
                return -1;
              }
            });
    reader.runToEnd(source);
    assertThat(source.failure()).isEqualTo("my sensor failed: it says that it lost -1 bytes");
    assertThat(reader.bytes()).hasSize(10);
  }

  private static final class Holding implements Feed {
    private long held;

    Holding(long held) {
      this.held = held;
    }

    @Override
    public int fill(ByteBuffer room) {
      int length = (int) Math.min(held, room.remaining());
      held -= length;
      return length;
    }

    @Override
    public long available() {
      return held;
    }
  }

  @Test
  void toldToStopItsRestIsTakenAndNoMore() {
    Holding feed = new Holding(100_000);
    Source source = source(feed);
    int _ = source.doWork();
    source.stop();
    int _ = source.doWork();
    feed.held += 50_000;
    reader.runToEnd(source);
    assertThat(reader.bytes()).hasSize(100_000);
    assertThat(reader.gaps).isEmpty();
  }

  @Test
  void anEndlessFeedEndsWhenItIsToldTo() {
    Source source = source(ByteBuffer::remaining);
    int _ = source.doWork();
    source.stop();
    reader.runToEnd(source);
    assertThat(reader.bytes()).hasSize(SLOT);
  }

  @Test
  void itsRestIsLostWhenTheRingTakesNoMore() {
    Holding feed = new Holding(100_000);
    Source source = source(feed);
    int _ = source.doWork();
    source.stop();
    reader.ring.stop();
    reader.runToEnd(source);
    assertThat(reader.bytes()).hasSize(SLOT);
    assertThat(reader.gaps).containsExactly(new RingReader.Gap(SLOT, 100_000 - SLOT));
    assertThat(source.counters().lostBytes()).isEqualTo(100_000 - SLOT);
  }

  @Test
  void aBufferThatItKeepsIsTakenFromIt() {
    ByteBuffer[] kept = {null};
    Source source =
        source(room -> {
          kept[0] = room;
          return 1;
        });
    int _ = source.doWork();
    source.close();
    assertThatIllegalStateException().isThrownBy(() -> kept[0].put(0, (byte) 1));
    assertThat(MemorySegment.ofBuffer(kept[0]).scope().isAlive()).isFalse();
  }

  @Test
  void waitingItIsWokenAndInterruptedAndThatIsNoFailure() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    boolean[] seen = {false, true};
    Feed feed =
        new Feed() {
          @Override
          public int fill(ByteBuffer room) throws InterruptedException {
            inside.countDown();
            new CountDownLatch(1).await();
            return 0;
          }

          @Override
          public void wakeUp() {
            seen[0] = true;
          }

          @Override
          public void close() {
            seen[1] = Thread.currentThread().isInterrupted();
          }
        };
    Source source = woken(inside, feed);
    assertThat(seen).containsExactly(true, false);
    assertThat(source.failure()).isNull();
  }

  @Test
  void interruptedBySomebodyElseItFails() {
    Source source =
        source(room -> {
          throw new InterruptedException();
        });
    reader.runToEnd(source);
    assertThat(source.failure()).isEqualTo("my sensor was interrupted");
  }

  @Test
  void abandonedItReachesNoRing() {
    Source[] self = {null};
    int[] closed = {0};
    Feed feed =
        new Feed() {
          @Override
          public int fill(ByteBuffer room) {
            self[0].abandon();
            return room.remaining();
          }

          @Override
          public void close() {
            closed[0]++;
          }
        };
    self[0] = source(feed);
    assertThat(self[0].doWork()).isZero();
    assertThat(self[0].doWork()).isZero();
    reader.ring.close();
    self[0].close();
    assertThat(reader.ring.committed()).isZero();
    assertThat(closed[0]).isEqualTo(1);
  }

  /** Gives a feed that waits its end, on a thread of its own. */
  private Source woken(CountDownLatch inside, Feed feed) throws InterruptedException {
    Source source = source(feed);
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              int _ = source.doWork();
              source.close();
            });
    assertThat(inside.await(20, TimeUnit.SECONDS)).isTrue();
    source.stop();
    source.giveUpWaiting();
    thread.join(20_000);
    assertThat(thread.isAlive()).isFalse();
    assertThat(source.hasEnded()).isTrue();
    return source;
  }

  @Test
  void aChannelThatIsInterruptedToWakeItIsNoFailure() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    Pipe pipe = Pipe.open();
    Source source =
        woken(
            inside,
            room -> {
              inside.countDown();
              return pipe.source().read(room);
            });
    assertThat(source.failure()).isNull();
    assertThat(source.cause()).isNull();
    pipe.sink().close();
  }

  /** Both its methods are synchronized, as a careful author might have it. */
  private static final class Careful implements Feed {
    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch woken = new CountDownLatch(1);

    @Override
    public synchronized int fill(ByteBuffer room) throws InterruptedException {
      inside.countDown();
      new CountDownLatch(1).await();
      return 0;
    }

    @Override
    public synchronized void wakeUp() {
      woken.countDown();
    }
  }

  @Test
  void aWakeUpThatWaitsForTheFillThatItIsToWakeHoldsUpNobody() throws Exception {
    Careful feed = new Careful();
    assertThat(woken(feed.inside, feed).failure()).isNull();
    assertThat(feed.woken.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MAX_VALUE, (1L << 62) + 1, 1L << 61})
  void aLossBeyondWhatAStreamHasEndsIt(long lost) {
    Source source =
        source(
            new Feed() {
              @Override
              public int fill(ByteBuffer room) {
                return 10;
              }

              @Override
              public long lost() {
                return lost;
              }
            });
    reader.runToEnd(source);
    assertThat(source.failure())
        .isEqualTo(
            "my sensor failed: cannot lose %d bytes: in all a stream loses 2^62 at the most", lost);
    assertThat(reader.gaps).allMatch(gap -> gap.bytes() == 1L << 61);
  }
}
