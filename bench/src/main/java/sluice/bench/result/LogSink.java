package sluice.bench.result;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/**
 * Where a run's logs go while it runs, so that they need no memory that grows. All is told by the
 * thread that runs the bench. Who cannot keep what it is told keeps that to itself until the run is
 * over: nothing of what is measured is lost for it.
 */
public interface LogSink {
  /** Keeps nothing. */
  LogSink NONE = log -> samples -> {};

  /**
   * Opens a log, before the first I/O of the run.
   *
   * @return told the log's samples in the order of time, some at a time, which it must not keep
   * @throws IOException if it cannot be written; its message says which and why
   */
  Consumer<Samples> open(SampleLog log) throws IOException;

  /**
   * Opens a log of histograms, before the first I/O of the run.
   *
   * @return told the histograms in the order of time
   * @throws IOException if it cannot be written; its message says which and why
   */
  default Consumer<LatencyBins> openHistograms(SampleLog log) throws IOException {
    return bins -> {};
  }

  /**
   * Another round of the same jobs begins, whose logs are those of before anew: of all rounds the
   * logs of one are wanted in the end.
   *
   * @param number from 1
   * @return where this round's logs go
   */
  default LogSink round(int number) {
    return this;
  }

  /** Whether it wants to know what jobs do second by second. */
  default boolean wantsIntervals() {
    return false;
  }

  /**
   * The run begins, before its first I/O.
   *
   * @throws IOException if what it is told next cannot be written; its message says why
   */
  default void begin(Instant start, List<DriveInfo> drives) throws IOException {}

  /** A second of a job is over. */
  default void interval(JobInterval interval) {}
}
