package sluice.vfio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class DmaMemoryTest {
  private final MemorySegment segment = Arena.ofAuto().allocate(16384, 4096);
  private final DmaMemory memory = new DmaMemory(segment, 0x7_0000);

  @Test
  void knowsBothOfItsAddresses() {
    assertThat(memory.address()).isEqualTo(segment.address());
    assertThat(memory.size()).isEqualTo(16384);
    assertThat(memory.iova()).isEqualTo(0x7_0000);
    assertThat(memory.iova(0)).isEqualTo(0x7_0000);
    assertThat(memory.iova(5000)).isEqualTo(0x7_1388);
    assertThat(memory).hasToString("16384 bytes at iova 0x70000");
  }

  @Test
  void aSliceIsTheSameBytesUnderTheSameAddresses() {
    DmaMemory slice = memory.slice(4096, 8192);
    assertThat(slice.size()).isEqualTo(8192);
    assertThat(slice.address()).isEqualTo(memory.address() + 4096);
    assertThat(slice.iova()).isEqualTo(0x7_1000);
    DmaMemory inner = slice.slice(8, 16);
    assertThat(inner.iova()).isEqualTo(0x7_1008);
    OffHeap.putLong(inner.address(), 42);
    assertThat(OffHeap.getLong(memory.address() + 4104)).isEqualTo(42);
    assertThat(memory.slice(16384, 0).size()).isZero();
  }

  @Test
  void aSliceLiesInside() {
    assertThatThrownBy(() -> memory.slice(1, 16384)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> memory.slice(-1, 8)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> memory.slice(Long.MAX_VALUE, 8))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> memory.slice(8, -1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void theHeapIsNoDmaMemory() {
    assertThatThrownBy(() -> new DmaMemory(MemorySegment.ofArray(new byte[64]), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("DMA memory must be native");
  }
}
