package sluice.recorder;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.spec.StatusCode;
import sluice.recorder.RecordingReader.Range;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.CatalogueEntry.RingFigures;
import sluice.recorder.format.Extent;
import sluice.recorder.format.FormatException;
import sluice.recorder.format.IndexRange;
import sluice.recorder.stream.Pattern;
import sluice.recorder.write.FlushPolicy;
import sluice.recorder.write.WriterOptions;
import sluice.support.memory.OffHeap;

/** Reading by offset and by time, and playing, of a stream with gaps and chunks of many sizes. */
class RecordingReaderTest {
  private static final long SEED = 21;
  private static final int SLOT = 8192;
  private static final long T0 = 1_700_000_000_000_000_000L;

  /** A chunk or a gap, as it was recorded. */
  private record Piece(Range range, long offset, long length, long time) {}

  private final MemoryDrive drive = MemoryDrive.random(64 << 20, new SplittableRandom(SEED));
  private final Volume volume =
      Volume.create(drive, VolumeOptions.standard().withIndexBytes(1 << 20));
  private final List<Piece> pieces = new ArrayList<>();
  private long end;

  private Recording record(int chunks) {
    SplittableRandom random = new SplittableRandom(SEED);
    RecordingOptions options = RecordingOptions.named("a").withSlots(SLOT, 8);
    // Many flushes, so that there are marks among the entries.
    FlushPolicy flush = FlushPolicy.every(5 * SLOT);
    try (Recorder recorder = volume.record(options.withWriter(options.writer().withFlush(flush)))) {
      TestStream stream = new TestStream(recorder.ring(), SEED);
      for (int i = 0; i < chunks; i++) {
        if (random.nextInt(10) == 0) {
          long lost = random.nextInt(1, 20_000);
          add(Range.GAP, stream.offset(), lost);
          stream.lose(lost);
        }
        int length = TestStream.randomLength(recorder.ring(), random);
        add(Range.DATA, stream.offset(), length);
        while (!stream.commit(length)) {
          recorder.agent().doWork();
        }
      }
      end = stream.offset();
      recorder.ring().end();
      TestStream.run(recorder);
      recorder.agent().close();
    }
    return volume.recording("a");
  }

  private void add(Range range, long offset, long length) {
    pieces.add(new Piece(range, offset, length, 1_000_000 + offset));
  }

  private static void requireAt(RecordingReader reader, Piece piece, long skip) {
    assertThat(reader.streamOffset()).isEqualTo(piece.offset + skip);
    assertThat(reader.length()).isEqualTo(piece.length - skip);
    assertThat(reader.timeNanos()).isEqualTo(piece.time);
    if (piece.range == Range.DATA) {
      assertThat(reader.data().byteSize()).isEqualTo(piece.length - skip);
      TestStream.verify(reader, SEED);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64})
  void readsAllInOrder(int depth) {
    Recording recording = record(300);
    try (RecordingReader reader = recording.read(depth)) {
      for (Piece piece : pieces) {
        assertThat(reader.next()).isEqualTo(piece.range);
        requireAt(reader, piece, 0);
      }
      assertThat(reader.next()).isEqualTo(Range.END);
      assertThat(reader.next()).as("still").isEqualTo(Range.END);
    }
  }

  /** More entries than the reader holds at once, so that it jumps between pieces of the index. */
  @Test
  void goesToAnyOffset() {
    Recording recording = record(4_000);
    SplittableRandom random = new SplittableRandom(SEED + 1);
    try (RecordingReader reader = recording.read(4)) {
      for (int i = 0; i < 200; i++) {
        int index = random.nextInt(pieces.size());
        Piece piece = pieces.get(index);
        long skip = random.nextInt(3) == 0 ? 0 : random.nextLong(piece.length);
        reader.seek(piece.offset + skip);
        assertThat(reader.next()).as("seed %d, %s", SEED, piece).isEqualTo(piece.range);
        requireAt(reader, piece, skip);
        for (int more = index + 1; more < Math.min(pieces.size(), index + 9); more++) {
          assertThat(reader.next()).isEqualTo(pieces.get(more).range);
          requireAt(reader, pieces.get(more), 0);
        }
      }
      reader.seek(0);
      assertThat(reader.next()).isEqualTo(pieces.getFirst().range);
      reader.seek(end);
      assertThat(reader.next()).isEqualTo(Range.END);
    }
  }

  @Test
  void goesToAnyTime() {
    Recording recording = record(3_000);
    SplittableRandom random = new SplittableRandom(SEED + 2);
    try (RecordingReader reader = recording.read(4)) {
      for (int i = 0; i < 200; i++) {
        int index = random.nextInt(1, pieces.size());
        Piece piece = pieces.get(index - 1);
        long time = random.nextLong(piece.time, pieces.get(index).time);
        assertThat(reader.seekTime(time)).isEqualTo(piece.offset);
        assertThat(reader.next()).as("seed %d, %s", SEED, piece).isEqualTo(piece.range);
        requireAt(reader, piece, 0);
      }
      assertThat(reader.seekTime(0)).isZero();
      assertThat(reader.next()).isEqualTo(pieces.getFirst().range);
      requireAt(reader, pieces.getFirst(), 0);
      assertThat(reader.seekTime(recording.closedNanos())).isEqualTo(pieces.getLast().offset);
    }
  }

