package sluice.nvme.spec;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A controller list: how many, and up to 2047 controller ids in ascending order (NVMe 1.4, section
 * 4.9).
 */
public final class ControllerList extends Structure {
  /** Bytes in the structure. */
  public static final int BYTES = 4096;

  /** How many ids a list can hold. */
  public static final int ENTRIES = BYTES / 2 - 1;

  /**
   * @param segment native memory of at least {@link #BYTES} bytes
   */
  public ControllerList(MemorySegment segment) {
    super(segment, BYTES);
  }

  /** How many ids are in the list. */
  public int count() {
    return u16(0);
  }

  public void count(int value) {
    u16(0, value);
  }

  /** The id at a place. */
  public int cntlid(int index) {
    return u16(2L + 2L * Objects.checkIndex(index, ENTRIES));
  }

  public void cntlid(int index, int value) {
    u16(2L + 2L * Objects.checkIndex(index, ENTRIES), value);
  }
}
