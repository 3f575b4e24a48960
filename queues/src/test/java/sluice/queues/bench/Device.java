package sluice.queues.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import sluice.queues.Doorbell;
import sluice.vfio.Bar;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;

/** Memory and a mapped doorbell, with nobody behind them. */
final class Device implements Bar, DmaSpace {
  private static final long REGISTERS = 0x2000;

  private final MemorySegment registers = Arena.global().allocate(REGISTERS, 4096);
  private long nextIova = 0x10_0000;

  Doorbell submissionDoorbell() {
    return Doorbell.ofSubmissionQueue(this, 1, 0);
  }

  Doorbell completionDoorbell() {
    return Doorbell.ofCompletionQueue(this, 1, 0);
  }

  @Override
  public DmaMemory allocate(long size) {
    DmaMemory memory = new DmaMemory(Arena.global().allocate(size, 4096), nextIova);
    nextIova += Math.ceilDiv(size, 4096) * 4096;
    return memory;
  }

  @Override
  public void free(DmaMemory memory) {
    throw new UnsupportedOperationException("it lives as long as the benchmark");
  }

  @Override
  public long size() {
    return REGISTERS;
  }

  @Override
  public int read32(long offset) {
    throw new UnsupportedOperationException("mapped");
  }

  @Override
  public void write32(long offset, int value) {
    throw new UnsupportedOperationException("mapped");
  }

  @Override
  public Optional<MemorySegment> mapping(long offset, long length) {
    return Optional.of(registers.asSlice(offset, length));
  }
}
