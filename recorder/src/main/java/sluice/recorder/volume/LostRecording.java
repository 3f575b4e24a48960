package sluice.recorder.volume;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveIo;
import sluice.nvme.drive.Patience;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.CatalogueEntry.RingFigures;
import sluice.recorder.format.CatalogueEntryBuilder;
import sluice.recorder.format.EntryBuffer;
import sluice.recorder.format.Extent;
import sluice.recorder.format.IndexChain;
import sluice.recorder.format.IndexEntry;
import sluice.recorder.format.IndexRange;
import sluice.recorder.format.Placement;
import sluice.recorder.format.RecordingUuid;
import sluice.recorder.format.SealedBlock;
import sluice.recorder.format.Superblock;
import sluice.recorder.read.ReadAhead;

/**
 * An index of which the catalogue does not know, in a place that is free by the catalogue. A
 * recording is in the catalogue before its index begins, and never leaves it; so its entry was
 * erased.
 *
 * @param key of the recording
 * @param address of its first index entry
 * @param room index bytes from there on that no recording of the catalogue has
 */
public record LostRecording(long key, long address, long room) {
  private static final int MAX_SLOT_BYTES = 1 << 30;

  /** Looks at the place alone where the next recording's index would begin: quick. */
  public static List<LostRecording> findNext(
      Drive drive, DriveIo io, Superblock layout, Catalogue catalogue) {
    List<LostRecording> found = new ArrayList<>();
    Extent free = catalogue.freeIndex();
    find(drive, io, layout, catalogue.keys(), free, DriveIo.BUFFER_BYTES, found);
    return found;
  }

  /** Looks at all that is free of the index region: reads all of it. */
  public static List<LostRecording> findAll(
      Drive drive, DriveIo io, Superblock layout, Catalogue catalogue) {
    List<LostRecording> found = new ArrayList<>();
    Set<Long> keys = catalogue.keys();
    for (Extent free : catalogue.freeIndexPieces()) {
      find(drive, io, layout, keys, free, free.bytes(), found);
    }
    return found;
  }

  private static void find(
      Drive drive,
      DriveIo io,
      Superblock layout,
      Set<Long> known,
      Extent free,
      long bytes,
      List<LostRecording> found) {
    EntryBuffer buffer = new EntryBuffer(io.buffer());
    long end = Math.min(free.end(), drive.bytes() / SealedBlock.SIZE * SealedBlock.SIZE);
    end = Math.min(end, free.address() + bytes);
    long at = free.address();
    int most = DriveIo.BUFFER_BYTES;
    while (at < end) {
      int length = (int) Math.min(most, end - at);
      if (io.tryRead(at, length) != 0) {
        // Block by block, up to the bad one and past it.
        at += length == SealedBlock.SIZE ? SealedBlock.SIZE : 0;
        most = SealedBlock.SIZE;
        continue;
      }
      for (int i = 0; i < length / IndexEntry.SIZE; i += IndexEntry.PER_BLOCK) {
        long key = IndexEntry.key(buffer.entry(i));
        if (RecordingUuid.isKeyOf(layout.volume(), key)
            && !known.contains(key)
            && new IndexChain(key).accept(buffer, i)) {
          long address = at + (long) i * IndexEntry.SIZE;
          found.add(new LostRecording(key, address, free.end() - address));
        }
      }
      at += length;
      most = at % DriveIo.BUFFER_BYTES == 0 ? DriveIo.BUFFER_BYTES : most;
    }
  }

  /** Where it is, for people. */
  public String where() {
    return "index at drive address " + address;
  }

  public Finding finding() {
    return Finding.damage(
        where(),
        "it tells of a recording that the catalogue does not have: its entry was erased; a repair"
            + " brings back what the index proves");
  }

  /**
   * What the index proves, as an entry of the catalogue that tells of a recovered recording.
   *
   * @param number of the entry
   * @param name as its own is not known
   * @param closedNanos the time to note for its end
   */
  public Recovery.Result examine(
      Drive drive, DriveIo io, Superblock layout, int number, String name, long closedNanos) {
    CatalogueEntry entry = entry(number, name, 0, List.of(Regions.data(layout)), 1);
    List<Extent> used = new ArrayList<>();
    long opened = closedNanos;
    long longest = 1;
    boolean isFirst = true;
    try (ReadAhead entries = new ReadAhead(drive, entry, 1)) {
      entries.dataFrom(Long.MAX_VALUE);
      Patience patience = new Patience("index of a lost recording");
      while (!entries.isAtEnd()) {
        if (!entries.hasEntry()) {
          patience.idle(entries.doWork());
          continue;
        }
        opened = isFirst ? entries.time() : opened;
        isFirst = false;
        if (entries.kind() == IndexEntry.CHUNK) {
          long padded = Placement.padded(entries.length());
          if (!Regions.data(layout).contains(new Extent(entries.driveAddress(), padded))) {
            // It cannot be there, so nothing from there on is proved.
            break;
          }
          longest = Math.max(longest, entries.length());
          use(used, entries.driveAddress(), padded);
        }
        entries.pop();
      }
    }
    int slot = (int) Math.min(longest, MAX_SLOT_BYTES);
    return Recovery.examine(drive, io, entry(number, name, opened, used, slot), closedNanos);
  }

  private static void use(List<Extent> used, long address, long bytes) {
    if (!used.isEmpty() && used.getLast().end() == address) {
      used.add(new Extent(used.getLast().address(), used.removeLast().bytes() + bytes));
    } else if (used.size() < CatalogueEntry.MAX_EXTENTS) {
      used.add(new Extent(address, bytes));
    }
  }

  private CatalogueEntry entry(
      int number, String name, long openedNanos, List<Extent> extents, int slotBytes) {
    return CatalogueEntryBuilder.open(number, RecordingUuid.withKey(key), name)
        .opened(openedNanos)
        .extents(extents)
        .index(IndexRange.of(address, room / IndexEntry.SIZE, 0))
        .ring(new RingFigures(slotBytes, slotBytes, 0))
        .build();
  }
}
