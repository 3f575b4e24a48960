package sluice.nvme.spec;

/**
 * What an Identify command asks for: CNS, bits 7:0 of CDW10 (NVMe 1.4, section 5.15.1, figure 244).
 */
public final class IdentifyCns {
  public static final int NAMESPACE = 0x00;
  public static final int CONTROLLER = 0x01;
  public static final int ACTIVE_NAMESPACES = 0x02;
  public static final int NAMESPACE_DESCRIPTORS = 0x03;

  /** The controller's limits for a command set, of NVMe 2.0. */
  public static final int COMMAND_SET_CONTROLLER = 0x06;

  public static final int ALLOCATED_NAMESPACES = 0x10;
  public static final int ALLOCATED_NAMESPACE = 0x11;
  public static final int ATTACHED_CONTROLLERS = 0x12;
  public static final int CONTROLLERS = 0x13;

  /** CSI: the NVM command set. */
  public static final int CSI_NVM = 0;

  private IdentifyCns() {}

  public static int cns(int cdw10) {
    return Bits.get(cdw10, 0, 8);
  }

  /** CSI, the command set, bits 31:24 of CDW11 (NVMe 2.0). */
  public static int csi(int cdw11) {
    return Bits.get(cdw11, 24, 8);
  }

  /** CNTID, the controller a list begins with. */
  public static int cntid(int cdw10) {
    return Bits.get(cdw10, 16, 16);
  }
}
