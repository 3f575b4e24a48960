package sluice.recorder.volume;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sluice.nvme.CompletionHandler;
import sluice.nvme.NvmeException;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveIo;
import sluice.nvme.drive.DriveQueue;
import sluice.nvme.drive.Patience;
import sluice.nvme.spec.Status;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.Extent;
import sluice.recorder.format.SealedBlock;
import sluice.recorder.format.Superblock;
import sluice.recorder.volume.CatalogueSlot.Copy;
import sluice.recorder.volume.CatalogueSlot.Health;
import sluice.vfio.DmaMemory;

/** The recordings of a volume, as the drive has them. Used by one thread. */
public final class Catalogue {
  private final DriveIo io;
  private final Superblock superblock;
  private final List<CatalogueSlot> slots;

  /** By the number of an entry that was left for another: the number of that one. */
  private final Map<Integer, Integer> moved = new HashMap<>();

  private Catalogue(DriveIo io, Superblock superblock, List<CatalogueSlot> slots) {
    this.io = io;
    this.superblock = superblock;
    this.slots = slots;
    findMoved();
  }

  /** Reads it from a drive. */
  public static Catalogue read(Drive drive, DriveIo io, Superblock superblock) {
    return new Catalogue(io, superblock, CatalogueReading.slots(drive, io, superblock));
  }

  /** Of several entries of one recording, the others were left because of a bad place. */
  private void findMoved() {
    moved.clear();
    Map<UUID, CatalogueSlot> newest = new HashMap<>();
    for (CatalogueSlot slot : slots) {
      if (slot.hasRecording()) {
        newest.merge(slot.entry().uuid(), slot, (a, b) -> a.generation() >= b.generation() ? a : b);
      }
    }
    for (CatalogueSlot slot : slots) {
      if (slot.hasRecording()) {
        CatalogueSlot other = newest.get(slot.entry().uuid());
        if (other.generation() > slot.generation()) {
          moved.put(slot.number(), other.number());
        }
      }
    }
  }

  /** All recordings that can be read, by their number. */
  public List<CatalogueEntry> entries() {
    return slots.stream().filter(this::isListed).map(CatalogueSlot::entry).toList();
  }

  private boolean isListed(CatalogueSlot slot) {
    return slot.hasRecording() && !moved.containsKey(slot.number());
  }

  /** The keys of all recordings of which any entry tells. */
  Set<Long> keys() {
    return slots.stream()
        .filter(CatalogueSlot::hasRecording)
        .map(slot -> slot.entry().key())
        .collect(Collectors.toSet());
  }

  /** The newest generation of an entry on the drive. */
  public int generation(int number) {
    return slots.get(number).generation();
  }

  /** Takes note of what was written to the drive. */
  public void update(CatalogueEntry entry, int generation) {
    slots.set(entry.number(), CatalogueSlot.written(entry, generation));
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
    return Regions.largest(Regions.free(Regions.data(superblock), dataExtents()));
  }

  /** The largest piece of the index region that no recording has. */
  public Extent freeIndex() {
    return Regions.largest(freeIndexPieces());
  }

  /** All pieces of the index region that no recording has, by their address. */
  List<Extent> freeIndexPieces() {
    return Regions.free(
        Regions.index(superblock), entries().stream().map(CatalogueEntry::indexExtent).toList());
  }

  private List<Extent> dataExtents() {
    return entries().stream().flatMap(entry -> entry.extents().stream()).toList();
  }

  /** What is wrong with the entries themselves, and with their places. */
  public List<Finding> findings() {
    return new CatalogueFindings(slots, moved).all(superblock, entries());
  }

  /** Recordings that are not where recordings may be. */
  public List<CatalogueEntry> misplaced() {
    return entries().stream().filter(entry -> !Regions.isInPlace(superblock, entry)).toList();
  }

  /** Two recordings that have a place in common, perhaps twice the same one; empty if none has. */
  public List<CatalogueEntry> overlapping() {
    return Regions.overlaps(superblock, entries()).stream()
        .limit(1)
        .flatMap(overlap -> Stream.of(overlap.earlier(), overlap.later()))
        .toList();
  }

