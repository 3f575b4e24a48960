package sluice.virtual.command;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import sluice.nvme.spec.StatusCode;
import sluice.nvme.spec.StatusType;
import sluice.virtual.media.DriveIdentity;
import sluice.virtual.media.Media;
import sluice.virtual.personality.Faults;
import sluice.virtual.personality.Personality;
import sluice.virtual.personality.Timing;

/**
 * An NVM subsystem: its name and serial number, its namespaces and the media that they are on, its
 * health, its speed and its faults. {@link Controller}s are how hosts see it. Used in turns, one at
 * a time, by all of its controllers.
 */
public final class Subsystem implements AutoCloseable {
  /** Commands that can be out, of all of its controllers. */
  public static final int COMMANDS = 8192;

  /** Those above mean something else to a Connect. */
  private static final int MAX_CONTROLLER_ID = 0xffef;

  private final DriveSettings settings;
  private final Personality personality;
  private final Media media;
  private final LongSupplier clock;
  private final VirtualNamespace[] namespaces;
  private final int blockShift;
  private final DriveStatistics statistics;
  private final Faults faults;
  private final boolean isTimed;

  /** Null for a drive whose commands complete at once. */
  private final Timing timing;

  private final CommandTable table = new CommandTable(COMMANDS);
  private final Execution execution;
  private final CallingOff callingOff;
  private final IoCommands ioCommands;
  private final List<Controller> controllers = new ArrayList<>();
  private int nextId;
  private boolean isDegraded;

  /**
   * @param media where the bytes are, closed with this
   * @param clock nanoseconds, as {@link System#nanoTime}
   * @throws IllegalArgumentException if the media is too small for its namespaces
   */
  public Subsystem(
      DriveSettings settings, Personality personality, Media media, LongSupplier clock) {
    this.settings = settings;
    this.nextId = settings.identity().controllerId();
    this.personality = personality;
    this.media = media;
    this.clock = clock;
    this.namespaces = VirtualNamespace.split(settings, media.size());
    this.blockShift = Integer.numberOfTrailingZeros(settings.blockBytes());
    this.statistics = new DriveStatistics(clock.getAsLong());
    this.faults = new Faults(personality.faults());
    this.isTimed = personality.isTimed();
    this.timing = isTimed ? new Timing(personality, clock.getAsLong()) : null;
    this.execution = new Execution(this, table);
    this.callingOff = new CallingOff(table, execution);
    this.ioCommands = new IoCommands(this, execution.media());
  }

  public DriveSettings settings() {
    return settings;
  }

  public DriveIdentity identity() {
    return settings.identity();
  }

  public LongSupplier clock() {
    return clock;
  }

  /** The time of a turn; 0 where nothing takes any. */
  public long now() {
    return isTimed ? clock.getAsLong() : 0;
  }

  /** Whether the drive makes a pause: no command completes. */
  public boolean isPaused(long now) {
    return timing != null && timing.isPaused(now);
  }

  /** Whether all commands that were taken have been answered: there is nothing to go on with. */
  public boolean isIdle() {
    return table.isEmpty();
  }

  /** Goes on with what was taken before; returns how much. */
  public int poll(long now) {
    return execution.poll(now);
  }

  /** How long no command that was taken gets on by itself, but for its host. */
  long nanosToNextEvent(long now) {
    return isIdle() ? CommandTable.NEVER : execution.nanosToNextEvent(now);
  }

  /**
   * One more controller.
   *
   * @return its identifier, which no other has, and which none had lately
   */
  int add(Controller controller) {
    int id = nextId;
    while (id > MAX_CONTROLLER_ID || isController(id)) {
      id = id >= MAX_CONTROLLER_ID ? 0 : id + 1;
    }
    nextId = id + 1;
    int at = 0;
    while (at < controllers.size() && controllers.get(at).id() < id) {
      at++;
    }
    controllers.add(at, controller);
    return id;
  }

  private boolean isController(int id) {
    for (int i = 0; i < controllers.size(); i++) {
      if (controllers.get(i).id() == id) {
        return true;
      }
    }
    return false;
  }

  /** A controller whose host is gone. */
  void remove(Controller controller) {
    controllers.remove(controller);
  }

  public List<Controller> controllers() {
    return controllers;
  }

  Personality personality() {
    return personality;
  }

  Media media() {
    return media;
  }

  VirtualNamespace[] namespaces() {
    return namespaces;
  }

  /**
   * @return null if there is none of that identifier
   */
  VirtualNamespace namespace(int nsid) {
    return nsid >= 1 && nsid <= namespaces.length ? namespaces[nsid - 1] : null;
  }

  /** The logical block size as a power of two. */
  int blockShift() {
    return blockShift;
  }

  DriveStatistics statistics() {
    return statistics;
  }

  Faults faults() {
    return faults;
  }

  Timing timing() {
    return timing;
  }

  CommandTable table() {
    return table;
  }

  CallingOff callingOff() {
    return callingOff;
  }

  Execution execution() {
    return execution;
  }

  IoCommands ioCommands() {
    return ioCommands;
  }

  // ---- health

  /** Whether what it was given may not be safe with it any more (section 5.14.1.2). */
  boolean isDegraded() {
    return isDegraded;
  }

  /** The media failed a command; returns the status, as given. */
  int mediaStatus(int status) {
    StatusCode code = StatusCode.of(status);
    if (code != null && code.type() == StatusType.MEDIA) {
      statistics.mediaErrors++;
    }
    return status;
  }

  /** A flush failed: what was written before may not be on the media. It stays so. */
  void flushFailed(int status) {
    if (!isDegraded && StatusCode.of(status) != StatusCode.CAPACITY_EXCEEDED) {
      statistics.mediaErrors++;
    }
    isDegraded = true;
    for (int i = 0; i < controllers.size(); i++) {
      controllers.get(i).reliability().check();
    }
  }

  /** A flush has ended that was no command's. */
  void flushed(int slot, int status) {
    for (int i = 0; i < controllers.size(); i++) {
      controllers.get(i).flushed(slot, status);
    }
  }

  /** Ends what is under way, makes durable what was written, and gives the media up. */
  @Override
  public void close() {
    media.close();
  }
}
