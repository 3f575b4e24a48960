package sluice.support.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class OffHeapTest {
  private final MemorySegment memory = Arena.ofAuto().allocate(64, 64);
  private final long at = memory.address();

  private void image(Consumer<Long> write, String expected) {
    memory.fill((byte) 0xee);
    write.accept(at + 8);
    String bytes = HexFormat.of().formatHex(memory.toArray(ValueLayout.JAVA_BYTE), 0, 24);
    assertThat(bytes)
        .isEqualTo("ee".repeat(8) + expected + "ee".repeat(16 - expected.length() / 2));
  }

  @Test
  void storesAreLittleEndianAndNoWiderThanTheyAre() {
    image(a -> OffHeap.putByte(a, (byte) 0x81), "81");
    image(a -> OffHeap.putShort(a, (short) 0x8123), "2381");
    image(a -> OffHeap.putInt(a, 0x81234567), "67452381");
    image(a -> OffHeap.putIntRelease(a, 0x81234567), "67452381");
    image(a -> OffHeap.putLong(a, 0x8123456789abcdefL), "efcdab8967452381");
    image(a -> OffHeap.zero(a, 5), "0000000000");
    image(
        a -> {
          OffHeap.putInt(at + 32, 0x04030201);
          OffHeap.copy(at + 32, a + 1, 3);
        },
        "ee010203");
  }

  @Test
  void loadsAreLittleEndian() {
    for (int i = 0; i < 8; i++) {
      memory.set(ValueLayout.JAVA_BYTE, 16 + i, (byte) (0xf8 - i));
    }
    assertThat(OffHeap.getByte(at + 16)).isEqualTo((byte) 0xf8);
    assertThat(OffHeap.getShort(at + 16)).isEqualTo((short) 0xf7f8);
    assertThat(OffHeap.getInt(at + 16)).isEqualTo(0xf5f6f7f8);
    assertThat(OffHeap.getIntOpaque(at + 16)).isEqualTo(0xf5f6f7f8);
    assertThat(OffHeap.getIntAcquire(at + 16)).isEqualTo(0xf5f6f7f8);
    assertThat(OffHeap.getLong(at + 16)).isEqualTo(0xf1f2f3f4f5f6f7f8L);
    assertThat(OffHeap.getLongOpaque(at + 16)).isEqualTo(0xf1f2f3f4f5f6f7f8L);
  }

  @Test
  void aSegmentOfAnAddressIsThatMemory() {
    MemorySegment segment = OffHeap.segment(at + 8, 16);
    assertThat(segment.byteSize()).isEqualTo(16);
    segment.set(ValueLayout.JAVA_BYTE, 15, (byte) 0x77);
    assertThat(OffHeap.getByte(at + 23)).isEqualTo((byte) 0x77);
  }

  @Test
  void copiesBetweenPlacesThatOverlap() {
    for (int length : new int[] {1, 7, 8, 63, 64, 65, 200, 5000, 100_000}) {
      for (int distance : new int[] {1, 3, 8, 17, 64, 1000}) {
        MemorySegment memory = Arena.ofAuto().allocate(length + distance, 8);
        for (boolean down : new boolean[] {true, false}) {
          long from = memory.address() + (down ? distance : 0);
          long to = memory.address() + (down ? 0 : distance);
          for (int i = 0; i < length; i++) {
            OffHeap.putByte(from + i, (byte) (i * 31 + i / 256));
          }
          OffHeap.copy(from, to, length);
          for (int i = 0; i < length; i++) {
            if (OffHeap.getByte(to + i) != (byte) (i * 31 + i / 256)) {
              throw new AssertionError(
                  "byte %d of %d, moved by %d, down %s".formatted(i, length, distance, down));
            }
          }
        }
      }
    }
  }

  @Test
  void anAddressThatIsNotAlignedIsRefused() {
    assertThatThrownBy(() -> OffHeap.putShort(at + 1, (short) 1))
        .isInstanceOf(RuntimeException.class);
    assertThatThrownBy(() -> OffHeap.putInt(at + 2, 1)).isInstanceOf(RuntimeException.class);
    assertThatThrownBy(() -> OffHeap.getLong(at + 4)).isInstanceOf(RuntimeException.class);
    assertThatThrownBy(() -> OffHeap.getLongOpaque(at + 4)).isInstanceOf(RuntimeException.class);
    assertThatThrownBy(() -> OffHeap.putIntRelease(at + 2, 1)).isInstanceOf(RuntimeException.class);
  }
}
