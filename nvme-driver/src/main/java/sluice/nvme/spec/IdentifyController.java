package sluice.nvme.spec;

import java.lang.foreign.MemorySegment;

/**
 * The Identify Controller data structure (NVMe 1.4, section 5.15.2.2, figure 247).
 *
 * <pre>
 *      0 | identity: VID, SN, MN, FR, MDTS, CNTLID, VER, events |
 *    256 | admin command set: limits, logs, temperatures        |
 *    512 | NVM command set: entry sizes, NN, ONCS, VWC, SGLS    |
 *    768 | SUBNQN                                               |
 *   2048 | power state descriptors 0 to 31, 32 bytes each       |
 *   3072 | vendor specific                                      |
 * </pre>
 *
 * A view of native memory: nothing is copied. Names are the specification's.
 */
public final class IdentifyController extends Structure {
  /** Bytes in the structure. */
  public static final int BYTES = 4096;

  /** OACS: Security Send and Receive. */
  public static final int OACS_SECURITY = 1 << 0;

  /** OACS: Format NVM. */
  public static final int OACS_FORMAT = 1 << 1;

  /** OACS: Firmware Commit and Image Download. */
  public static final int OACS_FIRMWARE = 1 << 2;

  /** OACS: Namespace Management and Attachment. */
  public static final int OACS_NAMESPACES = 1 << 3;

  /** OACS: Device Self-test. */
  public static final int OACS_SELF_TEST = 1 << 4;

  /** OACS: Directives. */
  public static final int OACS_DIRECTIVES = 1 << 5;

  /** OACS: Doorbell Buffer Config. */
  public static final int OACS_DOORBELL_BUFFER = 1 << 8;

  /** ONCS: Compare. */
  public static final int ONCS_COMPARE = 1 << 0;

  /** ONCS: Write Uncorrectable. */
  public static final int ONCS_WRITE_UNCORRECTABLE = 1 << 1;

  /** ONCS: Dataset Management. */
  public static final int ONCS_DATASET_MANAGEMENT = 1 << 2;

  /** ONCS: Write Zeroes. */
  public static final int ONCS_WRITE_ZEROES = 1 << 3;

  /** ONCS: the save and select fields of features. */
  public static final int ONCS_FEATURE_SAVE = 1 << 4;

  /** ONCS: reservations. */
  public static final int ONCS_RESERVATIONS = 1 << 5;

  /** ONCS: the Timestamp feature. */
  public static final int ONCS_TIMESTAMP = 1 << 6;

  /** ONCS: Verify. */
  public static final int ONCS_VERIFY = 1 << 7;

  private static final int VID = 0;
  private static final int SSVID = 2;
  private static final int SN = 4;
  private static final int MN = 24;
  private static final int FR = 64;
  private static final int RAB = 72;
  private static final int IEEE = 73;
  private static final int CMIC = 76;
  private static final int MDTS = 77;
  private static final int CNTLID = 78;
  private static final int VER = 80;
  private static final int RTD3R = 84;
  private static final int RTD3E = 88;
  private static final int OAES = 92;
  private static final int CTRATT = 96;
  private static final int RRLS = 100;
  private static final int CNTRLTYPE = 111;
  private static final int FGUID = 112;
  private static final int CRDT1 = 128;
  private static final int CRDT2 = 130;
  private static final int CRDT3 = 132;
  private static final int OACS = 256;
  private static final int ACL = 258;
  private static final int AERL = 259;
  private static final int FRMW = 260;
  private static final int LPA = 261;
  private static final int ELPE = 262;
  private static final int NPSS = 263;
  private static final int AVSCC = 264;
  private static final int APSTA = 265;
  private static final int WCTEMP = 266;
  private static final int CCTEMP = 268;
  private static final int MTFA = 270;
  private static final int HMPRE = 272;
  private static final int HMMIN = 276;
  private static final int TNVMCAP = 280;
  private static final int UNVMCAP = 296;
  private static final int RPMBS = 312;
  private static final int EDSTT = 316;
  private static final int DSTO = 318;
  private static final int FWUG = 319;
  private static final int KAS = 320;
  private static final int HCTMA = 322;
  private static final int MNTMT = 324;
  private static final int MXTMT = 326;
  private static final int SANICAP = 328;
  private static final int SQES = 512;
  private static final int CQES = 513;
  private static final int MAXCMD = 514;
  private static final int NN = 516;
  private static final int ONCS = 520;
  private static final int FUSES = 522;
  private static final int FNA = 524;
  private static final int VWC = 525;
  private static final int AWUN = 526;
  private static final int AWUPF = 528;
  private static final int NVSCC = 530;
  private static final int NWPC = 531;
  private static final int ACWU = 532;
  private static final int SGLS = 536;
  private static final int MNAN = 540;
  private static final int SUBNQN = 768;
  private static final int PSD = 2048;

