package sluice.nvme.spec;

import java.lang.foreign.MemorySegment;

/**
 * The Discovery log page's header (NVMe over Fabrics 1.1, section 5.3.1, figure 34); {@link
 * DiscoveryEntry entries} follow.
 *
 * <pre>
 *      0 | GENCTR, 8 bytes     |
 *      8 | NUMREC, 8 bytes     |
 *     16 | RECFMT, 2 bytes     |
 *   1024 | entries, 1024 bytes each
 * </pre>
 */
public final class DiscoveryLog extends Structure {
  /** Bytes in the header. */
  public static final int BYTES = 1024;

  private static final int GENCTR = 0;
  private static final int NUMREC = 8;
  private static final int RECFMT = 16;

  public DiscoveryLog(MemorySegment segment) {
    super(segment, BYTES);
  }

  /** GENCTR: another one when the log has changed. */
  public long generation() {
    return u64(GENCTR);
  }

  public void generation(long value) {
    u64(GENCTR, value);
  }

  /** NUMREC: entries. */
  public long records() {
    return u64(NUMREC);
  }

  public void records(long value) {
    u64(NUMREC, value);
  }

  /** RECFMT: the format of the entries, 0. */
  public int recordFormat() {
    return u16(RECFMT);
  }

  public void recordFormat(int value) {
    u16(RECFMT, value);
  }
}
