package sluice.vfio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import sluice.support.memory.OffHeap;

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
  void scatteredPagesAreFoundOneByOne() {
    long[] pages = {0x9_0000, 0x5_0000, 0x5_1000, 0x2_0000};
    DmaMemory scattered = DmaMemory.scattered(segment, pages, 12);
    assertThat(scattered.iova()).isEqualTo(0x9_0000);
    assertThat(scattered.iova(4095)).isEqualTo(0x9_0fff);
    assertThat(scattered.iova(4096)).isEqualTo(0x5_0000);
    assertThat(scattered.iova(12300)).isEqualTo(0x2_000c);
    assertThat(scattered.isContiguous()).isFalse();
    DmaMemory slice = scattered.slice(4100, 8000);
    assertThat(slice.iova()).isEqualTo(0x5_0004);
    assertThat(slice.iova(7999)).isEqualTo(0x5_1f43);
    assertThat(slice.isContiguous()).as("two pages in a row").isTrue();
    assertThat(slice.slice(4092, 100).iova()).isEqualTo(0x5_1000);
    assertThat(scattered.slice(0, 4097).isContiguous()).isFalse();
    assertThat(scattered.slice(16384, 0).size()).isZero();
    assertThat(memory.isContiguous()).isTrue();
  }

  @Test
  void scatteredPagesCoverTheMemory() {
    assertThatThrownBy(() -> DmaMemory.scattered(segment, new long[3], 12))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("3 pages of 2^12 are not 16384 bytes");
  }

  @Test
  void theHeapIsNoDmaMemory() {
    assertThatThrownBy(() -> new DmaMemory(MemorySegment.ofArray(new byte[64]), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("DMA memory must be native");
  }
}