  /**
   * @param segment native memory of at least {@link #BYTES} bytes
   */
  public IdentifyController(MemorySegment segment) {
    super(segment, BYTES);
  }

  /** PCI vendor id. */
  public int vid() {
    return u16(VID);
  }

  public void vid(int value) {
    u16(VID, value);
  }

  /** PCI subsystem vendor id. */
  public int ssvid() {
    return u16(SSVID);
  }

  public void ssvid(int value) {
    u16(SSVID, value);
  }

  /** Serial number. */
  public String sn() {
    return text(SN, 20);
  }

  /** Printable ASCII of at most 20 characters. */
  public void sn(String value) {
    text(SN, 20, value);
  }

  /** Model number. */
  public String mn() {
    return text(MN, 40);
  }

  /** Printable ASCII of at most 40 characters. */
  public void mn(String value) {
    text(MN, 40, value);
  }

  /** Firmware revision. */
  public String fr() {
    return text(FR, 8);
  }

  /** Printable ASCII of at most 8 characters. */
  public void fr(String value) {
    text(FR, 8, value);
  }

  /** Recommended arbitration burst, as a power of two. */
  public int rab() {
    return u8(RAB);
  }

  public void rab(int value) {
    u8(RAB, value);
  }

  /** IEEE OUI of the vendor. */
  public int ieee() {
    return u24(IEEE);
  }

  public void ieee(int value) {
    u24(IEEE, value);
  }

  /** Multi-path and namespace sharing capabilities. */
  public int cmic() {
    return u8(CMIC);
  }

  public void cmic(int value) {
    u8(CMIC, value);
  }

  /** Maximum data transfer size: 2 to this power pages of CAP.MPSMIN; 0 is no limit. */
  public int mdts() {
    return u8(MDTS);
  }

  public void mdts(int value) {
    u8(MDTS, value);
  }

  /** Controller id. */
  public int cntlid() {
    return u16(CNTLID);
  }

  public void cntlid(int value) {
    u16(CNTLID, value);
  }

  /** Version, as in the register VS. */
  public int ver() {
    return i32(VER);
  }

  public void ver(int value) {
    i32(VER, value);
  }

  /** RTD3 resume latency in microseconds. */
  public long rtd3r() {
    return u32(RTD3R);
  }

  public void rtd3r(long value) {
    u32(RTD3R, value);
  }

  /** RTD3 entry latency in microseconds: how long a normal shutdown may take. */
  public long rtd3e() {
    return u32(RTD3E);
  }

  public void rtd3e(long value) {
    u32(RTD3E, value);
  }

  /** Optional asynchronous events supported. */
  public int oaes() {
    return i32(OAES);
  }

  public void oaes(int value) {
    i32(OAES, value);
  }

  /** Controller attributes. */
  public int ctratt() {
    return i32(CTRATT);
  }

  public void ctratt(int value) {
    i32(CTRATT, value);
  }

  /** Read recovery levels supported. */
  public int rrls() {
    return u16(RRLS);
  }

  public void rrls(int value) {
    u16(RRLS, value);
  }

  /** Controller type: 1 is an I/O controller, 0 not reported. */
  public int cntrltype() {
    return u8(CNTRLTYPE);
  }

  public void cntrltype(int value) {
    u8(CNTRLTYPE, value);
  }

  /** FRU globally unique identifier, in the order of its text. */
  public byte[] fguid() {
    return bytes(FGUID, 16);
  }

  /** Exactly 16 bytes. */
  public void fguid(byte[] value) {
    bytes(FGUID, 16, value);
  }

  /** Command retry delay 1 in units of 100 ms. */
  public int crdt1() {
    return u16(CRDT1);
  }

  public void crdt1(int value) {
    u16(CRDT1, value);
  }

  /** Command retry delay 2 in units of 100 ms. */
  public int crdt2() {
    return u16(CRDT2);
  }

  public void crdt2(int value) {
    u16(CRDT2, value);
  }

  /** Command retry delay 3 in units of 100 ms. */
  public int crdt3() {
    return u16(CRDT3);
  }

