package sluice.qemu;

import sluice.support.memory.OffHeap;
import sluice.vfio.Bar;
import sluice.vfio.DmaMemory;
import sluice.vfio.PciFunction;

/**
 * The least of a driver: one admin queue of 16 entries, one command at a time. By the numbers of
 * NVM Express 1.4 and not by the project's own driver, so that the rig is tested by itself.
 */
final class HandDriver {
  static final int CAP = 0x00;
  static final int VS = 0x08;
  static final int CC = 0x14;
  static final int CSTS = 0x1c;
  static final int AQA = 0x24;
  static final int ASQ = 0x28;
  static final int ACQ = 0x30;

  private static final int ENTRIES = 16;
  private static final int SUBMISSION_DOORBELL = 0x1000;
  private static final int COMPLETION_DOORBELL = 0x1004;
  private static final long DEADLINE_NANOS = 20_000_000_000L;

  private final Bar registers;
  private final DmaMemory submissions;
  private final DmaMemory completions;
  private int count;

  HandDriver(PciFunction function) {
    registers = function.bar(0);
    function.config().enableBusMaster();
    submissions = function.dma().allocate(ENTRIES * 64);
    completions = function.dma().allocate(ENTRIES * 16);
  }

  /** From whatever state the controller is in to one that takes commands. */
  void enable() {
    registers.write32(CC, 0);
    awaitReady(0);
    registers.write32(AQA, (ENTRIES - 1) << 16 | (ENTRIES - 1));
    registers.write64(ASQ, submissions.iova());
    registers.write64(ACQ, completions.iova());
    // IOCQES 4, IOSQES 6, pages of 4 KiB, the NVM command set, EN.
    registers.write32(CC, 0x00460001);
    awaitReady(1);
  }

  private void awaitReady(int ready) {
    long start = System.nanoTime();
    while ((registers.read32(CSTS) & 1) != ready) {
      if (System.nanoTime() - start > DEADLINE_NANOS) {
        throw new AssertionError("CSTS.RDY does not become " + ready);
      }
    }
  }

  /**
   * @return the completion's status field: 0 for success
   */
  int identify(int cns, int nsid, DmaMemory page) {
    return submit(0x06, nsid, page.iova(), cns);
  }

  /** Writes one command, rings, waits for its completion, checks it, and gives its slot back. */
  int submit(int opcode, int nsid, long prp1, int dword10) {
    int slot = count % ENTRIES;
    int phase = count / ENTRIES % 2 == 0 ? 1 : 0;
    int id = 0x4000 + count;
    count++;
    long entry = submissions.address() + slot * 64L;
    OffHeap.zero(entry, 64);
    OffHeap.putInt(entry, id << 16 | opcode);
    OffHeap.putInt(entry + 4, nsid);
    OffHeap.putLong(entry + 24, prp1);
    OffHeap.putInt(entry + 40, dword10);
    registers.write32(SUBMISSION_DOORBELL, (slot + 1) % ENTRIES);

    long completion = completions.address() + slot * 16L;
    long start = System.nanoTime();
    int last = OffHeap.getIntAcquire(completion + 12);
    while ((last >>> 16 & 1) != phase) {
      if (System.nanoTime() - start > DEADLINE_NANOS) {
        throw new AssertionError("no completion");
      }
      Thread.onSpinWait();
      last = OffHeap.getIntAcquire(completion + 12);
    }
    if ((last & 0xffff) != id) {
      throw new AssertionError("a completion of command " + (last & 0xffff) + ", not of " + id);
    }
    registers.write32(COMPLETION_DOORBELL, (slot + 1) % ENTRIES);
    return last >>> 17;
  }
}
