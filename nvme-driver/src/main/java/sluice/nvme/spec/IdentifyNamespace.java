package sluice.nvme.spec;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The Identify Namespace data structure (NVMe 1.4, section 5.15.2.1, figure 245).
 *
 * <pre>
 *      0 | NSZE | NCAP | NUSE | NSFEAT NLBAF FLBAS MC DPC DPS … |
 *     32 | FPI DLFEAT | atomic units | NOIOB | NVMCAP           |
 *    104 | NGUID | EUI64                                        |
 *    128 | LBA formats 0 to 15, 4 bytes each                    |
 *    384 | vendor specific                                      |
 * </pre>
 *
 * A view of native memory: nothing is copied. Names are the specification's. A structure that is
 * all zeros stands for a namespace that is not active.
 */
public final class IdentifyNamespace extends Structure {
  /** Bytes in the structure. */
  public static final int BYTES = 4096;

  private static final int NSZE = 0;
  private static final int NCAP = 8;
  private static final int NUSE = 16;
  private static final int NSFEAT = 24;
  private static final int NLBAF = 25;
  private static final int FLBAS = 26;
  private static final int MC = 27;
  private static final int DPC = 28;
  private static final int DPS = 29;
  private static final int NMIC = 30;
  private static final int RESCAP = 31;
  private static final int FPI = 32;
  private static final int DLFEAT = 33;
  private static final int NAWUN = 34;
  private static final int NAWUPF = 36;
  private static final int NACWU = 38;
  private static final int NABSN = 40;
  private static final int NABO = 42;
  private static final int NABSPF = 44;
  private static final int NOIOB = 46;
  private static final int NVMCAP = 48;
  private static final int NPWG = 64;
  private static final int NPWA = 66;
  private static final int NPDG = 68;
  private static final int NPDA = 70;
  private static final int NOWS = 72;
  private static final int ANAGRPID = 92;
  private static final int NSATTR = 99;
  private static final int NVMSETID = 100;
  private static final int ENDGID = 102;
  private static final int NGUID = 104;
  private static final int EUI64 = 120;
  private static final int LBAF = 128;

  /**
   * @param segment native memory of at least {@link #BYTES} bytes
   */
  public IdentifyNamespace(MemorySegment segment) {
    super(segment, BYTES);
  }

  /** Namespace size in logical blocks. */
  public long nsze() {
    return u64(NSZE);
  }

  public void nsze(long value) {
    u64(NSZE, value);
  }

  /** Namespace capacity in logical blocks. */
  public long ncap() {
    return u64(NCAP);
  }

  public void ncap(long value) {
    u64(NCAP, value);
  }

  /** Logical blocks in use. */
  public long nuse() {
    return u64(NUSE);
  }

  public void nuse(long value) {
    u64(NUSE, value);
  }

  /** Features: bit 0 thin provisioning, 2 deallocated block error, 4 NPWG and others. */
  public int nsfeat() {
    return u8(NSFEAT);
  }

  public void nsfeat(int value) {
    u8(NSFEAT, value);
  }

  /** Number of LBA formats, 0-based. */
  public int nlbaf() {
    return u8(NLBAF);
  }

  public void nlbaf(int value) {
    u8(NLBAF, value);
  }

  /**
   * Formatted LBA size: bits 3:0 index of the format, bit 4 metadata at the end of data, bits 6:5
   * upper bits of the index where there are more than 16 formats.
   */
  public int flbas() {
    return u8(FLBAS);
  }

  public void flbas(int value) {
    u8(FLBAS, value);
  }

  /** Metadata capabilities. */
  public int mc() {
    return u8(MC);
  }

  public void mc(int value) {
    u8(MC, value);
  }

  /** End-to-end data protection capabilities. */
  public int dpc() {
    return u8(DPC);
  }

  public void dpc(int value) {
    u8(DPC, value);
  }

  /** End-to-end data protection settings: bits 2:0 type, 0 is none. */
  public int dps() {
    return u8(DPS);
  }

  public void dps(int value) {
    u8(DPS, value);
  }

  /** Multi-path and sharing capabilities: bit 0 shared. */
  public int nmic() {
    return u8(NMIC);
  }

  public void nmic(int value) {
    u8(NMIC, value);
  }

  /** Reservation capabilities. */
  public int rescap() {
    return u8(RESCAP);
  }

  public void rescap(int value) {
    u8(RESCAP, value);
  }

  /** Format progress: bit 7 supported, bits 6:0 percent left. */
  public int fpi() {
    return u8(FPI);
  }

  public void fpi(int value) {
    u8(FPI, value);
  }

  /** Deallocation: bits 2:0 what is read after (1 zeros), bit 3 Write Zeroes can deallocate. */
  public int dlfeat() {
    return u8(DLFEAT);
  }

  public void dlfeat(int value) {
    u8(DLFEAT, value);
  }

  /** Atomic write unit normal in logical blocks, 0-based. */
  public int nawun() {
    return u16(NAWUN);
  }

  public void nawun(int value) {
    u16(NAWUN, value);
  }

  /** Atomic write unit power fail in logical blocks, 0-based. */
  public int nawupf() {
    return u16(NAWUPF);
  }

  public void nawupf(int value) {
    u16(NAWUPF, value);
  }

