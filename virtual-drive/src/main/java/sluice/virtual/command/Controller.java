package sluice.virtual.command;

import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.SmartLog;
import sluice.nvme.spec.StatusCode;
import sluice.virtual.media.Media;

/**
 * A controller: one host's view of a {@link Subsystem}. It has registers, features, events, an
 * error log and queues of its own, and is enabled, disabled and shut down by itself. Used in the
 * subsystem's turns, but for the registers.
 */
public final class Controller {
  private final Subsystem subsystem;
  private final ControllerQueues queues;
  private final int id;
  private final RegisterFile registers;
  private final Features features;
  private final AsyncEvents events = new AsyncEvents();
  private final Temperature temperature;
  private final Reliability reliability;
  private final ErrorLog errorLog = new ErrorLog();
  private final AdminCommands adminCommands;
  private final HostShare share;
  private final CommandLoop loop;

  private int controlSeen;
  private int resetsSeen;
  private boolean isReady;
  private boolean isFaulted;
  private long shutdownSince;
  private boolean isShuttingDown;
  private boolean isShutDown;

  /** The flush of a shutdown; none while there is none. */
  private int shutdownSlot = CommandTable.NONE;

  /**
   * @param capabilities the register CAP
   * @param queues how its host reaches its queues
   */
  public Controller(Subsystem subsystem, long capabilities, ControllerQueues queues) {
    this.subsystem = subsystem;
    this.queues = queues;
    this.id = subsystem.add(this);
    this.registers = new RegisterFile(capabilities);
    this.features = new Features(subsystem.settings(), subsystem.personality(), subsystem.clock());
    this.temperature =
        new Temperature(subsystem.personality().temperatureKelvin(), features, events);
    this.reliability = new Reliability(subsystem, features, events);
    this.adminCommands = new AdminCommands(this);
    this.share = new HostShare(subsystem.settings().shared());
    this.loop = new CommandLoop(this);
  }

  /** Its identifier, CNTLID. */
  public int id() {
    return id;
  }

  /** What the host reads and writes from its own threads. */
  public RegisterFile registers() {
    return registers;
  }

  Subsystem subsystem() {
    return subsystem;
  }

  ControllerQueues queues() {
    return queues;
  }

  Features features() {
    return features;
  }

  Temperature temperature() {
    return temperature;
  }

  Reliability reliability() {
    return reliability;
  }

  AsyncEvents events() {
    return events;
  }

  public ErrorLog errorLog() {
    return errorLog;
  }

  AdminCommands adminCommands() {
    return adminCommands;
  }

  HostShare share() {
    return share;
  }

  CommandLoop loop() {
    return loop;
  }

  /** When it did its parts of an I/O command; taken from the first call on. */
  public CommandStamps stamps() {
    return loop.stamps();
  }

  /** After how long a silence its host is taken for gone, in milliseconds; 0 never. */
  public long keepAliveMillis() {
    return Integer.toUnsignedLong(features.keepAliveMillis());
  }

  /** What the host has said when it connected. */
  public void keepAliveMillis(int value) {
    features.keepAliveMillis(value);
  }

  /** How many I/O queues it lets its host have. */
  public int grantedQueues() {
    return features.grantedQueues();
  }

  /** Whether it is enabled, and can take commands. */
  public boolean isReady() {
    return isReady;
  }

  // ---- turns

  /** Does what the registers ask for; returns how much. */
  public int control() {
    int work = 0;
    if (registers.controlWrites() != controlSeen) {
      takeControl();
      work++;
    }
    if (isShuttingDown) {
      finishShutdown();
    }
    return work;
  }

  /** Goes on with what its host has sent or taken since; returns how much. */
  public int poll() {
    return subsystem.execution().poll(queues.data()) + adminCommands.finishDeletions();
  }

  /** Takes and begins what waits in the queues, a share of each; returns how much. */
  public int take(long now) {
    int work = isShuttingDown || isShutDown ? 0 : loop.takeCommands(now);
    if (isFaulted) {
      fail();
    }
    return work;
  }

  /** Queues that cannot be reached: it cannot go on (section 9.5). */
  public void fault() {
    isFaulted = true;
  }

  /** Takes what a queue has to tell of. */
  void trouble(HostQueue queue) {
    if (queue.takeTrouble()) {
      raiseError(AsyncEvent.ERROR_INVALID_DOORBELL_VALUE);
    }
    if (queue.isBroken()) {
      fault();
    }
  }

