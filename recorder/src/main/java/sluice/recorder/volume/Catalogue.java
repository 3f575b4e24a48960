package sluice.recorder.volume;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import sluice.nvme.CompletionHandler;
import sluice.nvme.NvmeException;
import sluice.nvme.spec.Status;
import sluice.recorder.drive.Drive;
import sluice.recorder.drive.DriveIo;
import sluice.recorder.drive.DriveQueue;
import sluice.recorder.drive.Patience;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.Extent;
import sluice.recorder.format.IndexEntry;
import sluice.recorder.format.SealedBlock;
import sluice.recorder.format.Superblock;
import sluice.vfio.DmaMemory;

/** The recordings of a volume, as the drive has them. Used by one thread. */
public final class Catalogue {
  private static final int PAIR = 2 * SealedBlock.SIZE;

  private final Superblock superblock;
  private final List<CatalogueSlot> slots;

  private Catalogue(Superblock superblock, List<CatalogueSlot> slots) {
    this.superblock = superblock;
    this.slots = slots;
  }

  public static Catalogue read(DriveIo io, Superblock superblock) {
    List<CatalogueSlot> slots = new ArrayList<>();
    int perRead = DriveIo.BUFFER_BYTES / PAIR;
    int entries = superblock.catalogueEntries();
    for (int first = 0; first < entries; first += perRead) {
      int count = Math.min(perRead, entries - first);
      io.read(superblock.catalogueAddress(first, 0), count * PAIR);
      for (int i = 0; i < count; i++) {
        MemorySegment pair = io.buffer().asSlice((long) i * PAIR, PAIR);
        slots.add(
            CatalogueSlot.read(
                first + i,
                pair.asSlice(0, SealedBlock.SIZE),
                pair.asSlice(SealedBlock.SIZE, SealedBlock.SIZE)));
      }
    }
    return new Catalogue(superblock, slots);
  }

  /** All recordings that can be read, by their number. */
  public List<CatalogueEntry> entries() {
    return slots.stream().filter(slot -> slot.entry() != null).map(CatalogueSlot::entry).toList();
  }

  /** The newest generation of an entry on the drive. */
  public int generation(int number) {
    return slots.get(number).generation();
  }

  /** Takes note of what was written to the drive. */
  public void update(CatalogueEntry entry, int generation) {
    slots.set(
        entry.number(),
        new CatalogueSlot(entry.number(), entry, generation, CatalogueSlot.Health.GOOD, ""));
  }

  /** The lowest number that is free; -1 if there is none. */
  public int freeNumber() {
    return slots.stream()
        .filter(CatalogueSlot::isFree)
        .mapToInt(CatalogueSlot::number)
        .findFirst()
        .orElse(-1);
  }

  /** The largest piece of the data region that no recording has. */
  public Extent freeData() {
    Extent region = new Extent(superblock.dataAddress(), superblock.dataBytes());
    return largestGap(region, entries().stream().flatMap(entry -> entry.extents().stream()));
  }

  /** The largest piece of the index region that no recording has. */
  public Extent freeIndex() {
    Extent region = new Extent(superblock.indexAddress(), superblock.indexBytes());
    return largestGap(region, entries().stream().map(CatalogueEntry::indexExtent));
  }

  private static Extent largestGap(Extent region, Stream<Extent> used) {
    List<Extent> sorted = used.sorted(Comparator.comparingLong(Extent::address)).toList();
    Extent largest = new Extent(region.address(), 0);
    long at = region.address();
    for (Extent extent : sorted) {
      if (extent.address() - at > largest.bytes()) {
        largest = new Extent(at, extent.address() - at);
      }
      at = Math.max(at, extent.end());
    }
    return region.end() - at > largest.bytes() ? new Extent(at, region.end() - at) : largest;
  }