  /** Why a recording with a free number cannot be where it says that it is; empty if it can. */
  public String obstacle(CatalogueEntry candidate) {
    if (!Regions.isInPlace(superblock, candidate)) {
      return "its place is not within the volume's regions";
    }
    List<CatalogueEntry> all = new ArrayList<>(entries());
    all.add(candidate);
    for (Regions.Overlap overlap : Regions.overlaps(superblock, all)) {
      CatalogueEntry earlier = overlap.earlier();
      CatalogueEntry later = overlap.later();
      if (earlier.number() == later.number() && earlier.number() == candidate.number()) {
        return "it overlaps with itself";
      }
      if (earlier.number() == candidate.number() || later.number() == candidate.number()) {
        CatalogueEntry other = earlier.number() == candidate.number() ? later : earlier;
        return "its place is that of recording '%s'".formatted(other.name());
      }
    }
    return "";
  }

  // ---------------------------------------------------------------------------------- changes

  /**
   * Opens a recording in the lowest free entry that the drive can write.
   *
   * @param open the recording in an entry with the number {@link #freeNumber}
   * @return the entry as it is on the drive, perhaps with another number
   * @throws NvmeException if there is none
   */
  public CatalogueEntry open(Drive drive, CatalogueEntry open) {
    CatalogueEntry entry = open;
    int generation = generation(entry.number());
    while (true) {
      int status = tryWrite(drive, entry, generation);
      if (status == 0) {
        findMoved();
        return entry;
      }
      leave(entry.number());
      int next = freeNumber();
      if (next < 0) {
        throw cannotWrite(drive, entry, status);
      }
      entry = entry.withNumber(next);
      generation = above(generation, generation(next));
    }
  }

  /**
   * What an entry begins with that tells of a recording instead of another one: higher than all
   * that was written of that one, and even, so that copy 1 is written first.
   */
  private static int above(int other, int own) {
    return Math.max(other / 2 * 2 + 4, own / 2 * 2 + 2);
  }

  /**
   * Writes an entry and waits until both copies are durable. Where one of its places cannot be
   * written, the recording moves to a free entry.
   *
   * @return the number of the entry that it is in now
   * @throws NvmeException if there is none
   */
  public int write(Drive drive, CatalogueEntry entry) {
    int status = tryWrite(drive, entry, generation(entry.number()));
    if (status == 0) {
      return entry.number();
    }
    // What was written of it may be there or not: a higher generation tells which of the two holds.
    int generation = generation(entry.number());
    for (CatalogueSlot slot : List.copyOf(slots)) {
      if (slot.isFree()) {
        generation = above(generation, slot.generation());
        if (tryWrite(drive, entry.withNumber(slot.number()), generation) == 0) {
          findMoved();
          return slot.number();
        }
        leave(slot.number());
      }
    }
    throw cannotWrite(drive, entry, status);
  }

  private static NvmeException cannotWrite(Drive drive, CatalogueEntry entry, int status) {
    return new NvmeException(
        "%s: catalogue entry %d could not be written: %s"
            .formatted(drive.name(), entry.number(), Status.format(status)));
  }

  /** The status of what failed; 0 if both copies are durable. */
  private int tryWrite(Drive drive, CatalogueEntry entry, int generation) {
    DmaMemory memory = drive.dma().allocate(CatalogueUpdate.MEMORY_BYTES);
    try (DriveQueue queue = drive.openQueue(1)) {
      CatalogueUpdate update =
          new CatalogueUpdate(
              drive, queue, superblock, memory, entry, generation, System::nanoTime);
      CompletionHandler handler = (tag, status) -> update.completed(status);
      Patience patience = new Patience(drive.name());
      while (!update.isDone() && !update.hasFailed()) {
        int work = update.doWork();
        patience.idle(work + queue.poll(handler));
      }
      if (update.isDone()) {
        update(entry, update.newGeneration());
      }
      return update.failure();
    } finally {
      drive.dma().free(memory);
    }
  }