  /** Atomic compare and write unit in logical blocks, 0-based. */
  public int nacwu() {
    return u16(NACWU);
  }

  public void nacwu(int value) {
    u16(NACWU, value);
  }

  /** Atomic boundary size normal in logical blocks. */
  public int nabsn() {
    return u16(NABSN);
  }

  public void nabsn(int value) {
    u16(NABSN, value);
  }

  /** Atomic boundary offset. */
  public int nabo() {
    return u16(NABO);
  }

  public void nabo(int value) {
    u16(NABO, value);
  }

  /** Atomic boundary size power fail in logical blocks. */
  public int nabspf() {
    return u16(NABSPF);
  }

  public void nabspf(int value) {
    u16(NABSPF, value);
  }

  /** Optimal I/O boundary in logical blocks; 0 not reported. */
  public int noiob() {
    return u16(NOIOB);
  }

  public void noiob(int value) {
    u16(NOIOB, value);
  }

  /** Capacity in bytes. */
  public long nvmcap() {
    return u128(NVMCAP);
  }

  public void nvmcap(long value) {
    u128(NVMCAP, value);
  }

  /** Preferred write granularity in logical blocks, 0-based. */
  public int npwg() {
    return u16(NPWG);
  }

  public void npwg(int value) {
    u16(NPWG, value);
  }

  /** Preferred write alignment in logical blocks, 0-based. */
  public int npwa() {
    return u16(NPWA);
  }

  public void npwa(int value) {
    u16(NPWA, value);
  }

  /** Preferred deallocate granularity in logical blocks, 0-based. */
  public int npdg() {
    return u16(NPDG);
  }

  public void npdg(int value) {
    u16(NPDG, value);
  }

  /** Preferred deallocate alignment in logical blocks, 0-based. */
  public int npda() {
    return u16(NPDA);
  }

  public void npda(int value) {
    u16(NPDA, value);
  }

  /** Optimal write size in logical blocks, 0-based. */
  public int nows() {
    return u16(NOWS);
  }

  public void nows(int value) {
    u16(NOWS, value);
  }

  /** ANA group. */
  public long anagrpid() {
    return u32(ANAGRPID);
  }

  public void anagrpid(long value) {
    u32(ANAGRPID, value);
  }

  /** Attributes: bit 0 write protected. */
  public int nsattr() {
    return u8(NSATTR);
  }

  /** Whether it can be read, but not written, whatever the reason. */
  public boolean isWriteProtected() {
    return (nsattr() & 1) != 0;
  }

  public void nsattr(int value) {
    u8(NSATTR, value);
  }

  /** NVM set. */
  public int nvmsetid() {
    return u16(NVMSETID);
  }

  public void nvmsetid(int value) {
    u16(NVMSETID, value);
  }

  /** Endurance group. */
  public int endgid() {
    return u16(ENDGID);
  }

  public void endgid(int value) {
    u16(ENDGID, value);
  }

  /** Globally unique identifier, in the order of its text; all zeros if none. */
  public byte[] nguid() {
    return bytes(NGUID, 16);
  }

  /** Exactly 16 bytes. */
  public void nguid(byte[] value) {
    bytes(NGUID, 16, value);
  }

  /** IEEE extended unique identifier, in the order of its text; all zeros if none. */
  public byte[] eui64() {
    return bytes(EUI64, 8);
  }

  /** Exactly 8 bytes. */
  public void eui64(byte[] value) {
    bytes(EUI64, 8, value);
  }

  /** LBA format: metadata bytes per logical block, MS. */
  public int lbafMs(int format) {
    return u16(lbaf(format));
  }

  public void lbafMs(int format, int value) {
    u16(lbaf(format), value);
  }

  /** LBA format: logical block size as a power of two, LBADS; 0 for a format that is not there. */
  public int lbafLbads(int format) {
    return u8(lbaf(format) + 2);
  }

  public void lbafLbads(int format, int value) {
    u8(lbaf(format) + 2, value);
  }

  /** LBA format: relative performance, RP: 0 best to 3 degraded. */
  public int lbafRp(int format) {
    return u8(lbaf(format) + 3) & 3;
  }

  public void lbafRp(int format, int value) {
    u8(lbaf(format) + 3, value);
  }

  /**
   * The index of the format in use: FLBAS bits 3:0, and above them bits 6:5 if there are more than
   * 16 formats (NVMe 2.0; reserved before).
   */
  public int format() {
    int low = flbas() & 0xf;
    return nlbaf() < 16 ? low : (flbas() >>> 5 & 3) << 4 | low;
  }

  /**
   * Bytes in a logical block of the format in use.
   *
   * @throws IllegalStateException if the structure tells no size from 512 bytes to 1 GiB
   */
  public int blockBytes() {
    int lbads = lbafLbads(format());
    if (lbads < 9 || lbads > 30) {
      throw new IllegalStateException("LBA format " + format() + " has the block size 2^" + lbads);
    }
    return 1 << lbads;
  }

  /** Metadata bytes per logical block of the format in use. */
  public int metadataBytes() {
    return lbafMs(format());
  }

  /** Whether end-to-end data protection is on. */
  public boolean isProtected() {
    return (dps() & 7) != 0;
  }

  private static int lbaf(int format) {
    return LBAF + 4 * Objects.checkIndex(format, 64);
  }
}
