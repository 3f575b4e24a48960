package sluice.vfio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.support.linux.Linux;
import sluice.support.memory.OffHeap;

class SlabDmaSpaceTest {
  private final FakeIommu iommu = new FakeIommu(new IovaRange(0, (1L << 40) - 1));
  private final MappedDmaSpace pieces = new MappedDmaSpace(iommu);
  private final SlabDmaSpace space = new SlabDmaSpace(pieces);

  @AfterEach
  void close() {
    pieces.close();
  }

  @Test
  void smallMemoryIsOfOnePiece() {
    List<DmaMemory> all = new ArrayList<>();
    for (int i = 0; i < 512; i++) {
      DmaMemory memory = space.allocate(1 + i);
      assertThat(memory.size()).isEqualTo(1 + i);
      assertThat(memory.iova() & 4095).isZero();
      assertThat(memory.address() & 4095).isZero();
      OffHeap.putByte(memory.address(), (byte) i);
      all.add(memory);
    }
    assertThat(iommu.mappings).hasSize(1);
    FakeIommu.Mapping slab = iommu.mappings.firstEntry().getValue();
    assertThat(slab.size()).isEqualTo(SlabDmaSpace.SLAB_BYTES);
    for (int i = 0; i < 512; i++) {
      DmaMemory memory = all.get(i);
      assertThat(OffHeap.getByte(memory.address())).isEqualTo((byte) i);
      assertThat(memory.address() - slab.address()).isEqualTo(memory.iova() - slab.iova());
    }

    DmaMemory more = space.allocate(1);
    assertThat(iommu.mappings).hasSize(2);
    space.free(more);
    assertThat(iommu.mappings).hasSize(1);
    all.forEach(space::free);
    assertThat(iommu.mappings).isEmpty();
  }

  @Test
  void memoryIsTakenAgainAndIsZeroed() {
    DmaMemory kept = space.allocate(4096);
    DmaMemory memory = space.allocate(8192);
    OffHeap.putLong(memory.address() + 8184, -1);
    long iova = memory.iova();
    space.free(memory);
    memory = space.allocate(8192);
    assertThat(memory.iova()).isEqualTo(iova);
    assertThat(OffHeap.getLong(memory.address() + 8184)).isZero();
    assertThat(iommu.mappings).hasSize(1);
    space.free(kept);
    space.free(memory);
    assertThat(iommu.mappings).isEmpty();
  }

  @Test
  void largeMemoryIsAPieceOfItsOwn() {
    DmaMemory small = space.allocate(SlabDmaSpace.MOST_BYTES);
    DmaMemory large = space.allocate(SlabDmaSpace.MOST_BYTES + 1);
    assertThat(iommu.mappings).hasSize(2);
    space.free(large);
    assertThat(iommu.mappings).hasSize(1);
    space.free(small);
    assertThat(iommu.mappings).isEmpty();
  }

  @Test
  void refusesWhatItDidNotAllocate() {
    DmaMemory memory = space.allocate(100);
    DmaMemory slice = memory.slice(0, 10);
    assertThatThrownBy(() -> space.free(slice))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("not allocated here, or freed already");
    space.free(memory);
    assertThatThrownBy(() -> space.free(memory)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> space.allocate(0)).hasMessage("cannot allocate 0 bytes of DMA memory");
  }

  @Test
  void nothingIsLeftOverWhenThereIsNoMemory() {
    iommu.failNextMap = new UnsupportedOperationException("full");
    assertThatThrownBy(() -> space.allocate(4096)).hasMessage("full");
    assertThat(iommu.mappings).isEmpty();
    DmaMemory memory = space.allocate(4096);
    space.free(memory);
    assertThat(iommu.mappings).isEmpty();
  }

  @Test
  void memoryThatIsKeptIsNobodyElses() {
    DmaMemory memory = space.allocate(4096);
    memory.keep();
    space.free(memory);
    for (int i = 0; i < SlabDmaSpace.SLAB_BYTES / 4096 - 1; i++) {
      assertThat(space.allocate(4096).iova()).isNotEqualTo(memory.iova());
    }
    assertThat(iommu.mappings).hasSize(1);
    assertThat(space.allocate(4096).iova()).isNotEqualTo(memory.iova());
    assertThat(iommu.mappings).hasSize(2);
    FakeIommu.Mapping slab = iommu.mappings.floorEntry(memory.iova()).getValue();
    pieces.close();
    assertThat(iommu.mappings).isEmpty();
    OffHeap.putByte(memory.address(), (byte) 1);
    Linux.munmap(slab.address(), slab.size());
  }
}
