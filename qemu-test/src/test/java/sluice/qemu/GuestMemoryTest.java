package sluice.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.vfio.DmaMemory;

class GuestMemoryTest {
  private static final long SIZE = 32L << 20;

  private final GuestMemory memory = new GuestMemory(SIZE);

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void allocatesWholePagesAboveTheFirst16MiB() {
    DmaMemory first = memory.allocate(1);
    DmaMemory second = memory.allocate(4097);
    DmaMemory third = memory.allocate(4096);

    assertThat(first.iova()).isEqualTo(0x100_0000);
    assertThat(first.size()).isEqualTo(1);
    assertThat(second.iova()).isEqualTo(0x100_1000);
    assertThat(second.size()).isEqualTo(4097);
    assertThat(third.iova()).isEqualTo(0x100_3000);
    assertThat(third.address() - first.address()).isEqualTo(0x3000);
  }

  @Test
  void allocatesZeros() {
    DmaMemory memory1 = memory.allocate(8192);
    memory1.segment().fill((byte) 0xa5);
    memory.free(memory1);

    DmaMemory memory2 = memory.allocate(8192);

    assertThat(memory2.iova()).isEqualTo(memory1.iova());
    assertThat(memory2.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
  }

  @Test
  void whatIsKeptIsNobodyElsesAndStaysWhenAllIsClosed() {
    GuestMemory other = new GuestMemory(SIZE);
    DmaMemory kept = other.allocate(8192);
    kept.keep();
    other.free(kept);
    assertThat(other.allocate(8192).iova()).isNotEqualTo(kept.iova());
    other.close();
    kept.segment().fill((byte) 0xa5);
    assertThat(kept.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(0xa5);
  }

  @Test
  void givesAllBackAndTakesItAgain() {
    long all = SIZE - GuestMemory.FIRST;
    for (int round = 0; round < 3; round++) {
      DmaMemory whole = memory.allocate(all);
      assertThatThrownBy(() -> memory.allocate(1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("no room for 1 bytes in the machine's memory of 33554432: give it more");
      memory.free(whole);
      DmaMemory _ = memory.allocate(4096);
      DmaMemory _ = memory.allocate(4096);
      memory.freeAll();
    }
  }

  @Test
  void neverHandsOutAByteTwice() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<DmaMemory> held = new ArrayList<>();
    for (int step = 0; step < 2000; step++) {
      if (held.size() > 20 || (!held.isEmpty() && random.nextInt(3) == 0)) {
        memory.free(held.remove(random.nextInt(held.size())));
        continue;
      }
      DmaMemory fresh = memory.allocate(1 + random.nextInt(200_000));
      for (DmaMemory other : held) {
        assertThat(
                fresh.iova() + fresh.size() <= other.iova()
                    || other.iova() + other.size() <= fresh.iova())
            .as("seed %d step %d: %s and %s", seed, step, fresh, other)
            .isTrue();
      }
      held.add(fresh);
    }
  }

  @Test
  void freesOnlyWhatItAllocatedAndOnce() {
    DmaMemory pages = memory.allocate(8192);

    assertThatThrownBy(() -> memory.free(pages.slice(0, 4096)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("not allocated here, or freed already: 4096 bytes at iova 0x1000000");
    memory.free(pages);
    assertThatThrownBy(() -> memory.free(pages)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void refusesToAllocateNothing(long size) {
    assertThatThrownBy(() -> memory.allocate(size)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void saysWhenTooMuchIsAskedFor() {
    assertThatThrownBy(() -> memory.allocate(Long.MAX_VALUE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no room for 9223372036854775807 bytes");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, 16 << 20, (32 << 20) + 4096, (2L << 30) + (1 << 20)})
  void refusesSizesThatAMachineCannotHave(long size) {
    assertThatThrownBy(() -> new GuestMemory(size))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot have " + size + " bytes of memory");
  }
}
