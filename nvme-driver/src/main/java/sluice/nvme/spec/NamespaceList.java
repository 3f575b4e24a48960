package sluice.nvme.spec;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A namespace list: up to 1024 NSIDs in ascending order, ended by 0 or by the page's end (NVMe 1.4,
 * section 4.10).
 */
public final class NamespaceList extends Structure {
  /** Bytes in the structure. */
  public static final int BYTES = 4096;

  /** How many NSIDs a list can hold. */
  public static final int ENTRIES = BYTES / 4;

  /**
   * @param segment native memory of at least {@link #BYTES} bytes
   */
  public NamespaceList(MemorySegment segment) {
    super(segment, BYTES);
  }

  /** The NSID at a place, 0 behind the last. */
  public int nsid(int index) {
    return i32(4L * Objects.checkIndex(index, ENTRIES));
  }

  public void nsid(int index, int value) {
    i32(4L * Objects.checkIndex(index, ENTRIES), value);
  }

  /** How many NSIDs are in the list. */
  public int count() {
    int count = 0;
    while (count < ENTRIES && nsid(count) != 0) {
      count++;
    }
    return count;
  }
}
