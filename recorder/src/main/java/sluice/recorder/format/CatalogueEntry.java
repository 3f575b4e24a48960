package sluice.recorder.format;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What the catalogue knows of a recording (FORMAT.md, "Catalogue").
 *
 * <pre>
 *    0  "SLUICREC"
 *    8  number u32          | copy u32
 *   16  state u32           | end reason u32
 *   24  recording uuid (its last 8 bytes are the key)
 *   40  opened i64 ns       | closed i64 ns
 *   56  totals: stream bytes, recorded bytes, chunks, gaps, lost bytes (u64 each)
 *   96  index address u64   | index entries u64
 *  112  chain u32           | slot bytes u32
 *  120  ring bytes u64      | high-water bytes u64
 *  136  pauses: count, threshold ns, longest ns, longest write ns (u64 each)
 *  168  extents u32         | header bytes u32
 *  176  name bytes u8, source bytes u8, index pieces left out u8
 *  184  noted index entries u64
 *  192  16 extents: address u64, bytes u64
 *  448  40 counts of write latencies, u64 each
 *  768  name                1024  source               1280  header, 2688 bytes
 * 3968  16 numbers of index pieces left out, u32 each
 * </pre>
 *
 * While a recording is open, its sums, its ring's high-water mark and its pauses are those of the
 * noted index entries.
 *
 * @param number the entry's own number, from 0
 * @param openedNanos nanoseconds since the epoch
 * @param closedNanos the same; 0 while open
 * @param extents where the data is; while open, where it may go
 * @param index where its index is
 */
