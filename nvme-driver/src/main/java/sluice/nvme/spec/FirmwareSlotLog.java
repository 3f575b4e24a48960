package sluice.nvme.spec;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The Firmware Slot Information log page (NVMe 1.4, section 5.14.1.3, figure 195).
 *
 * <pre>
 *     0 | AFI: bits 2:0 active slot, 6:4 slot at the next reset |
 *     8 | FRS1 to FRS7: revision by slot, 8 bytes each          |
 * </pre>
 */
public final class FirmwareSlotLog extends Structure {
  /** Bytes in the structure. */
  public static final int BYTES = 512;

  private static final int AFI = 0;
  private static final int FRS = 8;

  /**
   * @param segment native memory of at least {@link #BYTES} bytes
   */
  public FirmwareSlotLog(MemorySegment segment) {
    super(segment, BYTES);
  }

  /** Active firmware info: bits 2:0 the active slot, 6:4 the slot at the next reset. */
  public int afi() {
    return u8(AFI);
  }

  public void afi(int value) {
    u8(AFI, value);
  }

  /** Firmware revision in slot 1 to 7; empty for an empty slot. */
  public String frs(int slot) {
    return text(frsOffset(slot), 8);
  }

  public void frs(int slot, String value) {
    text(frsOffset(slot), 8, value);
  }

  private static int frsOffset(int slot) {
    return FRS + 8 * Objects.checkIndex(slot - 1, 7);
  }
}