  public void crdt3(int value) {
    u16(CRDT3, value);
  }

  /** Optional admin commands supported: bits of {@code OACS_}. */
  public int oacs() {
    return u16(OACS);
  }

  public void oacs(int value) {
    u16(OACS, value);
  }

  /** Abort command limit, 0-based. */
  public int acl() {
    return u8(ACL);
  }

  public void acl(int value) {
    u8(ACL, value);
  }

  /** Asynchronous event request limit, 0-based. */
  public int aerl() {
    return u8(AERL);
  }

  public void aerl(int value) {
    u8(AERL, value);
  }

  /** Firmware updates: bit 0 slot 1 read-only, bits 3:1 slots. */
  public int frmw() {
    return u8(FRMW);
  }

  public void frmw(int value) {
    u8(FRMW, value);
  }

  /** Log page attributes: bit 0 SMART by namespace, 1 effects log, 2 extended data. */
  public int lpa() {
    return u8(LPA);
  }

  public void lpa(int value) {
    u8(LPA, value);
  }

  /** Error log page entries, 0-based. */
  public int elpe() {
    return u8(ELPE);
  }

  public void elpe(int value) {
    u8(ELPE, value);
  }

  /** Power states, 0-based. */
  public int npss() {
    return u8(NPSS);
  }

  public void npss(int value) {
    u8(NPSS, value);
  }

  /** Admin vendor specific command configuration. */
  public int avscc() {
    return u8(AVSCC);
  }

  public void avscc(int value) {
    u8(AVSCC, value);
  }

  /** Autonomous power state transitions: bit 0 supported. */
  public int apsta() {
    return u8(APSTA);
  }

  public void apsta(int value) {
    u8(APSTA, value);
  }

  /** Warning composite temperature in kelvin; 0 not reported. */
  public int wctemp() {
    return u16(WCTEMP);
  }

  public void wctemp(int value) {
    u16(WCTEMP, value);
  }

  /** Critical composite temperature in kelvin; 0 not reported. */
  public int cctemp() {
    return u16(CCTEMP);
  }

  public void cctemp(int value) {
    u16(CCTEMP, value);
  }

  /** Maximum time for firmware activation in units of 100 ms. */
  public int mtfa() {
    return u16(MTFA);
  }

  public void mtfa(int value) {
    u16(MTFA, value);
  }

  /** Host memory buffer preferred size in units of 4 KiB. */
  public long hmpre() {
    return u32(HMPRE);
  }

  public void hmpre(long value) {
    u32(HMPRE, value);
  }

  /** Host memory buffer minimum size in units of 4 KiB. */
  public long hmmin() {
    return u32(HMMIN);
  }

  public void hmmin(long value) {
    u32(HMMIN, value);
  }

  /** Total capacity in bytes; 0 not reported. */
  public long tnvmcap() {
    return u128(TNVMCAP);
  }

  public void tnvmcap(long value) {
    u128(TNVMCAP, value);
  }

  /** Unallocated capacity in bytes. */
  public long unvmcap() {
    return u128(UNVMCAP);
  }

  public void unvmcap(long value) {
    u128(UNVMCAP, value);
  }

  /** Replay protected memory block support. */
  public int rpmbs() {
    return i32(RPMBS);
  }

  public void rpmbs(int value) {
    i32(RPMBS, value);
  }

  /** Extended device self-test time in minutes. */
  public int edstt() {
    return u16(EDSTT);
  }

  public void edstt(int value) {
    u16(EDSTT, value);
  }

  /** Device self-test options. */
  public int dsto() {
    return u8(DSTO);
  }

  public void dsto(int value) {
    u8(DSTO, value);
  }

  /** Firmware update granularity in units of 4 KiB. */
  public int fwug() {
    return u8(FWUG);
  }

  public void fwug(int value) {
    u8(FWUG, value);
  }

  /** Keep alive granularity in units of 100 ms; 0 is not supported. */
  public int kas() {
    return u16(KAS);
  }

  public void kas(int value) {
    u16(KAS, value);
  }

  /** Host controlled thermal management attributes. */
  public int hctma() {
    return u16(HCTMA);
  }

  public void hctma(int value) {
    u16(HCTMA, value);
  }

  /** Minimum thermal management temperature in kelvin. */
  public int mntmt() {
    return u16(MNTMT);
  }

  public void mntmt(int value) {
    u16(MNTMT, value);
  }

