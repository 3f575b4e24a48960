package sluice.nvme.spec;

/**
 * An asynchronous event: dword 0 of the completion of an Asynchronous Event Request (NVMe 1.4,
 * section 5.2.1, figures 147 to 151).
 *
 * <pre>
 *  31      24 23                 16 15           8 7    3 2       0
 * |   rsvd   | log page identifier | information  | rsvd |  type   |
 * </pre>
 */
public final class AsyncEvent {
  public static final int TYPE_ERROR = 0;
  public static final int TYPE_SMART = 1;
  public static final int TYPE_NOTICE = 2;
  public static final int TYPE_IO_COMMAND_SET = 6;
  public static final int TYPE_VENDOR = 7;

  public static final int ERROR_INVALID_DOORBELL_REGISTER = 0;
  public static final int ERROR_INVALID_DOORBELL_VALUE = 1;
  public static final int ERROR_DIAGNOSTIC_FAILURE = 2;
  public static final int ERROR_PERSISTENT_INTERNAL = 3;
  public static final int ERROR_TRANSIENT_INTERNAL = 4;
  public static final int ERROR_FIRMWARE_IMAGE_LOAD = 5;

  public static final int SMART_RELIABILITY = 0;
  public static final int SMART_TEMPERATURE = 1;
  public static final int SMART_SPARE = 2;

  public static final int NOTICE_NAMESPACE_ATTRIBUTE = 0;
  public static final int NOTICE_FIRMWARE_ACTIVATION = 1;

  private AsyncEvent() {}

  public static int of(int type, int information, int logPage) {
    return Bits.set(Bits.set(Bits.set(0, 0, 3, type), 8, 8, information), 16, 8, logPage);
  }

  /** One of the {@code TYPE_} constants. */
  public static int type(int dword) {
    return Bits.get(dword, 0, 3);
  }

  /** What happened; its meaning depends on the type. */
  public static int information(int dword) {
    return Bits.get(dword, 8, 8);
  }

  /** The log page whose reading clears the event. */
  public static int logPage(int dword) {
    return Bits.get(dword, 16, 8);
  }

  /** For people. */
  public static String format(int dword) {
    int information = information(dword);
    return switch (type(dword)) {
      case TYPE_ERROR -> "error: " + errorName(information);
      case TYPE_SMART -> "health: " + smartName(information);
      case TYPE_NOTICE -> "notice: " + noticeName(information);
      case TYPE_IO_COMMAND_SET -> "I/O command set: event " + information;
      case TYPE_VENDOR -> "vendor's event " + information;
      default -> "event " + information + " of the reserved type " + type(dword);
    };
  }

  private static String errorName(int information) {
    return switch (information) {
      case ERROR_INVALID_DOORBELL_REGISTER -> "write to invalid doorbell register";
      case ERROR_INVALID_DOORBELL_VALUE -> "invalid doorbell write value";
      case ERROR_DIAGNOSTIC_FAILURE -> "diagnostic failure";
      case ERROR_PERSISTENT_INTERNAL -> "persistent internal error";
      case ERROR_TRANSIENT_INTERNAL -> "transient internal error";
      case ERROR_FIRMWARE_IMAGE_LOAD -> "firmware image load error";
      default -> "event " + information;
    };
  }

  private static String smartName(int information) {
    return switch (information) {
      case SMART_RELIABILITY -> "NVM subsystem reliability";
      case SMART_TEMPERATURE -> "temperature threshold";
      case SMART_SPARE -> "spare below threshold";
      default -> "event " + information;
    };
  }

  private static String noticeName(int information) {
    return switch (information) {
      case NOTICE_NAMESPACE_ATTRIBUTE -> "namespace attribute changed";
      case NOTICE_FIRMWARE_ACTIVATION -> "firmware activation starting";
      default -> "event " + information;
    };
  }
}
