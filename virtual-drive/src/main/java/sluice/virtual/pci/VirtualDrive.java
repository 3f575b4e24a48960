package sluice.virtual.pci;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import sluice.nvme.spec.Aqa;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.SmartLog;
import sluice.support.agent.Agent;
import sluice.vfio.DeviceStamps;
import sluice.virtual.command.AsyncEvents;
import sluice.virtual.command.CommandLoop;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.command.DriveStatistics;
import sluice.virtual.command.ErrorLog;
import sluice.virtual.command.Features;
import sluice.virtual.command.IdentifyPages;
import sluice.virtual.command.Reliability;
import sluice.virtual.command.Temperature;
import sluice.virtual.command.VirtualNamespace;
import sluice.virtual.media.Backend;
import sluice.virtual.media.DriveIdentity;
import sluice.virtual.media.FileBackend;
import sluice.virtual.media.VolatileCache;
import sluice.virtual.personality.Faults;
import sluice.virtual.personality.Personality;
import sluice.virtual.personality.Timing;

/**
 * An NVMe 1.4 controller in software: what is behind the registers, the doorbells and the queues.
 *
 * <p>It moves in turns, {@link #doWork}, on whatever thread takes one; a turn that another thread
 * is in the middle of is not waited for. Everything but the registers belongs to the turn.
 */
public final class VirtualDrive implements Agent {
  private static final int SPINS = 100;

  private final DriveSettings settings;
  private final Backend backend;
  private final LongSupplier clock;
  private final VirtualNamespace[] namespaces;
  private final RegisterFile registers;
  private final VirtualIommu iommu = new VirtualIommu(this::quiesce);
  private final Doorbells doorbells;
  private final QueueTable queues;
  private final Features features;
  private final AsyncEvents events = new AsyncEvents();
  private final Temperature temperature;
  private final Reliability reliability;
  private final ErrorLog errorLog = new ErrorLog();
  private final IdentifyPages identifyPages;
  private final DriveStatistics statistics;
  private final CommandLoop loop;
  private final boolean isTimed;
  private final AtomicBoolean inTurn = new AtomicBoolean();

