package sluice.nvme.spec;

/**
 * What an Identify command asks for: CNS, bits 7:0 of CDW10 (NVMe 1.4, section 5.15.1, figure 244).
 */
public final class IdentifyCns {
  public static final int NAMESPACE = 0x00;
  public static final int CONTROLLER = 0x01;
  public static final int ACTIVE_NAMESPACES = 0x02;
  public static final int NAMESPACE_DESCRIPTORS = 0x03;
  public static final int ALLOCATED_NAMESPACES = 0x10;
  public static final int ALLOCATED_NAMESPACE = 0x11;
  public static final int ATTACHED_CONTROLLERS = 0x12;
  public static final int CONTROLLERS = 0x13;

  private IdentifyCns() {}

  public static int cns(int cdw10) {
    return Bits.get(cdw10, 0, 8);
  }

  /** CNTID, the controller a list begins with. */
  public static int cntid(int cdw10) {
    return Bits.get(cdw10, 16, 16);
  }
}
