package sluice.virtual.personality;

import java.util.List;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.support.memory.OffHeap;

/** Makes I/O commands go wrong as the personality says. Used in the drive's turns. */
public final class Faults {
  private static final int OK = 0;

  private final Fault[] faults;
  private long commands;

  public Faults(List<Fault> faults) {
    this.faults = faults.toArray(Fault[]::new);
  }

  /** One more I/O command is executed. */
  public void count() {
    commands++;
  }

  /** The status with which a command on blocks fails, or 0. */
  public int status(int opcode, long lba, long blocks) {
    for (Fault fault : faults) {
      if (fault.kind() == Fault.Kind.ERROR && hits(fault, lba, blocks) && fits(opcode, fault)) {
        return fault.status();
      }
    }
    return OK;
  }

  /** Whether this command never completes. */
  public boolean isStuck() {
    for (Fault fault : faults) {
      if (fault.kind() == Fault.Kind.STUCK && hits(fault, 0, 0)) {
        return true;
      }
    }
    return false;
  }

  /** Whether bits flip in what is read from blocks. */
  public boolean flips(long lba, long blocks) {
    for (Fault fault : faults) {
      if (fault.kind() == Fault.Kind.FLIP && hits(fault, lba, blocks)) {
        return true;
      }
    }
    return false;
  }

  /** Flips the lowest bit of the first byte of every block that is to be flipped. */
  public void flip(long lba, long blocks, int blockShift, long address) {
    for (Fault fault : faults) {
      if (fault.kind() != Fault.Kind.FLIP || !hits(fault, lba, blocks)) {
        continue;
      }
      boolean byLba = fault.where() == Fault.Where.LBA;
      long from = byLba ? Math.max(lba, fault.from()) : lba;
      long to = byLba ? Math.min(lba + blocks - 1, fault.to()) : lba;
      for (long block = from; block <= to; block++) {
        long at = address + ((block - lba) << blockShift);
        OffHeap.putByte(at, (byte) (OffHeap.getByte(at) ^ 1));
      }
    }
  }

  private boolean hits(Fault fault, long lba, long blocks) {
    return fault.where() == Fault.Where.COUNT
        ? commands >= fault.from() && commands <= fault.to()
        : fault.overlaps(lba, blocks);
  }

  /** Errors of reading do not befall writes, and the other way round. */
  private static boolean fits(int opcode, Fault fault) {
    StatusCode code = StatusCode.of(fault.status());
    boolean reads =
        opcode == IoOpcode.READ || opcode == IoOpcode.COMPARE || opcode == IoOpcode.VERIFY;
    if (code == StatusCode.UNRECOVERED_READ_ERROR) {
      return reads;
    }
    return code != StatusCode.WRITE_FAULT || !reads;
  }
}
