package sluice.nvme.spec;

/**
 * How a Connect can be refused (NVMe over Fabrics 1.1, figures 19 and 22): status codes that mean
 * something else after other commands, so that {@link StatusCode} does not have them.
 *
 * <pre>
 *  after Invalid Parameters:
 *        31        24 23       16 15                  0
 *  DW0  |  reserved  |  IATTR    |        IPO          |
 * </pre>
 *
 * IATTR tells whether the wrong parameter is in the data or in the command, IPO where.
 */
public final class ConnectStatus {
  public static final int INCOMPATIBLE_FORMAT = 0x180;
  public static final int CONTROLLER_BUSY = 0x181;
  public static final int INVALID_PARAMETERS = 0x182;
  public static final int RESTART_DISCOVERY = 0x183;
  public static final int INVALID_HOST = 0x184;
  public static final int AUTHENTICATION_REQUIRED = 0x191;

  private static final int CODE_MASK = 0x7ff;
  private static final int IN_DATA = 1 << 16;
  private static final int SUBNQN = 256;
  private static final int HOSTNQN = 512;

  private ConnectStatus() {}

  /** Where in the data a wrong parameter is, as dword 0 of the completion tells it. */
  public static int inData(int offset) {
    return IN_DATA | offset;
  }

  /**
   * What was refused, in words that go on a sentence.
   *
   * @param result dword 0 of the completion
   */
  public static String describe(int status, int result) {
    return switch (status & CODE_MASK) {
      case INCOMPATIBLE_FORMAT -> "does not know the format of our Connect";
      case CONTROLLER_BUSY -> "is busy: the controller that was asked for is another host's";
      case INVALID_PARAMETERS -> "refuses " + parameter(result);
      case RESTART_DISCOVERY -> "says that what its discovery service told is out of date";
      case INVALID_HOST -> "does not let this host in; its list of allowed hosts must name hostnqn";
      case AUTHENTICATION_REQUIRED -> "wants this host to authenticate itself, which is not there";
      default -> "refuses the connection: " + Status.format(status);
    };
  }

  private static String parameter(int result) {
    int offset = result & 0xffff;
    if ((result & IN_DATA) == 0) {
      return "the command word at byte " + offset + " of our Connect";
    }
    return switch (offset) {
      case SUBNQN -> "the subsystem's name (NQN): it has none of that name";
      case HOSTNQN -> "the host's name (hostnqn)";
      case 0 -> "the host's identifier (hostid)";
      default -> "byte " + offset + " of our Connect's data";
    };
  }
}
