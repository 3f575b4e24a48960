package sluice.virtual.command;

import java.util.concurrent.atomic.AtomicInteger;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.Registers;
import sluice.nvme.spec.Version;

/**
 * The registers below the doorbells (NVMe 1.4, section 3.1), between the host's threads and the
 * drive's turns.
 *
 * <p>The host's writes are kept, and counted; the drive takes them over at its next turn, with
 * {@link #controlWrites} as its cheap question whether there is any. That CC.EN went to 0 is kept
 * too, so that a host that sets it again at once has still reset the drive. CSTS goes the other
 * way.
 */
public final class RegisterFile {
  private static final int CC_MASK = 0x00fffff1;
  private static final int AQA_MASK = 0x0fff0fff;
  private static final long QUEUE_ADDRESS_MASK = ~4095L;

  private final long cap;
  private int cc;
  private int aqa;
  private long asq;
  private long acq;
  private int interruptMask;
  private int resets;
  private final AtomicInteger controlWrites = new AtomicInteger();
  private volatile int csts;
  private volatile boolean gone;

  RegisterFile(long cap) {
    this.cap = cap;
  }

  /** The host reads 32 bits; what is reserved or write-only reads as zeros. */
  public int read32(long offset) {
    if (gone) {
      return -1;
    }
    if (offset == Registers.CSTS) {
      return csts;
    }
    synchronized (this) {
      return switch ((int) offset) {
        case Registers.CAP -> (int) cap;
        case Registers.CAP + 4 -> (int) (cap >>> 32);
        case Registers.VS -> Version.V1_4;
        case Registers.INTMS, Registers.INTMC -> interruptMask;
        case Registers.CC -> cc;
        case Registers.AQA -> aqa;
        case Registers.ASQ -> (int) asq;
        case Registers.ASQ + 4 -> (int) (asq >>> 32);
        case Registers.ACQ -> (int) acq;
        case Registers.ACQ + 4 -> (int) (acq >>> 32);
        default -> 0;
      };
    }
  }

  /** The host writes 32 bits; writes to what is read-only or reserved are ignored. */
  public synchronized void write32(long offset, int value) {
    switch ((int) offset) {
      case Registers.INTMS -> interruptMask |= value;
      case Registers.INTMC -> interruptMask &= ~value;
      case Registers.CC -> writeCc(value & CC_MASK);
      case Registers.AQA -> aqa = value & AQA_MASK;
      case Registers.ASQ -> asq = low(asq, value) & QUEUE_ADDRESS_MASK;
      case Registers.ASQ + 4 -> asq = high(asq, value);
      case Registers.ACQ -> acq = low(acq, value) & QUEUE_ADDRESS_MASK;
      case Registers.ACQ + 4 -> acq = high(acq, value);
      default -> {}
    }
  }

  private void writeCc(int value) {
    if (Cc.en(cc) && !Cc.en(value)) {
      resets++;
    }
    cc = value;
    controlWrites.incrementAndGet();
  }

  /** Changes with every write that the drive has to act on. */
  int controlWrites() {
    return controlWrites.get();
  }

  /** How often CC.EN went from 1 to 0. */
  synchronized int resets() {
    return resets;
  }

  public synchronized int cc() {
    return cc;
  }

  public synchronized int aqa() {
    return aqa;
  }

  public synchronized long asq() {
    return asq;
  }

  public synchronized long acq() {
    return acq;
  }

  public long cap() {
    return cap;
  }

  public int csts() {
    return csts;
  }

  /** The drive tells its status. What it did before is seen before. */
  void csts(int value) {
    csts = value;
  }

  void fatal() {
    csts = Csts.cfs(csts, true);
  }

  /** As after power-on. */
  public synchronized void clear() {
    cc = 0;
    aqa = 0;
    asq = 0;
    acq = 0;
    interruptMask = 0;
    csts = 0;
    resets++;
    controlWrites.incrementAndGet();
  }

  /** From now on everything reads as ones. */
  public void gone() {
    gone = true;
  }

  public boolean isGone() {
    return gone;
  }

  private static long low(long register, int value) {
    return (register & 0xffffffff_00000000L) | Integer.toUnsignedLong(value);
  }

  private static long high(long register, int value) {
    return (register & 0xffffffffL) | ((long) value << 32);
  }
}
