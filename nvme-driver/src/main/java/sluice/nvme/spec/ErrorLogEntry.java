package sluice.nvme.spec;

import java.lang.foreign.MemorySegment;

/**
 * An entry of the Error Information log page (NVMe 1.4, section 5.14.1.1, figure 193). The page is
 * an array of them, the newest first; an entry with error count 0 is not used.
 *
 * <pre>
 *   0 | ERROR COUNT                                        |
 *   8 | SQID | CMDID | STATUS FIELD | PARAMETER ERROR LOC. |
 *  16 | LBA                                                |
 *  24 | NSID | VENDOR INFO | TRTYPE |                       |
 *  32 | COMMAND SPECIFIC INFORMATION                       |
 * </pre>
 */
public final class ErrorLogEntry extends Structure {
  /** Bytes in the structure. */
  public static final int BYTES = 64;

  private static final int ERROR_COUNT = 0;
  private static final int SQID = 8;
  private static final int CMDID = 10;
  private static final int STATUS_FIELD = 12;
  private static final int PARAMETER_ERROR_LOCATION = 14;
  private static final int LBA = 16;
  private static final int NSID = 24;
  private static final int VENDOR_INFO = 28;
  private static final int TRTYPE = 29;
  private static final int COMMAND_SPECIFIC = 32;
  private static final int TRANSPORT_SPECIFIC = 40;

  /**
   * @param segment native memory of at least {@link #BYTES} bytes
   */
  public ErrorLogEntry(MemorySegment segment) {
    super(segment, BYTES);
  }

  /** Number of this error since the controller was made, from 1; 0 for no entry. */
  public long errorCount() {
    return u64(ERROR_COUNT);
  }

  public void errorCount(long value) {
    u64(ERROR_COUNT, value);
  }

  /** Submission queue, or ffffh if the error is not of a command. */
  public int sqid() {
    return u16(SQID);
  }

  public void sqid(int value) {
    u16(SQID, value);
  }

  /** Command identifier, or ffffh if the error is not of a command. */
  public int cmdid() {
    return u16(CMDID);
  }

  public void cmdid(int value) {
    u16(CMDID, value);
  }

  /** Bits 7:0 byte, 10:8 bit of the command in error; ffffh if none. */
  public int parameterErrorLocation() {
    return u16(PARAMETER_ERROR_LOCATION);
  }

  public void parameterErrorLocation(int value) {
    u16(PARAMETER_ERROR_LOCATION, value);
  }

  /** First logical block in error. */
  public long lba() {
    return u64(LBA);
  }

  public void lba(long value) {
    u64(LBA, value);
  }

  /** Namespace of the error. */
  public int nsid() {
    return i32(NSID);
  }

  public void nsid(int value) {
    i32(NSID, value);
  }

  /** Log page with more, if there is one; else 0. */
  public int vendorInfo() {
    return u8(VENDOR_INFO);
  }

  public void vendorInfo(int value) {
    u8(VENDOR_INFO, value);
  }

  /** Transport type; 0 if not of a transport. */
  public int trtype() {
    return u8(TRTYPE);
  }

  public void trtype(int value) {
    u8(TRTYPE, value);
  }

  /** Command specific information. */
  public long commandSpecific() {
    return u64(COMMAND_SPECIFIC);
  }

  public void commandSpecific(long value) {
    u64(COMMAND_SPECIFIC, value);
  }

  /** Transport specific information. */
  public int transportSpecific() {
    return u16(TRANSPORT_SPECIFIC);
  }

  public void transportSpecific(int value) {
    u16(TRANSPORT_SPECIFIC, value);
  }

  /** The status without its phase bit, for {@link Status}. */
  public int status() {
    return u16(STATUS_FIELD) >>> 1;
  }

  public void status(int value) {
    u16(STATUS_FIELD, value << 1);
  }
}
