package sluice.nvme;

import java.time.Duration;
import sluice.nvme.spec.Aqa;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.Registers;
import sluice.vfio.Bar;
import sluice.vfio.PciFunction;

/**
 * The controller's registers (NVM Express 1.4, section 3.1) and the ways between its states:
 * enabled, disabled, shut down. Each wait ends at the deadline the controller names itself in
 * CAP.TO.
 */
final class ControllerRegisters {
  private static final int IOSQES = 6;
  private static final int IOCQES = 4;
  private static final int GONE = -1;
  private static final Duration MOMENT = Duration.ofSeconds(1);
  private static final int DEFAULT_PAGE_BYTES = 4096;

  /** What the specification asks of every controller at the least. */
  private static final int MIN_QUEUE_ENTRIES = 2;

  private final PciFunction function;
  private final String address;
  private final Bar bar;
  private final Waiting waiting;
  private final Quirks quirks;
  private final long cap;
  private final int version;
  private final int pageBytes;
  private final Duration readyTimeout;

  /**
   * @throws NvmeException if the device does not answer, or is of a kind that this driver does not
   *     run
   */
  ControllerRegisters(PciFunction function, Waiting waiting, Quirks quirks) {
    this.function = function;
    this.quirks = quirks;
    this.address = function.address();
    this.bar = function.bar(0);
    this.waiting = waiting;
    this.cap = bar.read64(Registers.CAP);
    if (cap == GONE) {
      throw new NvmeException(address + " does not answer: its registers read all ones");
    }
    // There are drives that name no command set at all, and have this one.
    if (Cap.css(cap) != 0 && (Cap.css(cap) & Cap.CSS_NVM) == 0) {
      throw new NvmeException(address + " does not have the NVM command set");
    }
    this.pageBytes = Math.max(DEFAULT_PAGE_BYTES, Cap.minPageBytes(cap));
    if (pageBytes > Cap.maxPageBytes(cap)) {
      throw new NvmeException(
          address + " takes pages of " + Cap.maxPageBytes(cap) + " bytes at most, 4096 are needed");
    }
    if (maxQueues() == 0) {
      throw new NvmeException(
          "%s says that its doorbells are %d bytes apart, and has registers of %d bytes"
              .formatted(address, Integer.BYTES << Cap.dstrd(cap), bar.size()));
    }
    this.readyTimeout = Duration.ofMillis(Cap.timeoutMillis(cap));
    this.version = bar.read32(Registers.VS);
  }

  long cap() {
    return cap;
  }

  int version() {
    return version;
  }

  /** Pairs of queues, the admin queue's among them, whose doorbells lie in the BAR. */
  int maxQueues() {
    return (int) ((bar.size() - Registers.DOORBELLS) / ((2L * Integer.BYTES) << Cap.dstrd(cap)));
  }

  /** CC.MPS in bytes: 4096, or what the device needs at least. */
  int pageBytes() {
    return pageBytes;
  }

  /** Entries that a queue can have at the most. */
  int maxQueueEntries() {
    int entries = Cap.mqes(cap) + 1;
    return entries < MIN_QUEUE_ENTRIES ? quirks.entriesWhenNoneAreNamed() : entries;
  }

  /** How long the controller may take to become ready or to stop, as it names it itself. */
  Duration readyTimeout() {
    return readyTimeout;
  }

  /**
   * Reads CSTS.
   *
   * @throws NvmeException if the device is gone
   */
  int csts() {
    int csts = bar.read32(Registers.CSTS);
    if (csts == GONE) {
      throw new NvmeException(address + " " + function.absence());
    }
    return csts;
  }

  /**
   * Disables the controller, from whatever state it is in: queues are forgotten, commands are
   * dropped, and no memory is touched any more when this returns.
   */
  void disable() {
    int cc = bar.read32(Registers.CC);
    if (Cc.en(cc)) {
      // Clearing EN before the controller has become ready is not defined: section 3.1.5. One that
      // has been shut down, by us or by who had it before, may have dropped RDY, and sets it no
      // more.
      int csts = csts();
      boolean isShutDown = Csts.shst(csts) != Csts.SHST_NORMAL;
      if (!Csts.rdy(csts) && !isShutDown && !awaitReady(true)) {
        throw timeout("become ready before it is disabled");
      }
      bar.write32(Registers.CC, Cc.shn(Cc.en(cc, false), 0));
      if (quirks.isSilentWhenDisabled()) {
        boolean _ = waiting.until(() -> false, Quirks.SILENCE);
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

  /** Enables a disabled controller with its admin queue, which is empty. */
  void enable(AdminQueue admin) {
    bar.write32(Registers.AQA, Aqa.of(AdminQueue.ENTRIES, AdminQueue.ENTRIES));
    bar.write64(Registers.ASQ, admin.submissionIova());
    bar.write64(Registers.ACQ, admin.completionIova());
    int cc = Cc.mps(0, Integer.numberOfTrailingZeros(pageBytes) - 12);
    cc = Cc.iocqes(Cc.iosqes(cc, IOSQES), IOCQES);
    bar.write32(Registers.CC, Cc.en(cc, true));
    if (!awaitReady(false)) {
      throw timeout("become ready");
    }
  }

  /** Tells the controller that power may go, and waits until it has put everything in order. */
  void shutdown(Duration timeout) {
    int cc = bar.read32(Registers.CC);
    bar.write32(Registers.CC, Cc.shn(cc, Cc.SHN_NORMAL));
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
    int cc = bar.read32(Registers.CC);
    bar.write32(Registers.CC, Cc.shn(Cc.en(cc, false), 0));
    if (!quirks.isSilentWhenDisabled()) {
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
