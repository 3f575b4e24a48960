package sluice.queues;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import sluice.support.memory.OffHeap;
import sluice.vfio.Bar;

/** Registers of native memory that remembers what was written through it. */
final class FakeBar implements Bar {
  record Write(long offset, int value) {}

  private final long size;
  private final boolean mapped;
  private final MemorySegment memory;
  final List<Write> writes = new ArrayList<>();

  /** A window of which only the first bytes are there, for registers far behind. */
  FakeBar(long size, boolean mapped) {
    this.size = size;
    this.mapped = mapped;
    this.memory = Arena.ofAuto().allocate(Math.min(size, 1 << 20), 4096);
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int read32(long offset) {
    Objects.checkFromIndexSize(offset, 4, size);
    return OffHeap.getInt(memory.address() + offset);
  }

  @Override
  public void write32(long offset, int value) {
    Objects.checkFromIndexSize(offset, 4, size);
    writes.add(new Write(offset, value));
    if (offset + 4 <= memory.byteSize()) {
      OffHeap.putInt(memory.address() + offset, value);
    }
  }

  @Override
  public Optional<MemorySegment> mapping(long offset, long length) {
    return mapped ? Optional.of(memory.asSlice(offset, length)) : Optional.empty();
  }
}
