package sluice.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.nvme.drive.NvmeDrive;
import sluice.recorder.format.EndReason;
import sluice.recorder.write.WriterResult;

/** A recording of what a program makes itself. */
class FeedTest {
  private static final String BEGIN = "// The example begins.";
  private static final String END = "// The example ends.";
  private static final RecordingOptions OPTIONS =
      RecordingOptions.named("a").withSource("my sensor").withSlots(65536, 16);

  @TempDir Path folder;

  private static Volume volume() {
    return Volume.create(
        NvmeDrive.open("virtual:memory?size=16M&thread=shared"), VolumeOptions.standard());
  }

  @Test
  void doesWhatItsExampleSays() {
    String address = "virtual:" + folder.resolve("disk.img") + "?size=16M";
    Volume.create(NvmeDrive.open(address), VolumeOptions.standard()).close();
    List<String> told = new ArrayList<>();
    // The example begins.
    final class Counter implements Feed {
      private long next;

      @Override
      public int fill(ByteBuffer room) {
        if (next == 100_000) {
          return END;
        }
        int start = room.position();
        while (room.remaining() >= Long.BYTES && next < 100_000) {
          room.putLong(next++);
        }
        return room.position() - start;
      }
    }

    try (Volume volume = Volume.open(address);
        RecordingSession session =
            RecordingSession.open(volume, RecordingOptions.named("numbers"), new Counter())) {
      told.add(session.run().totals().recordedBytes() + " bytes");
    }
    // The example ends.
    assertThat(told).containsExactly("800000 bytes");
    try (Volume volume = Volume.open(address);
        RecordingReader reader = volume.recording("numbers").read(4)) {
      long next = 0;
      while (reader.next() == RecordingReader.Range.DATA) {
        ByteBuffer data = reader.data().asByteBuffer();
        while (data.hasRemaining()) {
          assertThat(data.getLong()).isEqualTo(next++);
        }
      }
      assertThat(next).isEqualTo(100_000);
    }
  }

  @Test
  void hasTheExampleInItsJavadoc() throws Exception {
    List<String> test = Files.readAllLines(Path.of("src/test/java/sluice/recorder/FeedTest.java"));
    List<String> stripped = test.stream().map(String::strip).toList();
    List<String> example =
        test.subList(stripped.indexOf(BEGIN) + 1, stripped.indexOf(END)).stream()
            .map(line -> (" * " + (line.isEmpty() ? "" : line.substring(4))).stripTrailing())
            .map(line -> line.replace("@Override", "{@literal @}Override"))
            .toList();
    assertThat(Files.readAllLines(Path.of("src/main/java/sluice/recorder/Feed.java")))
        .containsSequence(example);
  }

  @Test
  void aFeedThatFailsIsToldOfAndWhatCameBeforeIsKept() {
    IllegalArgumentException fault = new IllegalArgumentException("no such range");
    int[] turn = {0};
    Feed feed =
        room -> {
          if (turn[0]++ == 10) {
            throw fault;
          }
          return room.remaining();
        };
    try (Volume volume = volume();
        RecordingSession session = RecordingSession.open(volume, OPTIONS, feed)) {
      WriterResult result = session.run();
      assertThat(result.reason()).isEqualTo(EndReason.STREAM_ENDED);
      assertThat(result.closed()).isTrue();
      assertThat(result.totals().recordedBytes()).isEqualTo(10 * 65536);
      assertThat(session.failure()).isEqualTo("my sensor failed: no such range");
      assertThat(session.cause()).isSameAs(fault);
    }
  }

  @Test
  void toldToStopAFeedThatWaitsIsWokenAndNothingOfItIsMissing() throws Exception {
    CountDownLatch waits = new CountDownLatch(1);
    boolean[] first = {true};
    Feed feed =
        room -> {
          if (first[0]) {
            first[0] = false;
            return 1000;
          }
          waits.countDown();
          new CountDownLatch(1).await();
          return 0;
        };
    try (Volume volume = volume();
        RecordingSession session =
            RecordingSession.open(volume, OPTIONS, feed).withPatience(Duration.ofMillis(100))) {
      Thread stopper =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  assertThat(waits.await(20, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
                session.stop();
              });
      WriterResult result = session.run();
      stopper.join();
      assertThat(result.reason()).isEqualTo(EndReason.STOPPED);
      assertThat(result.closed()).isTrue();
      assertThat(result.totals().streamBytes()).isEqualTo(1000);
      assertThat(session.failure()).isNull();
    }
  }

  /** Does not return, whatever it is told, until the test lets it. */
  private static final class Stuck implements Feed {
    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private boolean isFirst = true;

    @Override
    public int fill(ByteBuffer room) {
      if (isFirst) {
        isFirst = false;
        return room.remaining();
      }
      inside.countDown();
      boolean isOut = false;
      while (!isOut) {
        try {
          isOut = goOn.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
          // As one that waits in native code.
        }
      }
      try {
        while (room.hasRemaining()) {
          room.put((byte) 0x55);
        }
      } catch (RuntimeException e) {
        failure.set(e);
      }
      return room.position();
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }

  /** That it writes into no freed memory shows in that the process survives. */
  @Test
  void aFeedThatDoesNotReturnIsToldOfAndWritesIntoMemoryThatIsStillThere() throws Exception {
    String address = "virtual:" + folder.resolve("disk.img") + "?size=16M";
    Volume.create(NvmeDrive.open(address), VolumeOptions.standard()).close();
    Stuck feed = new Stuck();
    assertThatThrownBy(
            () -> {
              try (Volume volume = Volume.open(address);
                  RecordingSession session =
                      RecordingSession.open(volume, OPTIONS, feed)
                          .withPatience(Duration.ofMillis(300))) {
                WriterResult result =
                    session
                        .onStep((status, source) -> {
                          if (feed.inside.getCount() == 0) {
                            session.stop();
                          }
                        })
                        .run();
                assertThat(result.reason()).isEqualTo(EndReason.STOPPED);
                assertThat(result.closed()).isTrue();
                assertThat(result.totals().recordedBytes()).isEqualTo(65536);
              }
            })
        .isInstanceOf(StreamException.class)
        .hasMessage(
            "my sensor did not return within 300 ms; its thread stays behind, and the ring's memory"
                + " of 1 MiB")
        .hasNoSuppressedExceptions();
    // Ring, volume and drive are closed.
    feed.goOn.countDown();
    assertThat(feed.closed.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(feed.failure.get()).isNull();
    try (Volume volume = Volume.open(address);
        RecordingSession session =
            RecordingSession.open(volume, RecordingOptions.named("b"), room -> Feed.END)) {
      assertThat(session.run().closed()).isTrue();
      assertThat(volume.recording("a").recordedBytes()).isEqualTo(65536);
    }
  }

  @Test
  void aFeedIsClosedWithItsSessionThoughThatNeverRan() {
    Stuck feed = new Stuck();
    try (Volume volume = volume()) {
      RecordingSession.open(volume, OPTIONS, feed).close();
      assertThat(feed.closed.getCount()).isZero();
    }
  }

  @Test
  void recordsToAPlainRange() {
    try (NvmeDrive drive = NvmeDrive.open("virtual:memory?size=16M&thread=shared");
        RecordingSession session =
            RecordingSession.openRaw(drive, 0, drive.bytes(), OPTIONS, ByteBuffer::remaining)) {
      WriterResult result = session.run();
      assertThat(result.reason()).isEqualTo(EndReason.DATA_FULL);
      assertThat(result.totals().recordedBytes()).isEqualTo(16 << 20);
    }
  }
}