  /** Whether there is anything to {@linkplain #complete complete}. */
  public boolean isCutShort() {
    return slots.stream().anyMatch(this::isCutShort);
  }

  private boolean isCutShort(CatalogueSlot slot) {
    return slot.health() == Health.CUT_SHORT && isListed(slot);
  }

  /** Completes what a crash has cut short: writes the copies of such entries anew. */
  public void complete(Drive drive) {
    for (CatalogueSlot slot : List.copyOf(slots)) {
      if (isCutShort(slot)) {
        write(drive, slot.entry());
      }
    }
  }

  /**
   * Writes damaged copies anew, and gives up entries that cannot be read.
   *
   * @return what was done
   */
  public List<Repair> repair(Drive drive) {
    List<Repair> done = new ArrayList<>();
    int used = CatalogueFindings.lastUsed(slots);
    for (CatalogueSlot slot : List.copyOf(slots)) {
      boolean isErased = CatalogueFindings.isErased(slot, used);
      boolean isLeft = moved.containsKey(slot.number());
      boolean isGood = slot.health() == Health.GOOD && !isErased;
      if (isGood || (isLeft && slot.health() != Health.COPY_DAMAGED)) {
        continue;
      }
      if (slot.hasRecording() && !isLeft) {
        int number = write(drive, slot.entry());
        String now =
            number == slot.number()
                ? "written anew from the other copy"
                : "the recording is in entry " + number + " now";
        done.add(
            new Repair(
                Repair.Action.REWRITTEN,
                CatalogueFindings.nameOf(slot),
                slot.problem() + "; " + now));
      } else if (giveUp(drive, slot.number())) {
        String problem = isErased ? "it was erased" : slot.problem();
        moved.remove(slot.number());
        done.add(
            new Repair(
                Repair.Action.GIVEN_UP, CatalogueFindings.nameOf(slot), problem + "; given up"));
      }
    }
    return done;
  }

  /** Gives a recording up for good: its entry, and the place that it has, are free. */
  public void drop(Drive drive, int number) {
    boolean _ = giveUp(drive, number);
    findMoved();
  }

  /**
   * Leaves an entry that could not be written. What is in its copy 1 counts no more when the
   * recording has an entry with a higher generation. One that has stayed blank is marked in copy 0,
   * so that it is not taken for an erased one.
   */
  private void leave(int number) {
    Copy copy = CatalogueReading.alone(io, superblock, number, 1);
    if (!copy.isWhole() && slots.get(number).isBlank()) {
      writeAlone(CatalogueEntry.givenUp(number), 2);
    }
    slots.set(
        number,
        new CatalogueSlot(
            number,
            copy.entry(),
            copy.generation(),
            Health.COPY_UNREADABLE,
            "it could not be written"));
  }

  /**
   * Says of an entry that nothing is in it, in both copies, or else in the one that can be.
   *
   * @return whether it is in both
   */
  private boolean giveUp(Drive drive, int number) {
    CatalogueEntry nothing = CatalogueEntry.givenUp(number);
    int generation = generation(number) / 2 * 2 + 2;
    if (tryWrite(drive, nothing, generation) == 0) {
      return true;
    }
    if (!CatalogueReading.alone(io, superblock, number, 1).isWhole()) {
      writeAlone(nothing, generation);
    }
    slots.set(
        number,
        new CatalogueSlot(
            number, nothing, generation + 1, Health.COPY_UNREADABLE, "it could not be written"));
    return false;
  }

  /** Writes copy 0 of an entry whose copy 1 cannot be written. */
  private void writeAlone(CatalogueEntry entry, int generation) {
    MemorySegment payload = Arena.ofAuto().allocate(SealedBlock.PAYLOAD);
    entry.encode(payload, 0);
    SealedBlock.seal(payload, generation, io.buffer().asSlice(0, SealedBlock.SIZE));
    int _ = io.tryWrite(superblock.catalogueAddress(entry.number(), 0), SealedBlock.SIZE);
    io.flush();
  }
}