  /** What is wrong with the entries themselves, and with their places. */
  public List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    for (CatalogueSlot slot : slots) {
      switch (slot.health()) {
        case GOOD -> {}
        case CUT_SHORT -> findings.add(Finding.leftover(nameOf(slot), slot.problem()));
        case COPY_DAMAGED ->
            findings.add(
                Finding.damage(
                    nameOf(slot), slot.problem() + "; the other copy is used; repair it"));
        case UNREADABLE ->
            findings.add(
                Finding.damage(
                    nameOf(slot),
                    slot.problem() + "; the recording cannot be found; a repair gives it up"));
      }
    }
    addMisplaced(findings);
    return findings;
  }

  private static String nameOf(CatalogueSlot slot) {
    return slot.entry() == null
        ? "catalogue entry " + slot.number()
        : "catalogue entry %d ('%s')".formatted(slot.number(), slot.entry().name());
  }

  private void addMisplaced(List<Finding> findings) {
    Extent data = new Extent(superblock.dataAddress(), superblock.dataBytes());
    Extent index = new Extent(superblock.indexAddress(), superblock.indexBytes());
    List<CatalogueEntry> entries = entries();
    for (int i = 0; i < entries.size(); i++) {
      CatalogueEntry entry = entries.get(i);
      String where = "recording '" + entry.name() + "'";
      boolean misplaced =
          entry.extents().stream().anyMatch(extent -> !isIn(data, extent))
              || entry.indexEntries() < 0
              || entry.indexEntries() > index.bytes() / IndexEntry.SIZE
              || !isIn(index, entry.indexExtent());
      if (misplaced) {
        findings.add(Finding.damage(where, "its place is not within the volume's regions"));
      }
      for (CatalogueEntry other : entries.subList(0, i)) {
        if (overlap(entry, other)) {
          findings.add(Finding.damage(where, "it overlaps with recording '" + other.name() + "'"));
        }
      }
    }
  }

  private static boolean isIn(Extent region, Extent extent) {
    return extent.bytes() >= 0
        && extent.address() % SealedBlock.SIZE == 0
        && extent.bytes() % SealedBlock.SIZE == 0
        && region.contains(extent);
  }

  private static boolean overlap(CatalogueEntry a, CatalogueEntry b) {
    return a.indexExtent().overlaps(b.indexExtent())
        || a.extents().stream().anyMatch(extent -> b.extents().stream().anyMatch(extent::overlaps));
  }

  /** Writes an entry and waits until both copies are durable. */
  public void write(Drive drive, CatalogueEntry entry) {
    DmaMemory memory = drive.dma().allocate(SealedBlock.SIZE);
    try (DriveQueue queue = drive.openQueue(1)) {
      CatalogueUpdate update =
          new CatalogueUpdate(queue, superblock, memory, entry, generation(entry.number()));
      CompletionHandler handler = (tag, status) -> update.completed(status);
      Patience patience = new Patience(drive.name());
      while (!update.isDone()) {
        if (update.hasFailed()) {
          throw new NvmeException(
              "%s: catalogue entry %d could not be written: %s"
                  .formatted(drive.name(), entry.number(), Status.format(update.failure())));
        }
        int work = update.doWork();
        patience.idle(work + queue.poll(handler));
      }
      update(entry, update.newGeneration());
    } finally {
      drive.dma().free(memory);
    }
  }

  /** Completes what a crash has cut short: writes the copies of such entries anew. */
  public void complete(Drive drive) {
    for (CatalogueSlot slot : List.copyOf(slots)) {
      if (slot.health() == CatalogueSlot.Health.CUT_SHORT && slot.entry() != null) {
        write(drive, slot.entry());
      }
    }
  }

  /** Writes damaged copies anew, and gives up entries that cannot be read. */
  public void repair(Drive drive, DriveIo io) {
    for (CatalogueSlot slot : List.copyOf(slots)) {
      if (slot.health() == CatalogueSlot.Health.GOOD) {
        continue;
      }
      if (slot.entry() != null) {
        write(drive, slot.entry());
      } else {
        io.zero(superblock.catalogueAddress(slot.number(), 0), PAIR);
        io.flush();
        slots.set(
            slot.number(),
            new CatalogueSlot(slot.number(), null, 0, CatalogueSlot.Health.GOOD, ""));
      }
    }
  }
}
