package sluice.nvme.spec;

/**
 * A completion's status field without its phase bit (NVMe 1.4, section 4.6.1).
 *
 * <pre>
 *   14   13  12  11 10     8 7              0
 * |DNR | M |  CRD  |   SCT  |      SC        |
 * </pre>
 *
 * The status is 0 for success and nothing else.
 */
public final class Status {
  public static final int SUCCESS = 0;

  /** Do not retry. */
  public static final int DNR = 1 << 14;

  /** More: the Error Information log has details. */
  public static final int MORE = 1 << 13;

  private Status() {}

  /** Status code. */
  public static int sc(int status) {
    return Bits.get(status, 0, 8);
  }

  /** Status code type. */
  public static int sct(int status) {
    return Bits.get(status, 8, 3);
  }

  /** Command retry delay: 0 none, else which of CRDT1 to CRDT3 to wait. */
  public static int crd(int status) {
    return Bits.get(status, 11, 2);
  }

  public static int crd(int status, int value) {
    return Bits.set(status, 11, 2, value);
  }

  /** Whether the Error Information log has details. */
  public static boolean more(int status) {
    return (status & MORE) != 0;
  }

  /** Whether the controller says not to retry. */
  public static boolean dnr(int status) {
    return (status & DNR) != 0;
  }

  public static boolean isSuccess(int status) {
    return (status & 0x7ff) == 0;
  }

  /** Whether a status is of a code, whatever its other bits. */
  public static boolean is(int status, StatusCode code) {
    return (status & 0x7ff) == code.status();
  }

  /**
   * What to do with the command. A code that NVMe 1.4 does not name may be retried, unless DNR is
   * set.
   */
  public static RetryClass retryClass(int status) {
    StatusCode code = StatusCode.of(status);
    RetryClass byCode = code == null ? RetryClass.RETRY : code.retryClass();
    return byCode == RetryClass.RETRY && dnr(status) ? RetryClass.NO_RETRY : byCode;
  }

  public static boolean isRetryable(int status) {
    return retryClass(status) == RetryClass.RETRY;
  }

  /** For people: the name, the numbers, and what else is set. */
  public static String format(int status) {
    StatusCode code = StatusCode.of(status);
    StringBuilder text = new StringBuilder();
    text.append(code == null ? "unknown status" : code.title());
    text.append(
        String.format(" (%s, %d/0x%02x", StatusType.title(sct(status)), sct(status), sc(status)));
    if (crd(status) != 0) {
      text.append(", retry delay ").append(crd(status));
    }
    if (more(status)) {
      text.append(", more in the error log");
    }
    if (dnr(status)) {
      text.append(", do not retry");
    }
    return text.append(')').toString();
  }
}