  boolean isFaulted() {
    return isFaulted;
  }

  private void fail() {
    isReady = false;
    abandonCommands();
    registers.fatal();
  }

  private void abandonCommands() {
    subsystem.callingOff().abandon(this);
    adminCommands.clear();
  }

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
      shutdownSince = subsystem.clock().getAsLong();
      registers.csts(Csts.shst(registers.csts(), Csts.SHST_OCCURRING));
    } else if (Cc.shn(written) == 0) {
      endShutdown();
      isShutDown = false;
      registers.csts(Csts.shst(registers.csts(), Csts.SHST_NORMAL));
    }
  }

  private void disable() {
    isReady = false;
    isFaulted = false;
    endShutdown();
    isShutDown = false;
    temperature.reset();
    reliability.reset();
    abandonCommands();
    events.clear();
    features.reset();
    queues.clear();
    registers.csts(0);
  }

  private void enable(int written) {
    boolean good =
        Cc.pageBytes(written) <= Cap.maxPageBytes(registers.cap())
            && Cc.css(written) == 0
            && Cc.ams(written) == 0;
    if (!good || !queues.createAdmin(written)) {
      registers.fatal();
      return;
    }
    isReady = true;
    registers.csts(Csts.rdy(registers.csts(), true));
  }

  /** A flush of all that was written, when the media is done with that. */
  private void finishShutdown() {
    Execution execution = subsystem.execution();
    if (shutdownSlot != CommandTable.NONE || !execution.isSettled()) {
      return;
    }
    if (subsystem.table().free() == 0) {
      return;
    }
    shutdownSlot = subsystem.table().next();
    int status = subsystem.media().flush(0, subsystem.media().size(), shutdownSlot);
    if (status == Media.LATER) {
      execution.flushing();
    } else {
      flushed(status);
    }
  }

  private void endShutdown() {
    isShuttingDown = false;
    shutdownSlot = CommandTable.NONE;
  }

  /** The flush of a shutdown has ended. */
  void flushed(int slot, int status) {
    if (isShuttingDown && slot == shutdownSlot) {
      flushed(status);
    }
  }

  private void flushed(int status) {
    endShutdown();
    isShutDown = true;
    if (status == 0) {
      registers.csts(Csts.shst(registers.csts(), Csts.SHST_COMPLETE));
    } else {
      // Complete would mean that all that was written is safe.
      isReady = false;
      registers.fatal();
    }
  }

  /** Ends the commands of a queue whose host is gone. */
  public void lost(HostQueue queue) {
    boolean _ = loop.abandon(queue);
  }

  /** Its host is gone for good: its commands are over, and the subsystem knows it no more. */
  public void close() {
    isReady = false;
    endShutdown();
    abandonCommands();
    events.clear();
    subsystem.remove(this);
  }

  // ---- what it tells

  /** An error that is not a command's. */
  void raiseError(int information) {
    errorLog.add(0xffff, 0xffff, StatusCode.INVALID_FIELD.status(), 0, 0);
    events.raise(AsyncEvent.TYPE_ERROR, information, LogPage.ERROR_INFORMATION);
  }

  /** The data of an admin command has come; returns its status. */
  int received(long entry, long data) {
    return adminCommands.received(entry, data);
  }

  void fillSmartLog(SmartLog log) {
    subsystem.statistics().fill(log, subsystem.clock().getAsLong());
    log.compositeTemperature(temperature.kelvin());
    log.errorLogEntries(errorLog.count());
    log.criticalWarning(
        (temperature.isBeyondThreshold() ? SmartLog.WARNING_TEMPERATURE : 0)
            | (subsystem.isDegraded() ? SmartLog.WARNING_RELIABILITY : 0));
  }

  /** Changes the composite temperature, in kelvin. */
  public void temperature(int kelvin) {
    temperature.set(kelvin);
    if (isReady) {
      temperature.check();
    }
  }

  /**
   * How long nothing happens unless the host does something, in nanoseconds: 0 when there is
   * something to do, {@link Long#MAX_VALUE} when nothing is under way.
   */
  public long nanosToNextEvent() {
    if (registers.controlWrites() != controlSeen) {
      return 0;
    }
    if (isShuttingDown) {
      return CommandLoop.pause(subsystem.clock().getAsLong() - shutdownSince);
    }
    return isReady ? subsystem.nanosToNextEvent(subsystem.now()) : Long.MAX_VALUE;
  }
}
