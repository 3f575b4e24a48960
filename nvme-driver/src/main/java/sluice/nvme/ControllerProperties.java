package sluice.nvme;

import java.time.Duration;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.Registers;

/**
 * The controller's properties (NVM Express 1.4, section 3.1: registers, on PCI Express) and the
 * ways between its states: enabled, disabled, shut down. Each wait ends at the deadline the
 * controller names itself in CAP.TO.
 */
final class ControllerProperties {
  private static final int IOSQES = 6;
  private static final int IOCQES = 4;
  private static final int GONE = -1;
  private static final Duration MOMENT = Duration.ofSeconds(1);

  private final ControllerTransport transport;
  private final String address;
  private final Waiting waiting;
  private final long cap;
  private final int version;
  private final Duration readyTimeout;

  /**
   * @throws NvmeException if the controller is of a kind that this driver does not run
   */
  ControllerProperties(ControllerTransport transport, Waiting waiting) {
    this.transport = transport;
    this.address = transport.address();
    this.waiting = waiting;
    this.cap = transport.read64(Registers.CAP);
    if (cap == GONE) {
      throw new NvmeException(address + " " + transport.absence());
    }
    // There are drives that name no command set at all, and have this one.
    if (Cap.css(cap) != 0 && (Cap.css(cap) & Cap.CSS_NVM) == 0) {
      throw new NvmeException(address + " does not have the NVM command set");
    }
    this.readyTimeout = Duration.ofMillis(Cap.timeoutMillis(cap));
    this.version = known(transport.read32(Registers.VS));
  }

  long cap() {
    return cap;
  }

  int version() {
    return version;
  }

  /** How long the controller may take to become ready or to stop, as it names it itself. */
  Duration readyTimeout() {
    return readyTimeout;
  }

  /**
   * Reads CSTS. Under the controller's lock.
   *
   * @throws NvmeException if the device is gone
   */
  private int csts() {
    return known(transport.read32(Registers.CSTS));
  }

  /**
   * CSTS as it was last seen at the latest, without a wait. From any thread.
   *
   * @throws NvmeException if the device is gone
   */
  int status() {
    return known(transport.status());
  }

  private int known(int csts) {
    if (csts == GONE) {
      throw new NvmeException(address + " " + transport.absence());
    }
    return csts;
  }

  /**
   * Disables the controller, from whatever state it is in: queues are forgotten, commands are
   * dropped, and no memory is touched any more when this returns.
   */
  void disable() {
    int cc = transport.read32(Registers.CC);
    if (Cc.en(cc)) {
      // Clearing EN before the controller has become ready is not defined: section 3.1.5. One that
      // has been shut down, by us or by who had it before, may have dropped RDY, and sets it no
      // more.
      int csts = csts();
      boolean isShutDown = Csts.shst(csts) != Csts.SHST_NORMAL;
      if (!Csts.rdy(csts) && !isShutDown && !awaitReady(true)) {
        throw timeout("become ready before it is disabled");
      }
      transport.write32(Registers.CC, Cc.shn(Cc.en(cc, false), 0));
      if (isSilentWhenDisabled()) {
        boolean _ = waiting.until(() -> false, transport.silenceWhenDisabled());
      }
    }
    // A fatal status may end later than RDY, which it never let be set: it must not be taken for
    // one of the next enabling.
    if (!waiting.until(this::hasStopped, readyTimeout)) {
      throw timeout("stop");
    }
  }

  private boolean hasStopped() {
    int csts = csts();
    return !Csts.rdy(csts) && !Csts.cfs(csts);
  }

  private boolean isSilentWhenDisabled() {
    return transport.silenceWhenDisabled().isPositive();
  }

  /** Enables a disabled controller whose admin queue has been created. */
  void enable() {
    int cc = Cc.mps(0, Integer.numberOfTrailingZeros(transport.pageBytes()) - 12);
    cc = Cc.iocqes(Cc.iosqes(cc, IOSQES), IOCQES);
    transport.write32(Registers.CC, Cc.en(cc, true));
    if (!awaitReady(false)) {
      throw timeout("become ready");
    }
  }

  /** Tells the controller that power may go, and waits until it has put everything in order. */
  void shutdown(Duration timeout) {
    int cc = transport.read32(Registers.CC);
    transport.write32(Registers.CC, Cc.shn(cc, Cc.SHN_NORMAL));
    if (!waiting.until(() -> Csts.shst(csts()) == Csts.SHST_COMPLETE, timeout)) {
      throw new NvmeException(
          address + " did not finish its shutdown within " + timeout.toMillis() + " ms");
    }
  }

  /**
   * Disables a controller that has been shut down, for whoever has it next. It does nothing any
   * more, so there is no need for it to stop: it is given a moment, and left.
   */
  void disableAfterShutdown() {
    int cc = transport.read32(Registers.CC);
    transport.write32(Registers.CC, Cc.shn(Cc.en(cc, false), 0));
    if (!isSilentWhenDisabled()) {
      boolean _ = waiting.until(this::hasStopped, MOMENT);
    }
  }

  /** Waits for RDY; a fatal status ends the wait, and is an error unless it is to be disabled. */
  private boolean awaitReady(boolean fatalWillDo) {
    boolean ended =
        waiting.until(
            () -> {
              int csts = csts();
              return Csts.rdy(csts) || Csts.cfs(csts);
            },
            readyTimeout);
    if (ended && !fatalWillDo && Csts.cfs(csts())) {
      throw new NvmeException(address + " reports a fatal status (CSTS.CFS) when enabled");
    }
    return ended;
  }

  private NvmeException timeout(String what) {
    return new NvmeException(
        address
            + " did not "
            + what
            + " within "
            + readyTimeout.toMillis()
            + " ms, the time that it names itself (CAP.TO)");
  }
}
