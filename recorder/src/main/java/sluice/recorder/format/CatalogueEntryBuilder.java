package sluice.recorder.format;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import sluice.recorder.format.CatalogueEntry.PauseFigures;
import sluice.recorder.format.CatalogueEntry.RingFigures;
import sluice.recorder.format.CatalogueEntry.Totals;

/**
 * Makes a catalogue entry value by value. What is not said is that of the entry it began with, or
 * of an open recording of which nothing is known.
 */
public final class CatalogueEntryBuilder {
  private int number;
  private RecordingState state;
  private EndReason endReason;
  private final UUID uuid;
  private long openedNanos;
  private long closedNanos;
  private final String name;
  private String source;
  private Map<String, String> header;
  private List<Extent> extents;
  private IndexRange index;
  private Totals totals;
  private RingFigures ring;
  private PauseFigures pauses;

  private CatalogueEntryBuilder(int number, UUID uuid, String name) {
    this.number = number;
    this.state = RecordingState.OPEN;
    this.endReason = EndReason.NONE;
    this.uuid = uuid;
    this.name = name;
    this.source = "";
    this.header = Map.of();
    this.extents = List.of();
    this.index = IndexRange.of(0, 0, 0);
    this.totals = Totals.NONE;
    this.ring = new RingFigures(0, 0, 0);
    this.pauses = PauseFigures.NONE;
  }

  /** Begins with an open recording of no place and no content. */
  public static CatalogueEntryBuilder open(int number, UUID uuid, String name) {
    return new CatalogueEntryBuilder(number, uuid, name);
  }

  /** Begins with all that an entry says. */
  static CatalogueEntryBuilder of(CatalogueEntry entry) {
    return new CatalogueEntryBuilder(entry.number(), entry.uuid(), entry.name())
        .state(entry.state(), entry.endReason())
        .opened(entry.openedNanos())
        .closed(entry.closedNanos())
        .source(entry.source())
        .header(entry.header())
        .extents(entry.extents())
        .index(entry.index())
        .totals(entry.totals())
        .ring(entry.ring())
        .pauses(entry.pauses());
  }

  public CatalogueEntryBuilder number(int value) {
    number = value;
    return this;
  }

  public CatalogueEntryBuilder state(RecordingState value, EndReason reason) {
    state = value;
    endReason = reason;
    return this;
  }

  /** In nanoseconds since the epoch. */
  public CatalogueEntryBuilder opened(long nanos) {
    openedNanos = nanos;
    return this;
  }

  /** In nanoseconds since the epoch. */
  public CatalogueEntryBuilder closed(long nanos) {
    closedNanos = nanos;
    return this;
  }

  public CatalogueEntryBuilder source(String value) {
    source = value;
    return this;
  }

  public CatalogueEntryBuilder header(Map<String, String> value) {
    header = value;
    return this;
  }

  public CatalogueEntryBuilder extents(List<Extent> value) {
    extents = value;
    return this;
  }

  public CatalogueEntryBuilder index(IndexRange value) {
    index = value;
    return this;
  }

  public CatalogueEntryBuilder totals(Totals value) {
    totals = value;
    return this;
  }

  public CatalogueEntryBuilder ring(RingFigures value) {
    ring = value;
    return this;
  }

  public CatalogueEntryBuilder pauses(PauseFigures value) {
    pauses = value;
    return this;
  }

  /**
   * @throws IllegalArgumentException if it is more than an entry holds
   */
  public CatalogueEntry build() {
    return new CatalogueEntry(
        number,
        state,
        endReason,
        uuid,
        openedNanos,
        closedNanos,
        name,
        source,
        header,
        extents,
        index,
        totals,
        ring,
        pauses);
  }
}
