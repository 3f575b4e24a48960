package sluice.recorder.format;

/** How a recording stands in the catalogue. */
public enum RecordingState {
  /** Being recorded, or left behind by a crash. */
  OPEN(1),
  /** Ended in order. */
  CLOSED(2),
  /** Left open by a crash, and cut at its last provable byte. */
  RECOVERED(3);

  private final int code;

  RecordingState(int code) {
    this.code = code;
  }

  /** The value on the drive. */
  public int code() {
    return code;
  }

  static RecordingState of(int code) {
    for (RecordingState state : values()) {
      if (state.code == code) {
        return state;
      }
    }
    throw new FormatException("no recording has the state " + code);
  }
}
