package sluice.bench.result;

/**
 * An I/O that was out for so long that it was told of while it was.
 *
 * @param nanos for how long it was out, or has been until now
 * @param end how it ended; empty while it has not
 */
public record StuckIo(Io io, long nanos, String end) {
  /** Whether it has come back, or is known never to. */
  public boolean isOver() {
    return !end.isEmpty();
  }
}
