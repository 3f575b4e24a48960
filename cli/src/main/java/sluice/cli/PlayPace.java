package sluice.cli;

import java.util.function.LongSupplier;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import sluice.recorder.Sink;
import sluice.recorder.stream.Pace;
import sluice.support.text.Units;

/**
 * How fast a recording is played, as the value of an option: {@code original} (as it was recorded),
 * {@code 2x} (twice as fast), or a rate. Without it, as fast as drive and sink go.
 */
record PlayPace(double speed, long bytesPerSecond) {
  private static final double MIN_SPEED = 1e-3;
  private static final double MAX_SPEED = 1e6;

  /** Reads it. */
  static final class Converter implements ITypeConverter<PlayPace> {
    @Override
    public PlayPace convert(String text) {
      if (text.equals("original")) {
        return new PlayPace(1, 0);
      }
      try {
        if (text.endsWith("x")) {
          double speed = Double.parseDouble(text.substring(0, text.length() - 1));
          if (speed >= MIN_SPEED && speed <= MAX_SPEED) {
            return new PlayPace(speed, 0);
          }
        } else {
          return new PlayPace(0, new Pace(Units.parseRate(text), () -> 0).bytesPerSecond());
        }
      } catch (NumberFormatException e) {
        // Told below, as a speed that is out of range is.
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
      throw new TypeConversionException("write original, a speed as 2x or 0.5x, or 100MB/s");
    }
  }

  /**
   * A sink that takes bytes no faster than this, and hands them on.
   *
   * @param times when the chunk arrived that is being written, in nanoseconds
   * @param maxPauseNanos how much time is taken to have passed at most from a chunk to the next
   */
  Sink hold(Sink sink, LongSupplier times, LongSupplier ticks, long maxPauseNanos) {
    return speed > 0
        ? new TimedSink(sink, times, speed, ticks, maxPauseNanos)
        : new RateSink(sink, new Pace(bytesPerSecond, ticks));
  }

  /** Hands on all but the time. */
  private abstract static class HeldSink implements Sink {
    final Sink sink;

    HeldSink(Sink sink) {
      this.sink = sink;
    }

    @Override
    public void gap(long bytes) {
      sink.gap(bytes);
    }

    @Override
    public void finish() {
      sink.finish();
    }

    @Override
    public void close() {
      sink.close();
    }
  }

  /**
   * Takes a chunk when as much time has passed since the first as when they were recorded. Where
   * the clock was set back meanwhile, no time is taken to have passed from one chunk to the next,
   * and the pace goes on from there.
   */
  private static final class TimedSink extends HeldSink {
    private final LongSupplier times;
    private final double speed;
    private final LongSupplier ticks;
    private final long maxPauseNanos;
    private boolean started;
    private long start;
    private long lastTime;
    private long passedNanos;

    TimedSink(Sink sink, LongSupplier times, double speed, LongSupplier ticks, long maxPauseNanos) {
      super(sink);
      this.times = times;
      this.speed = speed;
      this.ticks = ticks;
      this.maxPauseNanos = maxPauseNanos;
    }

    @Override
    public long write(long address, long length) {
      long now = ticks.getAsLong();
      long time = times.getAsLong();
      if (!started) {
        started = true;
        start = now;
        lastTime = time;
      }
      passedNanos += Math.clamp(time - lastTime, 0, maxPauseNanos);
      lastTime = time;
      boolean isDue = (now - start) * speed >= passedNanos;
      return isDue ? sink.write(address, length) : 0;
    }
  }

  /** Takes so many bytes per second. */
  private static final class RateSink extends HeldSink {
    private final Pace pace;
    private long taken;

    RateSink(Sink sink, Pace pace) {
      super(sink);
      this.pace = pace;
    }

    @Override
    public long write(long address, long length) {
      long due = Math.min(length, pace.due(pace.elapsed()) - taken);
      long written = due > 0 ? sink.write(address, due) : 0;
      taken += written;
      return written;
    }
  }
}