  private int controlSeen;
  private int resetsSeen;
  private int cc;
  private boolean isReady;
  private long shutdownTicket;
  private long shutdownSince;
  private boolean isShuttingDown;
  private boolean isShutDown;
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
    this.settings = settings;
    this.backend = backend;
    this.clock = clock;
    this.namespaces = VirtualNamespace.split(settings, backend.size());
    this.registers = new RegisterFile(settings.capabilities());
    this.doorbells = new Doorbells(settings.ioQueues() + 1, settings.dstrd());
    this.queues = new QueueTable(settings, iommu, doorbells);
    this.features = new Features(settings, personality, clock);
    this.identifyPages = new IdentifyPages(settings, personality, namespaces);
    this.statistics = new DriveStatistics(clock.getAsLong());
    this.isTimed = personality.isTimed();
    this.temperature = new Temperature(personality.temperatureKelvin(), features, events);
    this.reliability = new Reliability(features, events);
    Timing timing = isTimed ? new Timing(personality, clock.getAsLong()) : null;
    Faults faults = new Faults(personality.faults());
    this.loop = new CommandLoop(this, backend, faults, statistics, timing, clock);
  }

  @Override
  public String name() {
    return "drive-" + settings.identity().serial();
  }

  /** What a host knows it by. */
  public DriveIdentity identity() {
    return settings.identity();
  }

  public DriveSettings settings() {
    return settings;
  }

  RegisterFile registers() {
    return registers;
  }

  public VirtualIommu iommu() {
    return iommu;
  }

  public Doorbells doorbells() {
    return doorbells;
  }

  public QueueTable queues() {
    return queues;
  }

  public Features features() {
    return features;
  }

  public Temperature temperature() {
    return temperature;
  }

  public Reliability reliability() {
    return reliability;
  }

  public AsyncEvents events() {
    return events;
  }

  public ErrorLog errorLog() {
    return errorLog;
  }

  public IdentifyPages identifyPages() {
    return identifyPages;
  }

  public int pageSize() {
    return Cc.pageBytes(cc);
  }

  public int ioSubmissionEntryShift() {
    return Cc.iosqes(registers.cc());
  }

  public int ioCompletionEntryShift() {
    return Cc.iocqes(registers.cc());
  }

  /**
   * @return null if there is none of that identifier
   */
  public VirtualNamespace namespace(int nsid) {
    return nsid >= 1 && nsid <= namespaces.length ? namespaces[nsid - 1] : null;
  }

  /** Takes a turn, unless another thread is in one. */
  @Override
  public int doWork() {
    if (!inTurn.compareAndSet(false, true)) {
      return 0;
    }
    try {
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
    int work = 0;
    if (registers.controlWrites() != controlSeen) {
      takeControl();
      work++;
    }
    if (isShuttingDown) {
      finishShutdown();
    }
    if (!isReady) {
      return work;
    }
    long now = isTimed ? clock.getAsLong() : 0;
    if (loop.isPaused(now)) {
      return work;
    }
    work += loop.completePending(now);
    if (!isShuttingDown && !isShutDown) {
      work += loop.takeCommands(now);
    }
    if (!queues.raisedVectors().isEmpty()) {
      queues.raisedVectors().raise();
    }
    if (loop.isFaulted()) {
      // Queues that cannot be reached: the controller cannot go on (section 9.5).
      isReady = false;
      registers.fatal();
    }
    return work;
  }

  /** When it did its parts of an I/O command; taken from the first call on. */
  DeviceStamps stamps() {
    return loop.stamps();
  }

  // ---- control

  private void takeControl() {
    controlSeen = registers.controlWrites();
    int resets = registers.resets();
    if (resets != resetsSeen) {
      resetsSeen = resets;
      disable();
    }
    int written = registers.cc();
    if (Cc.en(written) && !isReady && !Csts.cfs(registers.csts())) {
      enable(written);
    }
    if (Cc.shn(written) != 0 && !isShuttingDown && !isShutDown) {
      isShuttingDown = true;
      shutdownSince = clock.getAsLong();
      shutdownTicket = backend.requestFlush(0, backend.size());
      registers.csts(Csts.shst(registers.csts(), Csts.SHST_OCCURRING));
    } else if (Cc.shn(written) == 0) {
      isShuttingDown = false;
      isShutDown = false;
      registers.csts(Csts.shst(registers.csts(), Csts.SHST_NORMAL));
    }
  }

  private void disable() {
    isReady = false;
    isShuttingDown = false;
    isShutDown = false;
    temperature.reset();
    reliability.reset();
    loop.clear();
    events.clear();
    features.reset();
    queues.clear();
    registers.csts(0);
  }

  private void enable(int written) {
    int aqa = registers.aqa();
    long asq = registers.asq();
    long acq = registers.acq();
    int pageSize = Cc.pageBytes(written);
    boolean good =
        pageSize <= Cap.maxPageBytes(registers.cap())
            && Cc.css(written) == 0
            && Cc.ams(written) == 0
            && asq != 0
            && acq != 0
            && ((asq | acq) & (pageSize - 1)) == 0
            && Aqa.asqs(aqa) > 0
            && Aqa.acqs(aqa) > 0;
    if (!good) {
      registers.fatal();
      return;
    }
    cc = written;
    loop.start(pageSize);
    queues.createAdmin(asq, Aqa.asqs(aqa) + 1, acq, Aqa.acqs(aqa) + 1);
    isReady = true;
    registers.csts(Csts.rdy(registers.csts(), true));
  }

  private void finishShutdown() {
    if (backend.flushed() < shutdownTicket) {
      return;
    }
    isShuttingDown = false;
    isShutDown = true;
    if (backend.flushFailure() == null) {
      registers.csts(Csts.shst(registers.csts(), Csts.SHST_COMPLETE));
    } else {
      // Complete would mean that all that was written is safe.
      isReady = false;
      registers.fatal();
    }
  }

  public void fillSmartLog(SmartLog log) {
    statistics.fill(log, clock.getAsLong());
    log.compositeTemperature(temperature.kelvin());
    log.errorLogEntries(errorLog.count());
    log.criticalWarning(
        (temperature.isBeyondThreshold() ? SmartLog.WARNING_TEMPERATURE : 0)
            | (reliability.isDegraded() ? SmartLog.WARNING_RELIABILITY : 0));
  }

  // ---- for its owner

  /**
   * How long nothing happens unless the host does something, in nanoseconds: 0 when there is
   * something to do, {@link Long#MAX_VALUE} when nothing is under way. Between turns.
   */
  public long nanosToNextEvent() {
    if (registers.controlWrites() != controlSeen) {
      return 0;
    }
    if (isShuttingDown) {
      return CommandLoop.flushPause(clock.getAsLong() - shutdownSince);
    }
    return isReady ? loop.nanosToNextEvent(isTimed ? clock.getAsLong() : 0) : Long.MAX_VALUE;
  }

  /** Whether the host has to write a register before anything else can happen. Between turns. */
  public boolean isDisabled() {
    return !isReady && nanosToNextEvent() == Long.MAX_VALUE;
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
    return settings.vectors();
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
      temperature.set(kelvin);
      if (isReady) {
        temperature.check();
      }
    } finally {
      leave();
    }
  }

  /** A reset of the function: registers as after power-on, all commands and queues forgotten. */
  void reset() {
    enter();
    try {
      if (!isOff) {
        registers.clear();
        takeControl();
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
      registers.gone();
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
      registers.gone();
      try {
        backend.close();
      } finally {
        doorbells.free();
      }
    } finally {
      leave();
    }
  }
}
