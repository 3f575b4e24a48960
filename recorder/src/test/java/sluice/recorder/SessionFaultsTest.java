package sluice.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.nvme.drive.NvmeDrive;
import sluice.recorder.format.EndReason;
import sluice.recorder.format.RecordingState;
import sluice.recorder.source.Source;
import sluice.recorder.source.SourceCounters;
import sluice.recorder.source.SourceOptions;
import sluice.recorder.source.Sources;
import sluice.recorder.write.WriterResult;

/**
 * Feeds and listeners that fail in the worst ways: what was taken of the stream before is on the
 * drive, and the failure is told.
 */
@Timeout(60)
class SessionFaultsTest {
  private static final int SLOT = 65536;
  private static final int PIECE = 1000;
  private static final int BYTES = 150_000;
  private static final RecordingOptions OPTIONS =
      RecordingOptions.named("a").withSource("my sensor").withSlots(SLOT, 16);

  private final Volume volume =
      Volume.create(
          NvmeDrive.open("virtual:memory?size=16M&thread=shared"), VolumeOptions.standard());

  @AfterEach
  void close() {
    volume.close();
  }

  enum Fault {
    OUT_OF_MEMORY,
    ASSERTION,
    STACK_OVERFLOW,
    UNCHECKED,
    CHECKED;

    void happen() {
      switch (this) {
        case OUT_OF_MEMORY -> throw new OutOfMemoryError("no room");
        case ASSERTION -> throw new AssertionError();
        case STACK_OVERFLOW -> assertThat(deeper(1)).isNegative();
        case UNCHECKED -> throw new IllegalStateException("out of order");
        case CHECKED -> SessionFaultsTest.<RuntimeException>sneak(new Exception("checked"));
      }
    }

    private static int deeper(int level) {
      return level < 0 ? 0 : deeper(level + 1) + 1;
    }
  }

  @SuppressWarnings("unchecked")
  private static <E extends Exception> void sneak(Exception any) throws E {
    throw (E) any;
  }

  /** Gives pieces, and after them does what its test wants of it. */
  private static class Pieces implements Feed {
    int filled;

    @Override
    public int fill(ByteBuffer room) {
      if (filled == BYTES) {
        // What is put there and not told does not count.
        room.put((byte) 0);
        return after();
      }
      int piece = Math.min(Math.min(PIECE, BYTES - filled), room.remaining());
      for (int i = 0; i < piece; i++) {
        room.put((byte) (filled + i));
      }
      filled += piece;
      return piece;
    }

    int after() {
      return END;
    }
  }

  /** All that was filled is there, byte for byte, without a gap. */
  private void requireWhole(long bytes) {
    Recording recording = volume.recording("a");
    assertThat(recording.gaps()).isZero();
    assertThat(recording.recordedBytes()).isEqualTo(bytes);
    long at = 0;
    try (RecordingReader reader = recording.read(4)) {
      while (reader.next() == RecordingReader.Range.DATA) {
        ByteBuffer data = reader.data().asByteBuffer();
        while (data.hasRemaining()) {
          assertThat(data.get()).isEqualTo((byte) at++);
        }
      }
    }
    assertThat(at).isEqualTo(bytes);
  }

  private RecordingSession session(Feed feed) {
    return RecordingSession.open(volume, OPTIONS, feed);
  }

  private static Runnable closes(RecordingSession session) {
    return session::close;
  }

  // ---- feeds

  @ParameterizedTest
  @EnumSource
  void aFeedThatFailsWhenItIsToFill(Fault fault) {
    Pieces feed =
        new Pieces() {
          @Override
          int after() {
            fault.happen();
            return END;
          }
        };
    try (RecordingSession session = session(feed)) {
      WriterResult result = session.run();
      assertThat(result.closed()).isTrue();
      assertThat(result.reason()).isEqualTo(EndReason.STREAM_ENDED);
      assertThat(session.failure()).startsWith("my sensor failed: ").doesNotContain("null");
      assertThat(session.cause()).isNotNull();
    }
    requireWhole(feed.filled);
  }

  @ParameterizedTest
  @EnumSource
  void aFeedThatFailsWhenItIsToTellWhatIsMissing(Fault fault) {
    Pieces feed =
        new Pieces() {
          @Override
          public long lost() {
            if (filled == BYTES) {
              fault.happen();
            }
            return 0;
          }
        };
    try (RecordingSession session = session(feed)) {
      assertThat(session.run().closed()).isTrue();
      assertThat(session.failure()).startsWith("my sensor failed: ");
    }
    requireWhole(feed.filled);
  }

  @ParameterizedTest
  @EnumSource
  void aFeedThatFailsWhenItIsToTellWhatItStillHas(Fault fault) {
    Pieces feed =
        new Pieces() {
          @Override
          int after() {
            return 0;
          }

          @Override
          public long available() {
            fault.happen();
            return END;
          }
        };
    try (RecordingSession session = session(feed)) {
      session.onStep((status, source) -> {
        if (source.receivedBytes() == BYTES) {
          session.stop();
        }
      });
      assertThat(session.run().closed()).isTrue();
      assertThat(session.failure()).startsWith("my sensor failed: ");
    }
    requireWhole(feed.filled);
  }

  @ParameterizedTest
  @EnumSource
  void aFeedThatFailsWhenItIsClosed(Fault fault) {
    Pieces feed =
        new Pieces() {
          @Override
          public void close() {
            fault.happen();
          }
        };
    try (RecordingSession session = session(feed)) {
      assertThat(session.run().closed()).isTrue();
      assertThat(session.failure()).startsWith("my sensor could not be closed: ");
    }
    requireWhole(feed.filled);
  }

