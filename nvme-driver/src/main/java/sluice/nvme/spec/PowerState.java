package sluice.nvme.spec;

import java.lang.foreign.MemorySegment;

/**
 * A power state descriptor (NVMe 1.4, section 5.15.2.2, figure 248).
 *
 * <pre>
 *     31      26 25   24  23     16 15                     0
 *   0 |  rsvd    |NOPS|MXPS|  rsvd  |    maximum power (MP) |
 *   4 |            entry latency (ENLAT), microseconds      |
 *   8 |            exit latency (EXLAT), microseconds       |
 *  12 |   RWL   |   RWT   |   RRL   |         RRT           |
 *  16 | rsvd | IPS | rsvd |       idle power (IDLP)         |
 *  20 | rsvd | APS | APW  |      active power (ACTP)        |
 * </pre>
 */
public final class PowerState extends Structure {
  /** Bytes in the structure. */
  public static final int BYTES = 32;

  private static final int MP = 0;
  private static final int FLAGS = 3;
  private static final int ENLAT = 4;
  private static final int EXLAT = 8;
  private static final int RRT = 12;
  private static final int RRL = 13;
  private static final int RWT = 14;
  private static final int RWL = 15;
  private static final int IDLP = 16;
  private static final int IPS = 18;
  private static final int ACTP = 20;
  private static final int APS = 22;

  /**
   * @param segment native memory of at least {@link #BYTES} bytes
   */
  public PowerState(MemorySegment segment) {
    super(segment, BYTES);
  }

  /** Maximum power, in units of 0.01 W, or 0.0001 W if MXPS. */
  public int mp() {
    return u16(MP);
  }

  public void mp(int value) {
    u16(MP, value);
  }

  /** Bit 0: MXPS, the finer unit of MP. Bit 1: NOPS, not operational. */
  public int flags() {
    return u8(FLAGS);
  }

  public void flags(int value) {
    u8(FLAGS, value);
  }

  /** Entry latency in microseconds. */
  public long enlat() {
    return u32(ENLAT);
  }

  public void enlat(long value) {
    u32(ENLAT, value);
  }

  /** Exit latency in microseconds. */
  public long exlat() {
    return u32(EXLAT);
  }

  public void exlat(long value) {
    u32(EXLAT, value);
  }

  /** Relative read throughput; lower is better. */
  public int rrt() {
    return u8(RRT);
  }

  public void rrt(int value) {
    u8(RRT, value);
  }

  /** Relative read latency; lower is better. */
  public int rrl() {
    return u8(RRL);
  }

  public void rrl(int value) {
    u8(RRL, value);
  }

  /** Relative write throughput; lower is better. */
  public int rwt() {
    return u8(RWT);
  }

  public void rwt(int value) {
    u8(RWT, value);
  }

  /** Relative write latency; lower is better. */
  public int rwl() {
    return u8(RWL);
  }

  public void rwl(int value) {
    u8(RWL, value);
  }

  /** Idle power, in the unit of IPS. */
  public int idlp() {
    return u16(IDLP);
  }

  public void idlp(int value) {
    u16(IDLP, value);
  }

  /** Bits 7:6, unit of IDLP: 0 not reported, 1 0.0001 W, 2 0.01 W. */
  public int ips() {
    return u8(IPS);
  }

  public void ips(int value) {
    u8(IPS, value);
  }

  /** Active power, in the unit of APS. */
  public int actp() {
    return u16(ACTP);
  }

  public void actp(int value) {
    u16(ACTP, value);
  }

  /** Bits 2:0 workload of ACTP, bits 7:6 its unit as in IPS. */
  public int aps() {
    return u8(APS);
  }

  public void aps(int value) {
    u8(APS, value);
  }
}
