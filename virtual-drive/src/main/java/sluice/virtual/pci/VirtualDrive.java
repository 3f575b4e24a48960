package sluice.virtual.pci;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import sluice.support.agent.Agent;
import sluice.vfio.DeviceStamps;
import sluice.virtual.array.CacheMedia;
import sluice.virtual.array.CacheStatistics;
import sluice.virtual.command.Controller;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.command.RegisterFile;
import sluice.virtual.command.Subsystem;
import sluice.virtual.media.Backend;
import sluice.virtual.media.DriveIdentity;
import sluice.virtual.media.FileBackend;
import sluice.virtual.media.FileMedia;
import sluice.virtual.media.Media;
import sluice.virtual.media.SyncMedia;
import sluice.virtual.media.VolatileCache;
import sluice.virtual.personality.Personality;

/**
 * An NVMe 1.4 controller in software: what is behind the registers, the doorbells and the queues.
 *
 * <p>It moves in turns, {@link #doWork}, on whatever thread takes one; a turn that another thread
 * is in the middle of is not waited for. Everything but the registers belongs to the turn.
 */
public final class VirtualDrive implements Agent {
  private static final int SPINS = 100;

  private final Subsystem subsystem;
  private final Controller controller;

  private final Media media;

  /** What the media is made of; null where that is none of those. */
  private final Backend backend;

  private final VirtualIommu iommu = new VirtualIommu(this::quiesce);
  private final Doorbells doorbells;
  private final QueueTable queues;
  private final AtomicBoolean inTurn = new AtomicBoolean();
  private final Absences absences;
  private boolean isOff;
  private boolean isClosed;

  /**
   * Makes a drive that is off; a host enables it through its registers.
   *
   * @param backend where the bytes are; the drive closes it
   * @param clock nanoseconds, as {@link System#nanoTime}
   * @throws IllegalArgumentException if the backend is too small for its namespaces
   */
  public VirtualDrive(
      DriveSettings settings, Personality personality, Backend backend, LongSupplier clock) {
    this(settings, personality, new SyncMedia(backend), backend, clock);
  }

  /** The same on media that may take its time. */
  public VirtualDrive(
      DriveSettings settings, Personality personality, Media media, LongSupplier clock) {
    this(settings, personality, media, media instanceof FileMedia f ? f.file() : null, clock);
  }

  /**
   * The same on media that is made of a backend in some way.
   *
   * @param backend what the drive's owner may ask about; null if that is nothing
   */
  public VirtualDrive(
      DriveSettings settings,
      Personality personality,
      Media media,
      Backend backend,
      LongSupplier clock) {
    this.media = media;
    this.backend = backend;
    this.subsystem = new Subsystem(settings, personality, media, clock);
    this.doorbells = new Doorbells(settings.ioQueues() + 1, settings.dstrd());
    this.queues = new QueueTable(settings, iommu, doorbells);
    this.controller = new Controller(subsystem, settings.capabilities(), queues);
    this.absences = new Absences(clock);
    queues.attach(controller, new PrpData(iommu, settings.maxTransfer()));
  }

  @Override
  public String name() {
    return "drive-" + identity().serial();
  }

  /** What a host knows it by. */
  public DriveIdentity identity() {
    return subsystem.identity();
  }

  Controller controller() {
    return controller;
  }

  RegisterFile registers() {
    return controller.registers();
  }

  VirtualIommu iommu() {
    return iommu;
  }

  Doorbells doorbells() {
    return doorbells;
  }

  /** Takes a turn, unless another thread is in one. */
  @Override
  public int doWork() {
    if (!inTurn.compareAndSet(false, true)) {
      absences.missed();
      return 0;
    }
    try {
      absences.taken();
      return isOff ? 0 : turn();
    } finally {
      leave();
    }
  }

  /** Returns when no turn that began before is still going on. */
  private void quiesce() {
    enter();
    leave();
  }

  private void enter() {
    for (int tries = 0; !inTurn.compareAndSet(false, true); tries++) {
      if (tries < SPINS) {
        Thread.onSpinWait();
      } else {
        // The turn's thread may need this processor to get on.
        Thread.yield();
      }
    }
  }

