package sluice.nvme.spec;

import java.lang.foreign.MemorySegment;
import java.util.UUID;

/**
 * The data of a Connect (NVMe over Fabrics 1.1, section 3.3, figure 20): who wants which controller
 * of which subsystem.
 *
 * <pre>
 *      0 | HOSTID, 16 bytes     |
 *     16 | CNTLID, 2 bytes      |
 *    256 | SUBNQN, 256 bytes    |
 *    512 | HOSTNQN, 256 bytes   |
 *    768 | reserved, up to 1024 |
 * </pre>
 */
public final class ConnectData extends Structure {
  /** Bytes in the structure. */
  public static final int BYTES = 1024;

  /** CNTLID: any controller, which the subsystem makes. */
  public static final int ANY_CONTROLLER = 0xffff;

  /** The most bytes of a name. */
  public static final int MAX_NAME_BYTES = 223;

  /** The subsystem that tells what others there are. */
  public static final String DISCOVERY = "nqn.2014-08.org.nvmexpress.discovery";

  private static final int HOSTID = 0;
  private static final int CNTLID = 16;
  private static final int SUBNQN = 256;
  private static final int HOSTNQN = 512;
  private static final int NAME_BYTES = 256;
  private static final int UUID_BYTES = 16;

  public ConnectData(MemorySegment segment) {
    super(segment, BYTES);
  }

  /** HOSTID. */
  public UUID hostId() {
    byte[] bytes = bytes(HOSTID, UUID_BYTES);
    long high = 0;
    long low = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      high = (high << Byte.SIZE) | (bytes[i] & 0xff);
      low = (low << Byte.SIZE) | (bytes[Long.BYTES + i] & 0xff);
    }
    return new UUID(high, low);
  }

  /** Stored most significant byte first. */
  public void hostId(UUID value) {
    byte[] bytes = new byte[UUID_BYTES];
    for (int i = 0; i < Long.BYTES; i++) {
      int shift = Long.SIZE - Byte.SIZE * (i + 1);
      bytes[i] = (byte) (value.getMostSignificantBits() >>> shift);
      bytes[Long.BYTES + i] = (byte) (value.getLeastSignificantBits() >>> shift);
    }
    bytes(HOSTID, UUID_BYTES, bytes);
  }

  /** CNTLID: the controller that an I/O queue is for, or {@link #ANY_CONTROLLER}. */
  public int controllerId() {
    return u16(CNTLID);
  }

  public void controllerId(int value) {
    u16(CNTLID, value);
  }

  /** SUBNQN, ended by zero bytes. */
  public String subsystem() {
    return utf8(SUBNQN, NAME_BYTES);
  }

  public void subsystem(String value) {
    utf8(SUBNQN, NAME_BYTES, value);
  }

  /** HOSTNQN, ended by zero bytes. */
  public String host() {
    return utf8(HOSTNQN, NAME_BYTES);
  }

  public void host(String value) {
    utf8(HOSTNQN, NAME_BYTES, value);
  }
}
