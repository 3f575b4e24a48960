package sluice.nvme.spec;

import java.lang.foreign.MemorySegment;

/**
 * What the Identify Controller data structure has in it for fabrics (NVMe over Fabrics 1.1, figure
 * 25; NVMe 2.1, figure 312).
 *
 * <pre>
 *    386 | CQT: milliseconds                 |
 *   1792 | IOCCSZ, 4 bytes: in 16 bytes      |
 *   1796 | IORCSZ, 4 bytes: in 16 bytes      |
 *   1800 | ICDOFF, 2 bytes: in 16 bytes      |
 *   1802 | FCATT                             |
 *   1803 | MSDBD                             |
 *   1804 | OFCS, 2 bytes                     |
 * </pre>
 *
 * A view of native memory, of the same page as {@link IdentifyController}.
 */
public final class IdentifyFabrics extends Structure {
  /** OFCS: the Disconnect command. */
  public static final int OFCS_DISCONNECT = 1 << 0;

  /** CTRATT: any command keeps the controller alive (traffic based keep alive). */
  public static final int CTRATT_TRAFFIC_KEEPS_ALIVE = 1 << 6;

  private static final int UNIT = 16;
  private static final int CTRATT = 96;
  private static final int CQT = 386;
  private static final int IOCCSZ = 1792;
  private static final int IORCSZ = 1796;
  private static final int ICDOFF = 1800;
  private static final int MSDBD = 1803;
  private static final int OFCS = 1804;

  /**
   * @param segment of {@link IdentifyController#BYTES}
   */
  public IdentifyFabrics(MemorySegment segment) {
    super(segment, IdentifyController.BYTES);
  }

  /** Whether any command keeps the controller alive, and not only Keep Alive. */
  public boolean trafficKeepsAlive() {
    return (i32(CTRATT) & CTRATT_TRAFFIC_KEEPS_ALIVE) != 0;
  }

  /** CQT: how long commands may go on when the connection is lost, in milliseconds; 0 not told. */
  public int commandQuiesceMillis() {
    return u16(CQT);
  }

  public void commandQuiesceMillis(int value) {
    u16(CQT, value);
  }

  /** IOCCSZ in bytes: an I/O command's entry and the data that can be in its capsule. */
  public long commandCapsuleBytes() {
    return u32(IOCCSZ) * UNIT;
  }

  /** A multiple of 16, 64 at the least. */
  public void commandCapsuleBytes(long value) {
    u32(IOCCSZ, value / UNIT);
  }

  /** IORCSZ in bytes: an I/O response. */
  public long responseCapsuleBytes() {
    return u32(IORCSZ) * UNIT;
  }

  /** A multiple of 16, 16 at the least. */
  public void responseCapsuleBytes(long value) {
    u32(IORCSZ, value / UNIT);
  }

  /** ICDOFF in bytes: where in a capsule data begins, behind its entry. */
  public int dataOffset() {
    return u16(ICDOFF) * UNIT;
  }

  /** A multiple of 16. */
  public void dataOffset(int value) {
    u16(ICDOFF, value / UNIT);
  }

  /** MSDBD: SGL descriptors of data in a capsule; 0 for no limit. */
  public int descriptors() {
    return u8(MSDBD);
  }

  public void descriptors(int value) {
    u8(MSDBD, value);
  }

  /** Whether all bits of an {@code OFCS_} mask are offered. */
  public boolean offers(int mask) {
    return (u16(OFCS) & mask) == mask;
  }

  public void offered(int mask) {
    u16(OFCS, mask);
  }
}
