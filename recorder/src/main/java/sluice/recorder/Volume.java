package sluice.recorder;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveIo;
import sluice.nvme.drive.NvmeDrive;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.FormatException;
import sluice.recorder.format.Geometry;
import sluice.recorder.format.Superblock;
import sluice.recorder.ring.StreamRing;
import sluice.recorder.volume.Catalogue;
import sluice.recorder.volume.CatalogueUpdate;
import sluice.recorder.volume.Finding;
import sluice.recorder.volume.LostRecording;
import sluice.recorder.volume.Repair;
import sluice.recorder.volume.Signatures;
import sluice.recorder.volume.Superblocks;
import sluice.recorder.write.StreamWriter;
import sluice.support.Closing;
import sluice.support.time.NanoClock;
import sluice.support.time.SystemNanoClock;
import sluice.vfio.DmaMemory;

/**
 * A drive with the recorder's layout: make one with {@link #create}, or {@link #open} one; record
 * with {@link #record}, look at {@link #recordings}, and {@link #check} it.
 *
 * <p>Opening writes nothing. Recording first recovers what a crash has left open, and refuses a
 * volume on which anything is damaged, until {@link #repair}.
 *
 * <pre>{@code
 * try (Volume volume = Volume.open(address)) {
 *   try (Recorder recorder = volume.record(RecordingOptions.named("first"))) {
 *     recorder.start(IdleStrategy.backingOff());
 *     StreamRing ring = recorder.ring();
 *     MemorySegment slot = ring.claimSegment(); // null while the ring is full
 *     slot.setString(0, "hello");
 *     ring.commit(6, clock.nanos());
 *     ring.end();
 *     recorder.await(Duration.ofSeconds(10));
 *   }
 *   try (RecordingReader reader = volume.recording("first").read(16)) {
 *     while (reader.next() == RecordingReader.Range.DATA) {
 *       consume(reader.data());
 *     }
 *   }
 * }
 * }</pre>
 *
 * <p>Used by one thread. The volume owns its drive. One recording at a time can be under way.
 */
public final class Volume implements AutoCloseable {
  private static final int CATALOGUE_MEMORY =
      CatalogueUpdate.MEMORY_BYTES + StreamWriter.MEMORY_BYTES;

  private final Drive drive;
  private final DriveIo io;
  private final NanoClock clock = new SystemNanoClock();
  private Superblocks superblocks;
  private Catalogue catalogue;
  private List<LostRecording> lost;
  private boolean isRecording;

  private Volume(Drive drive, DriveIo io) {
    this.drive = drive;
    this.io = io;
  }

  /**
   * Makes a layout on a drive.
   *
   * @throws IllegalArgumentException if the drive is too small, or holds something and that is not
   *     forced; nothing is written then, and the drive is closed
   * @throws FormatException if the drive does not keep what is written to it
   */
  public static Volume create(Drive drive, VolumeOptions options) {
    return with(
        drive,
        volume -> {
          requireWritable(drive);
          Superblock superblock =
              Geometry.plan(
                  UUID.randomUUID(),
                  options.clock().nanos(),
                  drive.bytes(),
                  drive.blockSize(),
                  options.catalogueEntries(),
                  options.indexBytes());
          if (!options.force()) {
            List<String> found = Signatures.find(drive, volume.io);
            if (!found.isEmpty()) {
              throw new IllegalArgumentException(
                  "%s holds %s; force it if that may be lost"
                      .formatted(drive.name(), String.join(" and ", found)));
            }
          }
          Superblocks.create(volume.io, superblock);
          Superblocks.requireKept(drive, volume.io, superblock);
        });
  }

  /**
   * Opens a drive that holds a layout.
   *
   * @throws FormatException if it holds none; the drive is closed then
   */
  public static Volume open(Drive drive) {
    return with(drive, volume -> {});
  }

  /** Opens the drive at an address, for example {@code virtual:disk.img}. */
  public static Volume open(String address) {
    return open(NvmeDrive.open(address));
  }

  /** What is done between opening the drive and reading its layout. */
  private interface Preparation {
    void prepare(Volume volume);
  }

