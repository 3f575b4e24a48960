package sluice.nvme.spec;

/**
 * Controller Status, the register CSTS (NVMe 1.4, section 3.1.6).
 *
 * <pre>
 *  31          6  5    4    3  2   1   0
 * |    rsvd     |PP|NSSRO| SHST |CFS|RDY|
 * </pre>
 *
 * Getters take the register's value; setters return it with the field replaced.
 */
public final class Csts {
  /** SHST: no shutdown was asked for. */
  public static final int SHST_NORMAL = 0;

  /** SHST: the shutdown is going on. */
  public static final int SHST_OCCURRING = 1;

  /** SHST: the shutdown is complete. */
  public static final int SHST_COMPLETE = 2;

  private Csts() {}

  /** Ready. */
  public static boolean rdy(int csts) {
    return Bits.is(csts, 0);
  }

  public static int rdy(int csts, boolean value) {
    return Bits.set(csts, 0, 1, value ? 1 : 0);
  }

  /** Controller fatal status. */
  public static boolean cfs(int csts) {
    return Bits.is(csts, 1);
  }

  public static int cfs(int csts, boolean value) {
    return Bits.set(csts, 1, 1, value ? 1 : 0);
  }

  /** Shutdown status: the {@code SHST_} constants. */
  public static int shst(int csts) {
    return Bits.get(csts, 2, 2);
  }

  public static int shst(int csts, int value) {
    return Bits.set(csts, 2, 2, value);
  }

  /** An NVM subsystem reset occurred; cleared by writing a one. */
  public static boolean nssro(int csts) {
    return Bits.is(csts, 4);
  }

  public static int nssro(int csts, boolean value) {
    return Bits.set(csts, 4, 1, value ? 1 : 0);
  }

  /** Processing paused. */
  public static boolean pp(int csts) {
    return Bits.is(csts, 5);
  }

  public static int pp(int csts, boolean value) {
    return Bits.set(csts, 5, 1, value ? 1 : 0);
  }
}
