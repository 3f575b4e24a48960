package sluice.cli;

import sluice.recorder.RecorderStatus;
import sluice.recorder.RecordingSession;
import sluice.recorder.source.SourceCounters;
import sluice.support.text.Units;

/** How a recording is shown while it runs. */
abstract class Progress implements RecordingSession.Listener {
  /** The choices of {@code --progress}. */
  enum Mode {
    auto,
    none,
    events
  }

  static Progress of(Mode mode) {
    return switch (mode) {
      case auto -> new Line();
      case none -> new None();
      case events -> new Events();
    };
  }

  /** The recording is open on the drive, and the source is about to be read. */
  abstract void begin(String name);

  /** What was lost, and how well that is known. */
  static String lost(long bytes, long estimatedBytes, long kernelDrops) {
    String text = "lost " + (estimatedBytes > 0 ? "about " : "") + Units.formatSize(bytes);
    return kernelDrops > 0 ? text + " (the kernel dropped " + kernelDrops + " datagrams)" : text;
  }

  private static final class None extends Progress {
    @Override
    void begin(String name) {}

    @Override
    public void step(RecorderStatus status, SourceCounters source) {}

    @Override
    public void ended(RecorderStatus status, SourceCounters source) {}
  }

  /** Lines for programs, each as soon as it is true. */
  private static final class Events extends Progress {
    private long durable;
    private long lost;
    private long estimated;
    private long drops;
    private long pauses;
    private long retries;

    @Override
    void begin(String name) {
      System.err.println("started " + name);
    }

    @Override
    public void step(RecorderStatus status, SourceCounters source) {
      if (status.durableBytes() > durable) {
        durable = status.durableBytes();
        System.err.println("durable " + durable);
      }
      if (status.lostBytes() > lost) {
        lost = status.lostBytes();
        System.err.println("lost " + lost);
      }
      if (source.estimatedLostBytes() > estimated) {
        estimated = source.estimatedLostBytes();
        System.err.println("estimated " + estimated);
      }
      if (source.kernelDrops() > drops) {
        drops = source.kernelDrops();
        System.err.println("kernel-drops " + drops);
      }
      if (status.retries() > retries) {
        retries = status.retries();
        System.err.println("retries " + retries);
      }
      if (status.pauses() > pauses) {
        pauses = status.pauses();
        System.err.println("pauses " + pauses + " longest-ns " + status.longestPauseNanos());
      }
    }

    @Override
    public void ended(RecorderStatus status, SourceCounters source) {
      step(status, source);
      System.err.println(
          "flushes " + status.flushes() + " longest-ns " + status.longestFlushNanos());
      System.err.println("ended " + status.writtenBytes());
    }
  }

  /** One line for people. */
  private static final class Line extends Progress {
    private static final long RATE_NANOS = 500_000_000L;

    /** A generator that comes later than this is not the steady source that was asked for. */
    private static final long BEHIND_NANOS = 10_000_000L;

    private final LiveLine line = new LiveLine();
    private final long start = System.nanoTime();
    private long sampledAt = start;
    private long sampledBytes;
    private double rate;

    @Override
    void begin(String name) {}

    @Override
    public void step(RecorderStatus status, SourceCounters source) {
      long now = System.nanoTime();
      long arrived = status.committedBytes() + status.lostBytes();
      if (now - sampledAt >= RATE_NANOS) {
        rate = (arrived - sampledBytes) * 1e9 / (now - sampledAt);
        sampledAt = now;
        sampledBytes = arrived;
      }
      line.show(() -> text(status, source, now));
    }

    @Override
    public void ended(RecorderStatus status, SourceCounters source) {
      line.clear();
    }

    private String text(RecorderStatus status, SourceCounters source, long now) {
      double size = status.ringBytes();
      StringBuilder text = new StringBuilder();
      text.append("%6.1f s  ".formatted((now - start) / 1e9));
      text.append("%-9s ".formatted(Units.formatSize(status.recordedBytes())));
      text.append("%-11s ".formatted(Units.formatRate(rate)));
      text.append("ring ")
          .append(LiveLine.bar(status.ringFillBytes() / size, status.highWaterBytes() / size))
          .append(" %3.0f %%".formatted(100 * status.ringFillBytes() / size));
      if (rate > 0) {
        text.append("  headroom %.0f ms".formatted(status.headroomNanos(rate) / 1e6));
      }
      text.append("  pauses ").append(status.pauses());
      if (status.pauses() > 0) {
        text.append(" (longest ")
            .append(Units.formatDuration(status.longestPauseNanos()))
            .append(')');
      }
      text.append("  durable ").append(Units.formatSize(status.durableBytes()));
      if (status.longestFlushNanos() > 0) {
        text.append(" (flush up to ")
            .append(Units.formatDuration(status.longestFlushNanos()))
            .append(')');
      }
      if (status.retries() > 0) {
        text.append("  retries ").append(status.retries());
      }
      if (source.maxBehindNanos() > BEHIND_NANOS) {
        text.append("  behind ").append(Units.formatDuration(source.maxBehindNanos()));
      }
      String lost =
          "  " + lost(status.lostBytes(), source.estimatedLostBytes(), source.kernelDrops());
      text.append(status.lostBytes() > 0 ? Terminal.red(lost) : lost);
      return text.toString();
    }
  }
}
