package sluice.nvme.spec;

import java.lang.foreign.MemorySegment;

/**
 * An entry of the Discovery log page (NVMe over Fabrics 1.1, section 5.3.1, figure 35): a way to a
 * subsystem.
 *
 * <pre>
 *      0 | TRTYPE | ADRFAM | SUBTYPE | TREQ   |
 *      4 | PORTID          | CNTLID           |
 *      8 | ASQSZ           | EFLAGS           |
 *     32 | TRSVCID, 32 bytes                  |
 *    256 | SUBNQN, 256 bytes                  |
 *    512 | TRADDR, 256 bytes                  |
 *    768 | TSAS, 256 bytes; of TCP the first is SECTYPE
 * </pre>
 */
public final class DiscoveryEntry extends Structure {
  /** Bytes in an entry. */
  public static final int BYTES = 1024;

  /** TRTYPE: TCP. */
  public static final int TCP = 3;

  /** ADRFAM. */
  public static final int IPV4 = 1;

  public static final int IPV6 = 2;

  /** SUBTYPE: another discovery service. */
  public static final int REFERRAL = 1;

  /** SUBTYPE: a subsystem with drives. */
  public static final int SUBSYSTEM = 2;

  /** SUBTYPE: this discovery service. */
  public static final int CURRENT = 3;

  private static final int TRTYPE = 0;
  private static final int ADRFAM = 1;
  private static final int SUBTYPE = 2;
  private static final int TREQ = 3;
  private static final int PORTID = 4;
  private static final int CNTLID = 6;
  private static final int ASQSZ = 8;
  private static final int EFLAGS = 10;
  private static final int TRSVCID = 32;
  private static final int SUBNQN = 256;
  private static final int TRADDR = 512;
  private static final int SECTYPE = 768;

  public DiscoveryEntry(MemorySegment segment) {
    super(segment, BYTES);
  }

  public int transport() {
    return u8(TRTYPE);
  }

  public void transport(int value) {
    u8(TRTYPE, value);
  }

  public int addressFamily() {
    return u8(ADRFAM);
  }

  public void addressFamily(int value) {
    u8(ADRFAM, value);
  }

  public int subtype() {
    return u8(SUBTYPE);
  }

  public void subtype(int value) {
    u8(SUBTYPE, value);
  }

  /** TREQ: bits 1:0 whether a secure channel is needed, bit 2 that flow control can be off. */
  public int requirements() {
    return u8(TREQ);
  }

  public void requirements(int value) {
    u8(TREQ, value);
  }

  public int portId() {
    return u16(PORTID);
  }

  public void portId(int value) {
    u16(PORTID, value);
  }

  public int controllerId() {
    return u16(CNTLID);
  }

  public void controllerId(int value) {
    u16(CNTLID, value);
  }

  /** ASQSZ: entries of an admin queue at the most. */
  public int adminEntries() {
    return u16(ASQSZ);
  }

  public void adminEntries(int value) {
    u16(ASQSZ, value);
  }

  /** EFLAGS. */
  public int flags() {
    return u16(EFLAGS);
  }

  public void flags(int value) {
    u16(EFLAGS, value);
  }

  /** TRSVCID: the port, as text. */
  public String service() {
    return text(TRSVCID, 32);
  }

  public void service(String value) {
    text(TRSVCID, 32, value);
  }

  /** SUBNQN. */
  public String subsystem() {
    return utf8(SUBNQN, 256);
  }

  public void subsystem(String value) {
    utf8(SUBNQN, 256, value);
  }

  /** TRADDR: the address, as text. */
  public String address() {
    return text(TRADDR, 256);
  }

  public void address(String value) {
    text(TRADDR, 256, value);
  }

  /** SECTYPE of TCP: 0 none, 1 TLS 1.2, 2 TLS 1.3. */
  public int security() {
    return u8(SECTYPE);
  }

  public void security(int value) {
    u8(SECTYPE, value);
  }

  /** TRTYPE for people, as nvme-cli has it. */
  public static String transportName(int type) {
    return switch (type) {
      case 1 -> "rdma";
      case 2 -> "fibre-channel";
      case TCP -> "tcp";
      case 254 -> "loop";
      default -> "unrecognized";
    };
  }

  /** ADRFAM for people, as nvme-cli has it. */
  public static String addressFamilyName(int family) {
    return switch (family) {
      case 0 -> "pci";
      case IPV4 -> "ipv4";
      case IPV6 -> "ipv6";
      case 3 -> "infiniband";
      case 4 -> "fibre-channel";
      case 254 -> "loop";
      default -> "unrecognized";
    };
  }

  /** SUBTYPE for people, as nvme-cli has it. */
  public static String subtypeName(int subtype) {
    return switch (subtype) {
      case REFERRAL -> "discovery subsystem referral";
      case SUBSYSTEM -> "nvme subsystem";
      case CURRENT -> "current discovery subsystem";
      default -> "unrecognized";
    };
  }

  /** TREQ for people, as nvme-cli has it. */
  public static String requirementsName(int requirements) {
    String security =
        switch (requirements & 3) {
          case 0 -> "not specified";
          case 1 -> "required";
          case 2 -> "not required";
          default -> "reserved";
        };
    return (requirements & 4) == 0 ? security : security + ", sq flow control disable supported";
  }

  /** EFLAGS for people, as nvme-cli has it. */
  public static String flagsName(int flags) {
    StringBuilder text = new StringBuilder();
    String[] names = {
      "duplicate discovery information",
      "explicit discovery connections",
      "no central discovery controller"
    };
    for (int bit = 0; bit < names.length; bit++) {
      if ((flags >>> bit & 1) != 0) {
        text.append(text.isEmpty() ? "" : ", ").append(names[bit]);
      }
    }
    return text.isEmpty() ? "none" : text.toString();
  }

  /** SECTYPE for people, as nvme-cli has it. */
  public static String securityName(int security) {
    return switch (security) {
      case 0 -> "none";
      case 1 -> "tls";
      case 2 -> "tls13";
      default -> "unrecognized";
    };
  }
}
