package sluice.recorder.format;

/** Why a recording ended. */
public enum EndReason {
  NONE(0, "it has not ended"),
  STREAM_ENDED(1, "the stream ended"),
  STOPPED(2, "it was told to stop"),
  DATA_FULL(3, "the drive's data region is full"),
  INDEX_FULL(4, "the drive's index region is full"),
  COMMAND_FAILED(5, "a command failed"),
  CRASH(6, "a crash");

  private final int code;
  private final String text;

  EndReason(int code, String text) {
    this.code = code;
    this.text = text;
  }

  /** The value on the drive. */
  public int code() {
    return code;
  }

  /** For people. */
  public String text() {
    return text;
  }

  static EndReason of(int code) {
    for (EndReason reason : values()) {
      if (reason.code == code) {
        return reason;
      }
    }
    throw new FormatException("no recording ends for the reason " + code);
  }
}