  @Test
  void saysThatNothingArrivedAtATimeOrLater() {
    Recording recording = record(30);
    try (RecordingReader reader = recording.read(4)) {
      assertThat(reader.seekTime(recording.closedNanos() + 1)).isEqualTo(-1);
      assertThat(reader.next()).isEqualTo(Range.END);
    }
  }

  /** A chunk a second; after 50 s somebody sets the clock. */
  private Recording recordWithAStep(long step) {
    long second = 1_000_000_000;
    RecordingOptions options = RecordingOptions.named("step" + step).withSlots(4096, 8);
    LongSupplier wallClock = () -> T0 + 100 * second + step;
    try (Recorder recorder = volume.record(options.withWriter(WriterOptions.standard(wallClock)))) {
      for (int i = 0; i < 100; i++) {
        while (recorder.ring().claimSegment() == null) {
          recorder.agent().doWork();
        }
        recorder.ring().commit(4096, T0 + i * second + (i < 50 ? 0 : step));
      }
      recorder.ring().end();
      TestStream.run(recorder);
    }
    return volume.recording("step" + step);
  }

  @Test
  void goesToAnyTimeThoughTheClockWasSet() {
    long second = 1_000_000_000;
    for (long step : new long[] {-3600 * second, 3600 * second, -1, -30 * second}) {
      try (RecordingReader reader = recordWithAStep(step).read(4)) {
        for (int i = 0; i < 100; i++) {
          long time = T0 + i * second + (i < 50 ? 0 : step);
          long offset = reader.seekTime(time);
          assertThat(reader.next()).isEqualTo(Range.DATA);
          assertThat(reader.timeNanos()).as("step %d, chunk %d", step, i).isEqualTo(time);
          // Where a time came twice it is the first.
          assertThat(offset)
              .isEqualTo(step == -30 * second && i >= 50 && i < 80 ? (i - 30) * 4096L : i * 4096L);
        }
        assertThat(reader.seekTime(T0 - 7200 * second)).isZero();
        assertThat(reader.seekTime(T0 + 7200 * second)).isEqualTo(-1);
      }
    }
  }

