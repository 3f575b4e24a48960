package sluice.recorder.format;

/** How a recording stands in the catalogue. */
public enum RecordingState {
  /** Being recorded, or left behind by a crash. */
  OPEN(1),
  /** Ended in order. */
  CLOSED(2),
  /** Left open by a crash, and cut at its last provable byte. */
  RECOVERED(3),
  /** None: the entry was given up by a repair. Its place, and what it had, are free. */
  GIVEN_UP(4);

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