public record CatalogueEntry(
    int number,
    RecordingState state,
    EndReason endReason,
    UUID uuid,
    long openedNanos,
    long closedNanos,
    String name,
    String source,
    Map<String, String> header,
    List<Extent> extents,
    IndexRange index,
    Totals totals,
    RingFigures ring,
    PauseFigures pauses) {

  public static final String MAGIC = "SLUICREC";
  public static final int MAX_EXTENTS = 16;
  public static final int MAX_TEXT = 255;
  public static final int MAX_HEADER = 2688;

  private static final int NUMBER = 8;
  private static final int COPY = 12;
  private static final int STATE = 16;
  private static final int END_REASON = 20;
  private static final int UUID_AT = 24;
  private static final int OPENED = 40;
  private static final int CLOSED = 48;
  private static final int STREAM_BYTES = 56;
  private static final int RECORDED_BYTES = 64;
  private static final int CHUNKS = 72;
  private static final int GAPS = 80;
  private static final int LOST_BYTES = 88;
  private static final int INDEX_ADDRESS = 96;
  private static final int INDEX_ENTRIES = 104;
  private static final int CHAIN = 112;
  private static final int SLOT_BYTES = 116;
  private static final int RING_BYTES = 120;
  private static final int HIGH_WATER = 128;
  private static final int PAUSES = 136;
  private static final int PAUSE_THRESHOLD = 144;
  private static final int LONGEST_PAUSE = 152;
  private static final int LONGEST_WRITE = 160;
  private static final int EXTENT_COUNT = 168;
  private static final int HEADER_BYTES = 172;
  private static final int NAME_BYTES = 176;
  private static final int SOURCE_BYTES = 177;
  private static final int LEFT_OUT_COUNT = 178;
  private static final int NOTED = 184;
  private static final int EXTENTS = 192;
  private static final int LATENCIES = 448;
  private static final int NAME = 768;
  private static final int SOURCE = 1024;
  private static final int HEADER = 1280;
  private static final int LEFT_OUT = 3968;

  /**
   * Sums over the index.
   *
   * @param streamBytes gaps included
   * @param recordedBytes without gaps
   */
  public record Totals(
      long streamBytes, long recordedBytes, long chunks, long gaps, long lostBytes) {
    public static final Totals NONE = new Totals(0, 0, 0, 0, 0);
  }

  /** The ring through which the stream came, in bytes. */
  public record RingFigures(int slotBytes, long ringBytes, long highWaterBytes) {}

  /**
   * How the drive kept up.
   *
   * @param count how often no write completed for longer than the threshold
   * @param latencies see {@link LatencyBuckets}
   */
  public record PauseFigures(
      long count,
      long thresholdNanos,
      long longestNanos,
      long longestWriteNanos,
      LatencyBuckets latencies) {
    public static final PauseFigures NONE = new PauseFigures(0, 0, 0, 0, LatencyBuckets.NONE);
  }

  public CatalogueEntry {
    checkText("name", name);
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a recording needs a name");
    }
    checkText("source", source);
    header = Map.copyOf(header);
    extents = List.copyOf(extents);
    if (extents.size() > MAX_EXTENTS) {
      throw new IllegalArgumentException(
          extents.size() + " extents, but the catalogue has room for " + MAX_EXTENTS);
    }
    HeaderText.encode(header);
  }

  /** An entry that tells of no recording. */
  public static CatalogueEntry givenUp(int number) {
    return CatalogueEntryBuilder.open(number, new UUID(0, 0), "given up")
        .state(RecordingState.GIVEN_UP, EndReason.NONE)
        .build();
  }

  private static void checkText(String what, String text) {
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    if (length > MAX_TEXT) {
      throw new IllegalArgumentException(
          "the %s has %d bytes of UTF-8, and %d is the most".formatted(what, length, MAX_TEXT));
    }
  }

  /** What marks this recording's index entries. */
  public long key() {
    return Long.reverseBytes(uuid.getLeastSignificantBits());
  }

  /** The address of the first index entry. */
  public long indexAddress() {
    return index.address();
  }

  /** How many index entries there are; while open, how many there is room for. */
  public long indexEntries() {
    return index.entries();
  }

  /** The chain of the last index entry. */
  public int chain() {
    return index.chain();
  }

  /** The index's place on the drive, in whole blocks. */
  public Extent indexExtent() {
    return index.extent();
  }

  /** For an entry that differs from this one in some values. */
  public CatalogueEntryBuilder toBuilder() {
    return CatalogueEntryBuilder.of(this);
  }

  /** The same, with another number: for another place in the catalogue. */
  public CatalogueEntry withNumber(int newNumber) {
    return toBuilder().number(newNumber).build();
  }

  /** The same, with other extents. */
  public CatalogueEntry withExtents(List<Extent> newExtents) {
    return withPlace(newExtents, index);
  }

  /** The same, with other extents and another index. */
  public CatalogueEntry withPlace(List<Extent> newExtents, IndexRange newIndex) {
    return withContent(newExtents, newIndex, totals);
  }

  /** The same, with other extents and another index, which tells of so much. */
  public CatalogueEntry withContent(
      List<Extent> newExtents, IndexRange newIndex, Totals newTotals) {
    return toBuilder().extents(newExtents).index(newIndex).totals(newTotals).build();
  }

  /** Bytes of the drive in all extents. */
  public long dataBytes() {
    return extents.stream().mapToLong(Extent::bytes).sum();
  }

  /** Writes the payload of a copy (0 or 1) into zeroed memory. */
  public void encode(MemorySegment payload, int copy) {
    byte[] nameText = name.getBytes(StandardCharsets.UTF_8);
    byte[] sourceText = source.getBytes(StandardCharsets.UTF_8);
    byte[] headerText = HeaderText.encode(header);
    Fields.magic(payload, MAGIC);
    Fields.u32(payload, NUMBER, number);
    Fields.u32(payload, COPY, copy);
    Fields.u32(payload, STATE, state.code());
    Fields.u32(payload, END_REASON, endReason.code());
    Fields.uuid(payload, UUID_AT, uuid);
    Fields.u64(payload, OPENED, openedNanos);
    Fields.u64(payload, CLOSED, closedNanos);
    encode(payload, totals);
    encode(payload, pauses);
    Fields.u64(payload, INDEX_ADDRESS, index.address());
    Fields.u64(payload, INDEX_ENTRIES, index.entries());
    Fields.u32(payload, CHAIN, index.chain());
    Fields.u32(payload, SLOT_BYTES, ring.slotBytes());
    Fields.u64(payload, RING_BYTES, ring.ringBytes());
    Fields.u64(payload, HIGH_WATER, ring.highWaterBytes());
    Fields.u32(payload, EXTENT_COUNT, extents.size());
    Fields.u32(payload, HEADER_BYTES, headerText.length);
    Fields.u8(payload, NAME_BYTES, nameText.length);
    Fields.u8(payload, SOURCE_BYTES, sourceText.length);
    Fields.u8(payload, LEFT_OUT_COUNT, index.leftOut().size());
    Fields.u64(payload, NOTED, index.noted());
    for (int i = 0; i < extents.size(); i++) {
      Fields.u64(payload, EXTENTS + 16L * i, extents.get(i).address());
      Fields.u64(payload, EXTENTS + 16L * i + 8, extents.get(i).bytes());
    }
    Fields.text(payload, NAME, nameText);
    Fields.text(payload, SOURCE, sourceText);
    Fields.text(payload, HEADER, headerText);
    for (int i = 0; i < index.leftOut().size(); i++) {
      Fields.u32(payload, LEFT_OUT + 4L * i, index.leftOut().get(i));
    }
  }

  /**
   * Changes the payload of an open entry to tell of what is durable by now.
   *
   * @param payload written by {@link #encode}
   * @param copy that it is for
   * @param noted how many index entries are durable, with what they tell of
   * @param chain of the last of them
   */
  public static void note(
      MemorySegment payload,
      int copy,
      long noted,
      int chain,
      Totals totals,
      long highWaterBytes,
      PauseFigures pauses) {
    Fields.u32(payload, COPY, copy);
    Fields.u64(payload, NOTED, noted);
    Fields.u32(payload, CHAIN, chain);
    encode(payload, totals);
    Fields.u64(payload, HIGH_WATER, highWaterBytes);
    encode(payload, pauses);
  }

  /**
   * Changes the payload of an open entry to tell where its index goes on.
   *
   * @param payload written by {@link #encode}
   * @param copy that it is for
   * @param entries how many there is room for
   * @param leftOut pieces of the index that are left out
   */
  public static void noteIndex(
      MemorySegment payload, int copy, long entries, List<Integer> leftOut) {
    Fields.u32(payload, COPY, copy);
    Fields.u64(payload, INDEX_ENTRIES, entries);
    Fields.u8(payload, LEFT_OUT_COUNT, leftOut.size());
    for (int i = 0; i < leftOut.size(); i++) {
      Fields.u32(payload, LEFT_OUT + 4L * i, leftOut.get(i));
    }
  }

  private static void encode(MemorySegment payload, Totals totals) {
    Fields.u64(payload, STREAM_BYTES, totals.streamBytes());
    Fields.u64(payload, RECORDED_BYTES, totals.recordedBytes());
    Fields.u64(payload, CHUNKS, totals.chunks());
    Fields.u64(payload, GAPS, totals.gaps());
    Fields.u64(payload, LOST_BYTES, totals.lostBytes());
  }

  private static void encode(MemorySegment payload, PauseFigures pauses) {
    Fields.u64(payload, PAUSES, pauses.count());
    Fields.u64(payload, PAUSE_THRESHOLD, pauses.thresholdNanos());
    Fields.u64(payload, LONGEST_PAUSE, pauses.longestNanos());
    Fields.u64(payload, LONGEST_WRITE, pauses.longestWriteNanos());
    for (int i = 0; i < LatencyBuckets.COUNT; i++) {
      Fields.u64(payload, LATENCIES + 8L * i, pauses.latencies().count(i));
    }
  }

  /**
   * Reads the payload of a copy.
   *
   * @throws FormatException if it is none, or says what cannot be
   */
  public static CatalogueEntry decode(MemorySegment payload, int number, int copy) {
    if (!Fields.magic(payload).equals(MAGIC)) {
      throw new FormatException("catalogue entry " + number + " holds something else");
    }
    if (Fields.u32(payload, NUMBER) != number || Fields.u32(payload, COPY) != copy) {
      throw new FormatException("catalogue entry " + number + " is not in its place");
    }
    int extentCount = Fields.u32(payload, EXTENT_COUNT);
    int headerBytes = Fields.u32(payload, HEADER_BYTES);
    int leftOutCount = Fields.u8(payload, LEFT_OUT_COUNT);
    if (extentCount < 0
        || extentCount > MAX_EXTENTS
        || leftOutCount > IndexRange.MAX_LEFT_OUT
        || headerBytes < 0
        || headerBytes > MAX_HEADER) {
      throw new FormatException("catalogue entry " + number + " says what cannot be");
    }
    List<Extent> extents = new ArrayList<>();
    for (int i = 0; i < extentCount; i++) {
      extents.add(
          new Extent(
              Fields.u64(payload, EXTENTS + 16L * i), Fields.u64(payload, EXTENTS + 16L * i + 8)));
    }
    List<Integer> leftOut = new ArrayList<>();
    for (int i = 0; i < leftOutCount; i++) {
      leftOut.add(Fields.u32(payload, LEFT_OUT + 4L * i));
    }
    long[] latencies = new long[LatencyBuckets.COUNT];
    for (int i = 0; i < latencies.length; i++) {
      latencies[i] = Fields.u64(payload, LATENCIES + 8L * i);
    }
    try {
      CatalogueEntry entry =
          CatalogueEntryBuilder.open(
                  number,
                  Fields.uuid(payload, UUID_AT),
                  Fields.text(payload, NAME, Fields.u8(payload, NAME_BYTES)))
              .state(
                  RecordingState.of(Fields.u32(payload, STATE)),
                  EndReason.of(Fields.u32(payload, END_REASON)))
              .opened(Fields.u64(payload, OPENED))
              .closed(Fields.u64(payload, CLOSED))
              .source(Fields.text(payload, SOURCE, Fields.u8(payload, SOURCE_BYTES)))
              .header(HeaderText.decode(Fields.text(payload, HEADER, headerBytes)))
              .extents(extents)
              .index(
                  new IndexRange(
                      Fields.u64(payload, INDEX_ADDRESS),
                      Fields.u64(payload, INDEX_ENTRIES),
                      Fields.u32(payload, CHAIN),
                      Fields.u64(payload, NOTED),
                      leftOut))
              .totals(
                  new Totals(
                      Fields.u64(payload, STREAM_BYTES),
                      Fields.u64(payload, RECORDED_BYTES),
                      Fields.u64(payload, CHUNKS),
                      Fields.u64(payload, GAPS),
                      Fields.u64(payload, LOST_BYTES)))
              .ring(
                  new RingFigures(
                      Fields.u32(payload, SLOT_BYTES),
                      Fields.u64(payload, RING_BYTES),
                      Fields.u64(payload, HIGH_WATER)))
              .pauses(
                  new PauseFigures(
                      Fields.u64(payload, PAUSES),
                      Fields.u64(payload, PAUSE_THRESHOLD),
                      Fields.u64(payload, LONGEST_PAUSE),
                      Fields.u64(payload, LONGEST_WRITE),
                      new LatencyBuckets(latencies)))
              .build();
      EntryLimits.check(entry);
      return entry;
    } catch (IllegalArgumentException e) {
      throw new FormatException(
          "catalogue entry " + number + " says what cannot be: " + e.getMessage());
    }
  }
}