  @Test
  void refusesAnOffsetThatIsNotThere() {
    Recording recording = record(3);
    try (RecordingReader reader = recording.read(4)) {
      assertThatThrownBy(() -> reader.seek(end + 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "recording 'a' has no stream offset " + (end + 1) + ": it has " + end + " bytes");
      assertThatThrownBy(() -> reader.seek(-1)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(reader::length).isInstanceOf(IllegalStateException.class);
    }
  }

  /** A sink that takes as much as chance will have it. */
  private static final class MemorySink implements Sink {
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final List<Long> gaps = new ArrayList<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean finished;

    @Override
    public long write(long address, long length) {
      long taken = random.nextInt(3) == 0 ? 0 : Math.min(length, random.nextLong(1, 30_000));
      MemorySegment memory = OffHeap.segment(address, taken);
      bytes.writeBytes(memory.toArray(JAVA_BYTE));
      return taken;
    }

    @Override
    public void gap(long length) {
      gaps.add(length);
    }

    @Override
    public void finish() {
      finished = true;
    }

    @Override
    public void close() {}
  }

  private static Player play(RecordingReader reader, MemorySink sink, Player.Gaps gaps, long to) {
    Player player = new Player(reader, sink, gaps, to);
    for (int turns = 0; !player.hasEnded(); turns++) {
      player.doWork();
      assertThat(turns).isLessThan(1_000_000);
    }
    return player;
  }

  private byte[] expected(boolean zeros, long from, long to) {
    Pattern pattern = new Pattern(SEED);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (Piece piece : pieces) {
      for (long at = Math.max(from, piece.offset);
          at < Math.min(to, piece.offset + piece.length);
          at++) {
        if (piece.range == Range.DATA) {
          bytes.write(pattern.byteAt(at));
        } else if (zeros) {
          bytes.write(0);
        }
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void playsAndTellsTheSinkOfGaps() {
    Recording recording = record(200);
    MemorySink sink = new MemorySink();
    try (RecordingReader reader = recording.read(4)) {
      Player player = play(reader, sink, Player.Gaps.TELL, Long.MAX_VALUE);
      assertThat(player.playedBytes()).isEqualTo(recording.recordedBytes());
      assertThat(player.gaps()).isEqualTo(recording.gaps());
      assertThat(player.gapBytes()).isEqualTo(recording.lostBytes());
    }
    assertThat(sink.finished).isTrue();
    assertThat(sink.gaps)
        .containsExactlyElementsOf(
            pieces.stream().filter(p -> p.range == Range.GAP).map(Piece::length).toList());
    assertThat(sink.bytes.toByteArray()).isEqualTo(expected(false, 0, end));
  }

  @Test
  void playsZerosForGaps() {
    Recording recording = record(200);
    MemorySink sink = new MemorySink();
    try (RecordingReader reader = recording.read(4)) {
      play(reader, sink, Player.Gaps.ZEROS, Long.MAX_VALUE);
    }
    assertThat(sink.gaps).isEmpty();
    assertThat(sink.bytes.toByteArray()).isEqualTo(expected(true, 0, end));
  }

  @Test
  void playsAPart() {
    Recording recording = record(200);
    SplittableRandom random = new SplittableRandom(SEED + 3);
    for (int i = 0; i < 20; i++) {
      long from = random.nextLong(end);
      long to = random.nextLong(from, end + 1);
      MemorySink sink = new MemorySink();
      try (RecordingReader reader = recording.read(4)) {
        reader.seek(from);
        play(reader, sink, Player.Gaps.ZEROS, to);
      }
      assertThat(sink.bytes.toByteArray()).isEqualTo(expected(true, from, to));
    }
  }

  @Test
  void stopsAtAGapIfThatIsAnError() {
    Recording recording = record(200);
    Piece gap = pieces.stream().filter(p -> p.range == Range.GAP).findFirst().orElseThrow();
    try (RecordingReader reader = recording.read(4)) {
      assertThatThrownBy(() -> play(reader, new MemorySink(), Player.Gaps.FAIL, Long.MAX_VALUE))
          .isInstanceOf(FormatException.class)
          .hasMessage(
              "recording 'a' has a gap: %d bytes at stream offset %d were lost"
                  .formatted(gap.length, gap.offset));
    }
  }

  /** One rule for all that the drive fails: what passes with time is waited for. */
  @Test
  void readsOnAfterTheDriveWasNotReadyForAWhile() {
    Recording recording = record(40);
    for (int i = 0; i < 7; i++) {
      drive.failNextRead(StatusCode.NAMESPACE_NOT_READY.status());
    }
    assertThat(TestStream.verifyAll(recording, SEED)).isEqualTo(recording.recordedBytes());
    assertThat(volume.check(true).findings()).isEmpty();
  }

  @Test
  void readsChunksOfSeveralMegabytes() {
    int slot = 3 << 20;
    RecordingOptions options = RecordingOptions.named("large").withSlots(slot, 2);
    try (Recorder recorder = volume.record(options)) {
      TestStream stream = new TestStream(recorder.ring(), SEED);
      for (int length : new int[] {100, slot, 5000, slot, 1 << 20, (1 << 20) + 1, 7}) {
        while (!stream.commit(length)) {
          recorder.agent().doWork();
        }
      }
      recorder.ring().end();
      TestStream.run(recorder);
    }
    Recording large = Volume.open(drive).recording("large");
    assertThat(TestStream.verifyAll(large, SEED)).isEqualTo(large.streamBytes()).isPositive();
    try (RecordingReader reader = large.read(4)) {
      for (long at : new long[] {4_000_000, 50, 8_000_000, 99}) {
        reader.seek(at);
        assertThat(reader.next()).isEqualTo(Range.DATA);
        TestStream.verify(reader, SEED);
      }
    }
    assertThat(volume.check(true).findings()).isEmpty();
  }

  /** Whatever the catalogue says of slots: memory is for chunks that there are. */
  @Test
  void takesNoMemoryForSlotsThatNoChunkNeeds() {
    CatalogueEntry entry = record(10).entry();
    CatalogueEntry forged =
        new CatalogueEntry(
            entry.number(),
            entry.state(),
            entry.endReason(),
            entry.uuid(),
            entry.openedNanos(),
            entry.closedNanos(),
            entry.name(),
            entry.source(),
            entry.header(),
            List.of(new Extent(entry.extents().getFirst().address(), 1L << 40)),
            entry.index(),
            entry.totals(),
            new RingFigures(1 << 30, 1L << 31, 0),
            entry.pauses());
    assertThat(RecordingCheck.run(drive, forged, true).certificate().isIntact()).isTrue();
    assertThat(TestStream.verifyAll(new Recording(drive, forged), SEED)).isPositive();
    assertThat(drive.largestAllocation()).isLessThanOrEqualTo(32 << 20);
  }

  /** However many entries the catalogue claims: nothing is read where none can be. */
  @Test
  void seeksInARecordingThatClaimsFarMoreEntriesThanTheDriveHas() {
    CatalogueEntry entry = record(40).entry();
    for (int bit = 12; bit < 54; bit++) {
      IndexRange index =
          IndexRange.of(entry.indexAddress(), entry.indexEntries() | 1L << bit, entry.chain());
      CatalogueEntry forged = entry.withPlace(entry.extents(), index);
      try (RecordingReader reader = new Recording(drive, forged).read(4)) {
        for (long at : new long[] {0, end / 3, end - 1}) {
          reader.seek(at);
          assertThat(reader.next()).as("bit %d", bit).isNotEqualTo(Range.END);
          assertThat(reader.streamOffset()).isEqualTo(at);
        }
      }
    }
  }
}
