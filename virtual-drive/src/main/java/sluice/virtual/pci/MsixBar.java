package sluice.virtual.pci;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import sluice.vfio.Bar;

/**
 * BAR 4: the MSI-X table and its pending bits (PCI Local Bus 3.0, section 6.8.2), which keep what
 * is written to them. Interrupts go by events, past this table, so that nothing ever pends here:
 * who masks a vector in its table takes the event away, or leaves it unheeded. Thread-safe.
 *
 * <pre>
 *  0h | message address, low | address, high | data | vector control: 0 masked |  of vector 0
 *     | …                                                                      |  16 bytes each
 *     | pending bits, from the next whole page on
 * </pre>
 */
final class MsixBar implements Bar {
  static final int INDEX = 4;

  /** Where the table begins. */
  static final int TABLE = 0;

  private static final int ENTRY_BYTES = 16;
  private static final int PAGE = 4096;
  private static final int MAX_VECTORS = 2048;
  private static final int MASKED = 1;

  private final int vectors;
  private final int[] words;

  /**
   * @param vectors 1 to 2048
   */
  MsixBar(int vectors) {
    if (vectors < 1 || vectors > MAX_VECTORS) {
      throw new IllegalArgumentException("1 to 2048 interrupt vectors, not " + vectors);
    }
    this.vectors = vectors;
    this.words = new int[vectors * ENTRY_BYTES / Integer.BYTES];
    reset();
  }

  int vectors() {
    return vectors;
  }

  /** Where the pending bits begin. */
  int pendingBits() {
    return Math.ceilDiv(vectors * ENTRY_BYTES, PAGE) * PAGE;
  }

  @Override
  public long size() {
    // The next power of two behind the page of the pending bits.
    return Long.highestOneBit(2L * (pendingBits() + PAGE) - 1);
  }

  /** As after power-on: all vectors masked. */
  synchronized void reset() {
    for (int i = 0; i < words.length; i++) {
      words[i] = i % 4 == 3 ? MASKED : 0;
    }
  }

  @Override
  public synchronized int read32(long offset) {
    int word = word(offset);
    return word < words.length ? words[word] : 0;
  }

  @Override
  public synchronized void write32(long offset, int value) {
    int word = word(offset);
    if (word < words.length) {
      words[word] =
          switch (word % 4) {
            case 0 -> value & ~3;
            case 3 -> value & MASKED;
            default -> value;
          };
    }
  }

  private int word(long offset) {
    if (offset < 0 || offset > size() - Integer.BYTES || (offset & 3) != 0) {
      throw new IllegalArgumentException(
          String.format("no 32 bits of BAR 4 (0x%x bytes) at 0x%x", size(), offset));
    }
    return (int) (offset / Integer.BYTES);
  }

  @Override
  public Optional<MemorySegment> mapping(long offset, long length) {
    return Optional.empty();
  }
}