  private void leave() {
    inTurn.setRelease(false);
  }

  private int turn() {
    int work = controller.control();
    long now = subsystem.now();
    if (subsystem.isPaused(now)) {
      return work;
    }
    if (!subsystem.isIdle()) {
      work += controller.poll() + subsystem.poll(now);
    }
    if (controller.isReady()) {
      work += controller.take(now);
      queues.raise();
    }
    return work;
  }

  /** For how long it could not run. */
  Absences absences() {
    return absences;
  }

  /** When it did its parts of an I/O command; taken from the first call on. */
  DeviceStamps stamps() {
    return controller.stamps();
  }

  // ---- for its owner

  /**
   * How long nothing happens unless the host does something, in nanoseconds: 0 when there is
   * something to do, {@link Long#MAX_VALUE} when nothing is under way. Between turns.
   */
  public long nanosToNextEvent() {
    return controller.nanosToNextEvent();
  }

  /** Whether the host has to write a register before anything else can happen. Between turns. */
  public boolean isDisabled() {
    return !controller.isReady() && nanosToNextEvent() == Long.MAX_VALUE;
  }

  /** Other memory for the doorbells of a drive that was reset. */
  void renewDoorbells() {
    enter();
    try {
      doorbells.renew();
    } finally {
      leave();
    }
  }

  /** How many interrupt vectors it can raise, the admin queue's included. */
  int vectors() {
    return subsystem.settings().vectors();
  }

  /**
   * Sends interrupts to where the host waits for them; from any thread. On return those of before
   * are not used any more.
   *
   * @param sink null for a host that polls
   */
  public void interrupts(InterruptSink sink) {
    enter();
    queues.raisedVectors().sink(sink);
    leave();
  }

  /** Changes the composite temperature, in kelvin. From any thread. */
  public void temperature(int kelvin) {
    enter();
    try {
      controller.temperature(kelvin);
    } finally {
      leave();
    }
  }

  /** A reset of the function: registers as after power-on, all commands and queues forgotten. */
  void reset() {
    enter();
    try {
      if (!isOff) {
        controller.registers().clear();
        int _ = controller.control();
      }
    } finally {
      leave();
    }
  }

  /**
   * Cuts the power: the drive is gone, and of what was written and not flushed only a random part
   * has landed. From any thread.
   *
   * @param seed of what lands
   * @return the media with the bytes that survived, now the caller's, for another drive
   * @throws IllegalStateException if the drive was not made with a {@link VolatileCache}
   */
  public Backend cutPower(long seed) {
    if (!(backend instanceof VolatileCache cache)) {
      throw new IllegalStateException("only a drive with a VolatileCache loses what is in it");
    }
    enter();
    try {
      isOff = true;
      controller.registers().gone();
      queues.raisedVectors().raiseAll();
      return cache.cut(seed);
    } finally {
      leave();
    }
  }

  /**
   * Says that a file that was made for the drive is to stay, which closing removes until then: one
   * that was made for something that failed would be in the next one's way. Before it is closed.
   */
  public void keep() {
    if (backend instanceof FileBackend file) {
      file.keep();
    }
  }

  /**
   * Whether the file that it is may find no room in its file system.
   *
   * @return one line of what is so; empty if it finds room, or there is no file
   */
  public String shortage() {
    return backend instanceof FileBackend file ? file.shortage() : "";
  }

  /** What its cache has done; empty for a drive without one. From any thread. */
  public Optional<CacheStatistics> cache() {
    return media instanceof CacheMedia cache ? Optional.of(cache.statistics()) : Optional.empty();
  }

  /** Stops for good, makes durable what was written, and frees all but what the host mapped. */
  @Override
  public void close() {
    enter();
    try {
      if (isClosed) {
        return;
      }
      isClosed = true;
      isOff = true;
      controller.registers().gone();
      try {
        subsystem.close();
      } finally {
        doorbells.free();
      }
    } finally {
      leave();
    }
  }
}
