package sluice.nvme.spec;

/**
 * A version of the specification, as in the register VS (NVMe 1.4, section 3.1.2).
 *
 * <pre>
 *  31          16 15      8 7       0
 * |     MJR      |   MNR   |   TER   |
 * </pre>
 */
public final class Version {
  public static final int V1_0 = 0x00010000;
  public static final int V1_1 = 0x00010100;
  public static final int V1_2 = 0x00010200;
  public static final int V1_3 = 0x00010300;
  public static final int V1_4 = 0x00010400;
  public static final int V2_0 = 0x00020000;

  private Version() {}

  public static int of(int mjr, int mnr, int ter) {
    return Bits.set(Bits.set(Bits.set(0, 16, 16, mjr), 8, 8, mnr), 0, 8, ter);
  }

  public static int mjr(int vs) {
    return Bits.get(vs, 16, 16);
  }

  public static int mnr(int vs) {
    return Bits.get(vs, 8, 8);
  }

  public static int ter(int vs) {
    return Bits.get(vs, 0, 8);
  }

  /** As people write it: {@code 1.4} or {@code 1.2.1}. */
  public static String format(int vs) {
    String text = mjr(vs) + "." + mnr(vs);
    return ter(vs) == 0 ? text : text + "." + ter(vs);
  }
}