  private static Volume with(Drive drive, Preparation preparation) {
    DriveIo io = null;
    try {
      io = new DriveIo(drive);
      Volume volume = new Volume(drive, io);
      preparation.prepare(volume);
      volume.load();
      return volume;
    } catch (Throwable e) {
      if (io != null) {
        Closing.after(e, io);
      }
      Closing.after(e, drive);
      throw e;
    }
  }

  private void load() {
    superblocks = Superblocks.read(drive, io);
    catalogue = Catalogue.read(drive, io, superblocks.superblock());
    lost = LostRecording.findNext(drive, io, superblocks.superblock(), catalogue);
  }

  /** The volume's own name. */
  public UUID uuid() {
    return layout().volume();
  }

  /** Where what is. */
  public Superblock layout() {
    return superblocks.superblock();
  }

  public Drive drive() {
    return drive;
  }

  /** What is not as it should be with superblocks and catalogue; see {@link #check} for more. */
  public List<Finding> findings() {
    List<Finding> findings = new ArrayList<>(superblocks.findings());
    findings.addAll(catalogue.findings());
    lost.forEach(each -> findings.add(each.finding()));
    return findings;
  }

  /** All recordings, by their number. */
  public List<Recording> recordings() {
    return catalogue.entries().stream().map(entry -> new Recording(drive, entry)).toList();
  }

  /**
   * A recording by its name, its uuid or its number.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Recording recording(String nameOrNumber) {
    List<Recording> recordings = recordings();
    for (Recording recording : recordings) {
      if (recording.name().equals(nameOrNumber)) {
        return recording;
      }
    }
    for (Recording recording : recordings) {
      if (recording.uuid().toString().equals(nameOrNumber)
          || Integer.toString(recording.number()).equals(nameOrNumber)) {
        return recording;
      }
    }
    throw new IllegalArgumentException(
        "%s has no recording '%s'; it has %s"
            .formatted(
                drive.name(),
                nameOrNumber,
                recordings.isEmpty()
                    ? "none"
                    : String.join(", ", recordings.stream().map(Recording::name).toList())));
  }

  /** Bytes of data that a recording would have room for. */
  public long freeBytes() {
    return catalogue.freeData().bytes();
  }

  // ---------------------------------------------------------------------------------------
  // recording

  /**
   * Opens a new recording. What a crash has left open is recovered first.
   *
   * @throws FormatException if anything is damaged
   * @throws IllegalArgumentException if the name is taken
   * @throws DriveFullException if nothing is free
   */
  public Recorder record(RecordingOptions options) {
    return record(options, () -> {});
  }

  /**
   * Opens a new recording, as {@link #record(RecordingOptions)} does, for a source that does not
   * wait.
   *
   * @param whenReady called when all is done that may take long: recovery, and the ring's memory.
   *     The place to open the source. If it throws, there is no recording
   */
  public Recorder record(RecordingOptions options, Runnable whenReady) {
    requireWritable(drive);
    recover();
    CatalogueEntry wanted = new NewRecording(drive, io, catalogue, layout()).entry(options);
    // One piece of memory for the ring, and the blocks by which the catalogue is told.
    long ringBytes = wanted.ring().ringBytes();
    DmaMemory memory = drive.dma().allocate(ringBytes + CATALOGUE_MEMORY);
    try {
      StreamRing ring = new StreamRing(memory, options.slotBytes(), options.slotCount());
      whenReady.run();
      CatalogueEntry open = catalogue.open(drive, wanted);
      return recorder(options, open, ring, memory.slice(ringBytes, CATALOGUE_MEMORY));
    } catch (Throwable e) {
      drive.dma().free(memory);
      throw e;
    }
  }

