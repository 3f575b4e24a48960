package sluice.recorder.sink;

import java.util.function.LongSupplier;
import sluice.recorder.stream.Pace;

/** Holds a sink to a rate, in pieces that are worth a system call. Used by one thread. */
final class SinkPace {
  /** Pieces of this, unless the rate is so low that it takes more than a millisecond. */
  private static final int MAX_PIECE = 1 << 16;

  private final Pace pace;
  private final long piece;
  private long taken;

  /**
   * @param bytesPerSecond 0 for no limit
   */
  SinkPace(long bytesPerSecond, LongSupplier ticks) {
    this.pace = bytesPerSecond == 0 ? null : new Pace(bytesPerSecond, ticks);
    this.piece = Math.clamp(bytesPerSecond / 1000, 1, MAX_PIECE);
  }

  /** How many of these bytes are due now; 0 when they are not worth a call yet. */
  long due(long length) {
    if (pace == null) {
      return length;
    }
    long due = Math.min(length, pace.due(pace.elapsed()) - taken);
    return due == length || due >= piece ? due : 0;
  }

  /** Says that bytes have gone, or would have if they were not missing. */
  void taken(long bytes) {
    taken += bytes;
  }
}