  /** Maximum thermal management temperature in kelvin. */
  public int mxtmt() {
    return u16(MXTMT);
  }

  public void mxtmt(int value) {
    u16(MXTMT, value);
  }

  /** Sanitize capabilities. */
  public int sanicap() {
    return i32(SANICAP);
  }

  public void sanicap(int value) {
    i32(SANICAP, value);
  }

  /** Submission entry size: bits 3:0 required, 7:4 maximum, as powers of two. */
  public int sqes() {
    return u8(SQES);
  }

  public void sqes(int value) {
    u8(SQES, value);
  }

  /** Completion entry size: bits 3:0 required, 7:4 maximum, as powers of two. */
  public int cqes() {
    return u8(CQES);
  }

  public void cqes(int value) {
    u8(CQES, value);
  }

  /** Maximum outstanding commands; 0 not reported. */
  public int maxcmd() {
    return u16(MAXCMD);
  }

  public void maxcmd(int value) {
    u16(MAXCMD, value);
  }

  /** Number of namespaces: the largest valid NSID. */
  public long nn() {
    return u32(NN);
  }

  public void nn(long value) {
    u32(NN, value);
  }

  /** Optional NVM commands supported: bits of {@code ONCS_}. */
  public int oncs() {
    return u16(ONCS);
  }

  public void oncs(int value) {
    u16(ONCS, value);
  }

  /** Fused operations supported: bit 0 compare and write. */
  public int fuses() {
    return u16(FUSES);
  }

  public void fuses(int value) {
    u16(FUSES, value);
  }

  /** Format NVM attributes. */
  public int fna() {
    return u8(FNA);
  }

  public void fna(int value) {
    u8(FNA, value);
  }

  /** Volatile write cache: bit 0 present, bits 2:1 how Flush treats NSID ffffffffh. */
  public int vwc() {
    return u8(VWC);
  }

  public void vwc(int value) {
    u8(VWC, value);
  }

  /** Atomic write unit normal in logical blocks, 0-based. */
  public int awun() {
    return u16(AWUN);
  }

  public void awun(int value) {
    u16(AWUN, value);
  }

  /** Atomic write unit power fail in logical blocks, 0-based. */
  public int awupf() {
    return u16(AWUPF);
  }

  public void awupf(int value) {
    u16(AWUPF, value);
  }

  /** NVM vendor specific command configuration. */
  public int nvscc() {
    return u8(NVSCC);
  }

  public void nvscc(int value) {
    u8(NVSCC, value);
  }

  /** Namespace write protection capabilities. */
  public int nwpc() {
    return u8(NWPC);
  }

  public void nwpc(int value) {
    u8(NWPC, value);
  }

  /** Atomic compare and write unit in logical blocks, 0-based. */
  public int acwu() {
    return u16(ACWU);
  }

  public void acwu(int value) {
    u16(ACWU, value);
  }

  /** SGL support. */
  public int sgls() {
    return i32(SGLS);
  }

  public void sgls(int value) {
    i32(SGLS, value);
  }

  /** Maximum number of allowed namespaces; 0 not reported. */
  public long mnan() {
    return u32(MNAN);
  }

  public void mnan(long value) {
    u32(MNAN, value);
  }

  /** NVM subsystem qualified name, ended by zero bytes. */
  public String subnqn() {
    return utf8(SUBNQN, 256);
  }

  /** At most 256 bytes of UTF-8. */
  public void subnqn(String value) {
    utf8(SUBNQN, 256, value);
  }

  /** The descriptor of a power state, 0 to 31. */
  public PowerState powerState(int index) {
    return new PowerState(part(PSD, index, 32, PowerState.BYTES));
  }

  /**
   * MDTS in bytes, for pages of the size that CAP.MPSMIN tells; {@link Long#MAX_VALUE} for no
   * limit.
   */
  public long maxTransferBytes(int minPageBytes) {
    int mdts = mdts();
    return mdts == 0 || mdts > 40 ? Long.MAX_VALUE : (long) minPageBytes << mdts;
  }

  /** Whether all bits of an {@code OACS_} mask are offered. */
  public boolean offersAdmin(int mask) {
    return (oacs() & mask) == mask;
  }

  /** Whether all bits of an {@code ONCS_} mask are offered. */
  public boolean offersIo(int mask) {
    return (oncs() & mask) == mask;
  }

  /** Whether writes may stay in a volatile cache until a Flush. */
  public boolean hasVolatileWriteCache() {
    return (vwc() & 1) != 0;
  }
}