  private Recorder recorder(
      RecordingOptions options, CatalogueEntry open, StreamRing ring, DmaMemory block) {
    StreamWriter.Opened opened =
        new StreamWriter.Opened(
            layout(),
            block.slice(CatalogueUpdate.MEMORY_BYTES, StreamWriter.MEMORY_BYTES),
            catalogue.generation(open.number()));
    AtomicReference<CatalogueUpdate> last = new AtomicReference<>();
    StreamWriter writer =
        StreamWriter.of(
            drive,
            ring,
            open,
            opened,
            options.writer(),
            (queue, result, generation) -> {
              CatalogueEntry closed =
                  NewRecording.closed(open, result, options.writer().wallClock().getAsLong());
              last.set(
                  new CatalogueUpdate(
                      drive,
                      queue,
                      layout(),
                      block,
                      closed,
                      generation,
                      options.writer().nanoClock()));
              return last.get();
            });
    isRecording = true;
    return new Recorder(
            drive,
            open.number(),
            ring,
            writer,
            result -> {
              isRecording = false;
              if (result != null && result.closed()) {
                catalogue.update(last.get().entry(), last.get().newGeneration());
              }
            })
        .withNote(NewRecording.note(open, options.slotBytes()));
  }

  // --------------------------------------------------------------------------- check and repair

  /**
   * Recovers recordings that a crash has left open.
   *
   * @return how many there were
   * @throws FormatException if anything is damaged; nothing is written then
   */
  public int recover() {
    return newCheck().recover();
  }

  /** Whether a crash has left something behind that {@link #check} would put in order. */
  public boolean hasLeftovers() {
    return newCheck().hasLeftovers();
  }

  /**
   * Looks at everything: superblocks, catalogue, each recording's index and data, and what is free
   * of the index region, where recordings may be that the catalogue has lost. Unless something is
   * damaged, or the drive is write-protected, what a crash has left behind is put in order.
   *
   * @param verifyData whether to read all data; if not, the indexes alone are read
   */
  public CheckReport check(boolean verifyData) {
    return newCheck().check(layout(), verifyData);
  }

  /**
   * Repairs what can be: writes damaged copies of superblocks and catalogue entries anew from the
   * other copies, gives up entries that cannot be read or whose place cannot be, cuts open
   * recordings where they are damaged, and brings back recordings whose entry was lost, as far as
   * their index proves them. What is damaged in ended recordings stays as it is.
   *
   * @return a check after that, which also tells what was repaired
   * @throws FormatException if the drive is truncated
   */
  public CheckReport repair() {
    return repair(true);
  }

  /**
   * As {@link #repair()}.
   *
   * @param verifyData whether the check after that reads all data
   */
  public CheckReport repair(boolean verifyData) {
    return repair(verifyData, false);
  }

  /**
   * As {@link #repair()}, and accepts that what is damaged in ended recordings is lost: it becomes
   * gaps, of which each check tells, and is no damage any more. Nothing brings it back then.
   */
  public CheckReport repairAndAcceptLoss() {
    return repair(true, true);
  }

  private CheckReport repair(boolean verifyData, boolean acceptLoss) {
    requireNotRecording();
    requireWritable(drive);
    if (layout().driveBytes() > drive.bytes()) {
      throw new FormatException(
          "%s cannot be repaired: it has %d bytes, and its layout %d"
              .formatted(drive.name(), drive.bytes(), layout().driveBytes()));
    }
    List<Repair> done = new ArrayList<>(superblocks.repair(drive, io));
    done.addAll(catalogue.repair(drive));
    load();
    done.addAll(newCheck().dropMisplaced());
    done.addAll(newCheck().cut());
    done.addAll(newCheck().bringBack(layout()));
    if (acceptLoss) {
      done.addAll(newCheck().acceptLoss());
    }
    load();
    return check(verifyData).after(done);
  }

  /**
   * @throws IllegalArgumentException if it is write-protected
   */
  static void requireWritable(Drive drive) {
    if (drive.isWriteProtected()) {
      throw new IllegalArgumentException(drive.name() + " is write-protected: it can only be read");
    }
  }

  private void requireNotRecording() {
    if (isRecording) {
      throw new IllegalStateException("a recording is under way; end it first");
    }
  }

  private VolumeCheck newCheck() {
    requireNotRecording();
    return new VolumeCheck(drive, io, catalogue, findings(), clock);
  }

  /** Closes the drive. Recorders and readers must be closed before. */
  @Override
  public void close() {
    try {
      io.close();
    } finally {
      drive.close();
    }
  }
}
