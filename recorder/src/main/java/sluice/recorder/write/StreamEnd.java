package sluice.recorder.write;

import sluice.recorder.format.EndReason;
import sluice.recorder.ring.StreamRing;

/**
 * When a stream is over: its producer has ended, or was told to stop, or the drive takes no more.
 * Used by the writer's thread, but for {@link #stop} and {@link #announceStop}.
 */
final class StreamEnd {
  private final StreamRing ring;
  private final DataWriter data;
  private final WriterOptions options;
  private boolean isWaitingForProducer;
  private boolean isProducerGivenUp;
  private boolean isFinalGapTaken;
  private long producerDeadline;
  private volatile boolean stopRequested;
  private volatile boolean isStopAnnounced;

  StreamEnd(StreamRing ring, DataWriter data, WriterOptions options) {
    this.ring = ring;
    this.data = data;
    this.options = options;
  }

  /** The producer itself was told to stop, by somebody else, and is waited for. */
  void announceStop() {
    isStopAnnounced = true;
  }

  /** The producer is to be told to stop. */
  void stop() {
    stopRequested = true;
  }

  /** Why it is over. */
  EndReason reason() {
    if (data.isCut()) {
      return data.cutReason();
    }
    return stopRequested || isStopAnnounced ? EndReason.STOPPED : EndReason.STREAM_ENDED;
  }

  /** Whether all was retired, or dropped, that there will be. */
  boolean isReached() {
    long end = ring.endPosition();
    // A producer that ends after it was given up comes too late: what it committed since is not
    // taken, so its end would never be reached.
    if (end >= 0 && !isProducerGivenUp) {
      if (data.retired() != end || !data.isSettled()) {
        return false;
      }
      if (!isFinalGapTaken) {
        isFinalGapTaken = true;
        data.lost().add(ring.finalGap(), ring.finalGapTime(), ring.isFinalGapEstimated());
      }
      return true;
    }
    if (!stopRequested && !data.isCut()) {
      return false;
    }
    return hasProducerGivenUp() && data.isAtEnd();
  }

  /** A producer that was told to stop, and does not, is not waited for endlessly. */
  private boolean hasProducerGivenUp() {
    long now = options.nanoClock().getAsLong();
    if (!isWaitingForProducer) {
      isWaitingForProducer = true;
      producerDeadline = now + options.stopTimeout().toNanos();
      ring.stop();
    }
    if (now - producerDeadline < 0) {
      return false;
    }
    if (!isProducerGivenUp) {
      isProducerGivenUp = true;
      data.endAt(ring.committed());
    }
    return true;
  }
}