  @ParameterizedTest
  @EnumSource
  void aFeedThatFailsWhenItIsWoken(Fault fault) {
    CountDownLatch never = new CountDownLatch(1);
    Feed feed =
        new Feed() {
          private boolean isFilled;

          @Override
          public int fill(ByteBuffer room) throws InterruptedException {
            if (isFilled) {
              boolean _ = never.await(1, TimeUnit.HOURS);
            }
            isFilled = true;
            for (int i = 0; i < PIECE; i++) {
              room.put((byte) i);
            }
            return PIECE;
          }

          @Override
          public void wakeUp() {
            fault.happen();
          }
        };
    try (RecordingSession session = session(feed)) {
      session.onStep((status, source) -> {
        if (source.receivedBytes() == PIECE) {
          session.stop();
        }
      });
      assertThat(session.run().closed()).isTrue();
      assertThat(session.failure()).startsWith("my sensor could not be woken: ");
    }
    requireWhole(PIECE);
  }

  // ---- listeners

  @ParameterizedTest
  @EnumSource
  void aListenerThatFails(Fault fault) {
    Pieces feed =
        new Pieces() {
          @Override
          int after() {
            return 0;
          }
        };
    try (RecordingSession session = session(feed)) {
      session.onStep((status, source) -> {
        if (source.receivedBytes() == BYTES) {
          fault.happen();
        }
      });
      assertThatThrownBy(session::run)
          .satisfies(thrown -> assertThat(thrown.getSuppressed()).isEmpty())
          .isInstanceOfAny(Error.class, Exception.class);
    }
    requireWhole(BYTES);
    assertThat(volume.recording("a").state()).isEqualTo(RecordingState.CLOSED);
  }

  @ParameterizedTest
  @EnumSource
  void aListenerThatFailsAtTheEnd(Fault fault) {
    try (RecordingSession session = session(new Pieces())) {
      session.onStep(
          new RecordingSession.Listener() {
            @Override
            public void step(RecorderStatus status, SourceCounters source) {}

            @Override
            public void ended(RecorderStatus status, SourceCounters source) {
              fault.happen();
            }
          });
      assertThatThrownBy(session::run).isNotNull();
    }
    requireWhole(BYTES);
  }

  @Test
  void aListenerCannotCloseTheSessionThatItListensTo() {
    List<String> refused = new CopyOnWriteArrayList<>();
    Pieces feed =
        new Pieces() {
          @Override
          int after() {
            return refused.isEmpty() ? 0 : END;
          }
        };
    try (RecordingSession session = session(feed)) {
      session.onStep((status, source) -> {
        try {
          closes(session).run();
        } catch (IllegalStateException e) {
          refused.add(e.getMessage());
        }
      });
      assertThat(session.run().closed()).isTrue();
    }
    assertThat(refused)
        .isNotEmpty()
        .containsOnly("the recording runs: stop it, and close it when run() has returned");
    requireWhole(BYTES);
  }

  @Test
  void aListenerThatThrowsWhatItIsRefusedWithEndsTheRecording() {
    Pieces feed =
        new Pieces() {
          @Override
          int after() {
            return 0;
          }
        };
    try (RecordingSession session = session(feed)) {
      session.onStep((status, source) -> closes(session).run());
      assertThatThrownBy(session::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("the recording runs: ");
    }
    requireWhole(volume.recording("a").recordedBytes());
  }

  @Test
  void aListenerThatBlocksHoldsUpNothing() throws Exception {
    CountDownLatch blocks = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    AtomicReference<WriterResult> result = new AtomicReference<>();
    Pieces feed =
        new Pieces() {
          @Override
          int after() {
            // Else all may be over before the listener is told of anything.
            return blocks.getCount() > 0 ? 0 : END;
          }
        };
    try (RecordingSession session = session(feed)) {
      session.onStep((status, source) -> {
        blocks.countDown();
        try {
          boolean _ = released.await(1, TimeUnit.HOURS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      });
      Thread runs = Thread.ofPlatform().start(() -> result.set(session.run()));
      assertThat(blocks.await(30, TimeUnit.SECONDS)).isTrue();
      while (session.status().durableBytes() < BYTES) {
        Thread.onSpinWait();
      }
      released.countDown();
      runs.join();
      assertThat(result.get().reason()).isEqualTo(EndReason.STREAM_ENDED);
    }
    requireWhole(BYTES);
  }

  @Test
  void aSessionRunsOnce() {
    try (RecordingSession session = session(new Pieces())) {
      session.onStep((status, source) -> assertThatThrownBy(session::run).isNotNull());
      assertThat(session.run().closed()).isTrue();
      assertThatThrownBy(session::run).isInstanceOf(IllegalStateException.class);
    }
    requireWhole(BYTES);
  }

  // ---- the beginning

  @ParameterizedTest
  @EnumSource
  void aSourceThatFailsWhenItIsOpened(Fault fault) {
    Supplier<Source> failing =
        () -> {
          fault.happen();
          return null;
        };
    assertThatThrownBy(() -> RecordingSession.open(volume, OPTIONS, failing)).isNotNull();
    assertThat(volume.recordings()).isEmpty();
    // So often that its memory would not do, if any were left behind.
    for (int i = 0; i < 200; i++) {
      assertThatThrownBy(() -> RecordingSession.open(volume, OPTIONS, failing)).isNotNull();
    }
    try (RecordingSession session =
        RecordingSession.open(
            volume, OPTIONS, () -> Sources.open("generator:size=1M", SourceOptions.defaults()))) {
      assertThat(session.run().totals().recordedBytes()).isEqualTo(1 << 20);
    }
  }
}
