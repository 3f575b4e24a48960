package sluice.recorder;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveIo;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.CatalogueEntry.RingFigures;
import sluice.recorder.format.CatalogueEntryBuilder;
import sluice.recorder.format.Extent;
import sluice.recorder.format.IndexEntry;
import sluice.recorder.format.IndexRange;
import sluice.recorder.format.RecordingState;
import sluice.recorder.format.RecordingUuid;
import sluice.recorder.format.SealedBlock;
import sluice.recorder.format.Superblock;
import sluice.recorder.volume.Catalogue;
import sluice.recorder.write.WriterResult;
import sluice.support.text.Units;

/** What a new recording gets of a volume: a number, a name, and what is free. */
final class NewRecording {
  private final Drive drive;
  private final DriveIo io;
  private final Catalogue catalogue;
  private final Superblock layout;

  NewRecording(Drive drive, DriveIo io, Catalogue catalogue, Superblock layout) {
    this.drive = drive;
    this.io = io;
    this.catalogue = catalogue;
    this.layout = layout;
  }

  /**
   * The entry of a recording that is to be opened.
   *
   * @throws IllegalArgumentException if the name is taken
   * @throws DriveFullException if nothing is free
   */
  CatalogueEntry entry(RecordingOptions options) {
    int number = catalogue.freeNumber();
    Extent data = catalogue.freeData();
    Extent index = readable(catalogue.freeIndex());
    if (number < 0) {
      throw new DriveFullException(
          "%s is full: its catalogue has room for %d recordings"
              .formatted(drive.name(), layout.catalogueEntries()));
    }
    if (data.bytes() == 0 || index.bytes() == 0) {
      throw new DriveFullException(
          "%s is full: its %s region has nothing free"
              .formatted(drive.name(), data.bytes() == 0 ? "data" : "index"));
    }
    Set<String> names =
        catalogue.entries().stream().map(CatalogueEntry::name).collect(Collectors.toSet());
    String name = options.name().isEmpty() ? newName(names, number) : options.name();
    if (names.contains(name)) {
      throw new IllegalArgumentException(
          "%s has a recording '%s' already; choose another name".formatted(drive.name(), name));
    }
    long ringBytes = (long) options.slotBytes() * options.slotCount();
    return CatalogueEntryBuilder.open(number, RecordingUuid.random(layout.volume()), name)
        .opened(options.writer().wallClock().getAsLong())
        .source(options.source())
        .header(options.header())
        .extents(List.of(data))
        .index(IndexRange.of(index.address(), index.bytes() / IndexEntry.SIZE, 0))
        .ring(new RingFigures(options.slotBytes(), ringBytes, 0))
        .build();
  }

  /** A free part of the index without bad blocks at its start. */
  private Extent readable(Extent free) {
    Extent index = free;
    while (index.bytes() > 0) {
      int length = (int) Math.min(IndexRange.PIECE_BYTES, index.bytes());
      if (io.tryRead(index.address(), length) == 0) {
        return index;
      }
      index = index.from(SealedBlock.SIZE);
    }
    return index;
  }

  private static String newName(Set<String> names, int number) {
    int n = number;
    while (names.contains("recording-" + n)) {
      n++;
    }
    return "recording-" + n;
  }

  /** The entry of one that has ended. */
  static CatalogueEntry closed(CatalogueEntry open, WriterResult result, long now) {
    return open.toBuilder()
        .state(RecordingState.CLOSED, result.reason())
        .closed(now)
        .extents(result.extents())
        .index(
            new IndexRange(
                open.indexAddress(), result.indexEntries(), result.chain(), 0, result.leftOut()))
        .totals(result.totals())
        .ring(
            new RingFigures(
                open.ring().slotBytes(), open.ring().ringBytes(), result.highWaterBytes()))
        .pauses(result.pauses())
        .build();
  }

  /** Whether the index has an entry for each slot that the data has room for. */
  static String note(CatalogueEntry open, int slotBytes) {
    long entries = open.indexEntries();
    long data = open.extents().stream().mapToLong(Extent::bytes).sum();
    long slots = data / slotBytes;
    if (entries >= slots) {
      return "";
    }
    return ("the index has room for %d entries, one for each slot of %s that is written: it may be"
            + " full after %s of the %s that are free; take larger slots, or a larger index")
        .formatted(
            entries,
            Units.formatSize(slotBytes),
            Units.formatSize(entries * slotBytes),
            Units.formatSize(data));
  }
}
