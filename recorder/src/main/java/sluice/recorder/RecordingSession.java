package sluice.recorder;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.NvmeDrive;
import sluice.recorder.source.Source;
import sluice.recorder.source.SourceCounters;
import sluice.recorder.source.SourceOptions;
import sluice.recorder.source.Sources;
import sluice.recorder.write.WriterResult;
import sluice.support.Closing;
import sluice.support.agent.AgentRunner;
import sluice.support.agent.IdleStrategy;
import sluice.support.text.Units;

/**
 * A recording from a source, from its beginning to its end: the source on one thread, the writer on
 * another, and the one that calls {@link #run} looks on, asks the drive for its temperature now and
 * then, and tells a {@link Listener}.
 *
 * <pre>{@code
 * try (Volume volume = Volume.open(address);
 *     RecordingSession session =
 *         RecordingSession.open(
 *             volume,
 *             RecordingOptions.named("first"),
 *             () -> Sources.open("generator:size=1M", SourceOptions.defaults()))) {
 *   WriterResult result = session.run();
 *   told.add(result.totals().recordedBytes() + " bytes, " + result.reason().text());
 *   if (session.failure() != null) {
 *     told.add(session.failure() + "; what came before is kept");
 *   }
 * }
 * }</pre>
 *
 * <p>Once it runs, it allocates nothing per chunk, as far as its {@link Feed} does not: a small
 * heap and {@code -XX:+UseSerialGC} do. Java wants {@code --enable-native-access=ALL-UNNAMED}. The
 * compiler inlines system calls to their bottom, without which each leaves 40 bytes; {@code
 * -XX:MaxInlineLevel=40} makes that sure, though it was seen to with Java 25's own 15 too.
 *
 * <p>{@link #stop}, {@link #status} and {@link #counters} are for any thread; all else is for the
 * one that opened it. Used once. It owns its source and its recorder, not the volume or the drive.
 */
public final class RecordingSession implements AutoCloseable {
  private static final Duration TURN = Duration.ofMillis(10);

  /**
   * How long a source that was told to stop may go on without getting anything into the ring. A
   * drive in a long pause is waited for, as the ring is.
   */
  private static final long DRAIN_NANOS = 60_000_000_000L;

  /** How long a step of the source may take when the recording ends. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** The part of it after which the source is told not to wait. */
  private static final long GRACE = 10;

  /** How long bytes wait in a slot that does not fill up, unless they are to be durable sooner. */
  private static final long MAX_SLOT_AGE_NANOS = 1_000_000_000;

  private static final String NO_NAME = "the feed";

  /**
   * Told how a recording stands, on the thread that runs it; it has to return soon. One that throws
   * ends the recording, which keeps what has arrived; {@link #run} throws the same.
   */
  @FunctionalInterface
  public interface Listener {
    /** About a hundred times a second. */
    void step(RecorderStatus status, SourceCounters source);

    /** Once, when the recording has ended. */
    default void ended(RecorderStatus status, SourceCounters source) {}
  }

  private final Recorder recorder;
  private final Source source;
  private final LongConsumer health;
  private Listener listener = (status, counters) -> {};
  private long stopAfterNanos = Long.MAX_VALUE;
  private Duration patience = PATIENCE;
  private volatile boolean isStopping;
  private volatile boolean isRunning;
  private long drained = -1;
  private long drainDeadline;
  private long turns = -1;
  private long turnBegan;
  private boolean isWoken;
  private boolean isStuck;

  /**
   * @param health asked in every turn, given the monotonic clock in nanoseconds
   */
  RecordingSession(Recorder recorder, Source source, LongConsumer health) {
    this.recorder = recorder;
    this.source = source;
    this.health = health;
  }

  /**
   * Opens a new recording. What a crash has left open is recovered first.
   *
   * @param source opened last, when all is done that may take long: what arrives from then on has
   *     to be taken. If it cannot be, there is no recording
   * @throws sluice.recorder.format.FormatException if anything on the volume is damaged
   * @throws IllegalArgumentException if the name is taken
   * @throws DriveFullException if nothing is free
   */
  public static RecordingSession open(
      Volume volume, RecordingOptions options, Supplier<Source> source) {
    AtomicReference<Source> opened = new AtomicReference<>();
    try {
      Recorder recorder = volume.record(options, () -> opened.set(source.get()));
      return of(volume.drive(), recorder, opened::get);
    } catch (Throwable e) {
      if (opened.get() != null) {
        Closing.after(e, opened.get());
      }
      throw e;
    }
  }

  /**
   * Opens a new recording of what a program makes itself.
   *
   * @param feed closed with the session; if there is no recording, it stays the caller's
   * @throws sluice.recorder.format.FormatException if anything on the volume is damaged
   * @throws IllegalArgumentException if the name is taken
   * @throws DriveFullException if nothing is free
   */
  public static RecordingSession open(Volume volume, RecordingOptions options, Feed feed) {
    long age = Math.min(MAX_SLOT_AGE_NANOS, options.writer().flush().everyNanos());
    return open(volume, options, () -> source(options, feed, age));
  }

  private static Source source(RecordingOptions options, Feed feed, long maxSlotAgeNanos) {
    return Sources.of(
        options.source().isEmpty() ? NO_NAME : options.source(),
        feed,
        SourceOptions.defaults().withMaxSlotAgeNanos(maxSlotAgeNanos));
  }

  /**
   * Records to a plain range of a drive, see {@link Recorder#raw}.
   *
   * @param source opened last, as in {@link #open}
   */
  public static RecordingSession openRaw(
      Drive drive,
      long startAddress,
      long maxAddress,
      RecordingOptions options,
      Supplier<Source> source) {
    return of(drive, Recorder.raw(drive, startAddress, maxAddress, options), source);
  }

  /**
   * Records what a program makes itself to a plain range of a drive, see {@link Recorder#raw}.
   *
   * @param feed closed with the session; if there is no recording, it stays the caller's
   */
  public static RecordingSession openRaw(
      Drive drive, long startAddress, long maxAddress, RecordingOptions options, Feed feed) {
    // A slot that is not full would leave zeros in the stream, and nothing to tell where.
    return openRaw(
        drive, startAddress, maxAddress, options, () -> source(options, feed, Long.MAX_VALUE));
  }

  /** The source comes last: where it, or anything before it, cannot be had, the recorder goes. */
  private static RecordingSession of(Drive drive, Recorder recorder, Supplier<Source> source) {
    try {
      LongConsumer health = health(drive, recorder);
      return new RecordingSession(recorder, source.get(), health);
    } catch (Throwable e) {
      Closing.after(e, recorder);
      throw e;
    }
  }

  /** What is no NVMe drive (that of a test, say) has no health to ask for. */
  private static LongConsumer health(Drive drive, Recorder recorder) {
    return drive instanceof NvmeDrive nvme
        ? new DriveHealth(nvme.controller(), recorder)::step
        : now -> {};
  }

  /** Whom to tell how it stands; before {@link #run}. */
  public RecordingSession onStep(Listener newListener) {
    listener = newListener;
    return this;
  }

  /** Ends the recording so long after it began; before {@link #run}. */
  public RecordingSession stopAfter(Duration time) {
    stopAfterNanos = time.toNanos();
    return this;
  }

  /** How long the source may take to return when the recording ends; before {@link #run}. */
  RecordingSession withPatience(Duration time) {
    patience = time;
    return this;
  }

  /**
   * Records until the stream ends, the drive is full or has failed, or it is told to stop. A drive
   * that fails is told of by the result, a source that fails by {@link #failure}; what came before
   * is kept.
   *
   * @throws IllegalStateException if the source or the writer is at fault itself; what came before
   *     is kept all the same
   */
  public WriterResult run() {
    source.attach(recorder.ring());
    isRunning = true;
    try {
      recorder.start(IdleStrategy.backingOff());
      AgentRunner sourceRunner = AgentRunner.start(source, IdleStrategy.backingOff());
      try {
        lookOn(sourceRunner);
      } catch (Throwable e) {
        Closing.after(e, () -> end(sourceRunner));
        throw e;
      }
      end(sourceRunner);
    } finally {
      isRunning = false;
    }
    return recorder.await(TURN);
  }

  private void lookOn(AgentRunner sourceRunner) {
    long start = System.nanoTime();
    while (recorder.await(TURN) == null) {
      long now = System.nanoTime();
      if (now - start > stopAfterNanos) {
        stop();
      }
      if (sourceRunner.failure() != null
          || (isStopping && (isDrainOverdue(now) || isStepOverdue(now)))) {
        recorder.stop();
      }
      RecorderStatus status = recorder.status();
      health.accept(now);
      listener.step(status, source.counters());
    }
    listener.ended(recorder.status(), source.counters());
  }

  /** Ends the source's thread, before the ring is freed. */
  private void end(AgentRunner sourceRunner) {
    isStuck = !sourceRunner.tryClose(isStuck ? Duration.ZERO : patience);
  }

  /**
   * Whether the source has been told to stop, and the step that it was in does not return. Before
   * that is so, it is told not to wait.
   */
  private boolean isStepOverdue(long now) {
    long returned = source.turns();
    if (returned != turns) {
      turns = returned;
      turnBegan = now;
    }
    long taken = now - turnBegan;
    if (!isWoken && taken > patience.toNanos() / GRACE) {
      isWoken = true;
      source.giveUpWaiting();
    }
    isStuck = taken > patience.toNanos();
    return isStuck;
  }

  /**
   * Ends the recording when all that has arrived by now is in the ring. Returns at once, and may be
   * called before {@link #run} too.
   */
  public void stop() {
    recorder.announceStop();
    source.stop();
    isStopping = true;
  }

  /** Whether the source has been told to stop, and for long has moved nothing. */
  private boolean isDrainOverdue(long now) {
    long received = source.counters().receivedBytes();
    if (received != drained) {
      drained = received;
      drainDeadline = now + DRAIN_NANOS;
    }
    return now - drainDeadline > 0;
  }

  /** The recording's number in the catalogue; -1 in raw mode. */
  public int number() {
    return recorder.number();
  }

  /** What may end the recording before its room is used up, in one line; empty if nothing may. */
  public String note() {
    return recorder.note();
  }

  /** How the recording stands. */
  public RecorderStatus status() {
    return recorder.status();
  }

  /** What the source has seen so far. */
  public SourceCounters counters() {
    return source.counters();
  }

  /** What made the stream end that should not have, in one line; null if nothing did. */
  public String failure() {
    return source.failure();
  }

  /** The exception that {@link #failure} tells of; null if nothing does. */
  public Exception cause() {
    return source.cause();
  }

  /**
   * Ends the recording if it has not ended, closes the source, and frees the ring.
   *
   * @throws IllegalStateException if {@link #run} has not returned, as where a listener calls this:
   *     the source still fills the ring. The recording goes on until {@link #stop}
   * @throws StreamException if the source has still not returned, 10 s after the recording was told
   *     to end. All else is closed, and what was recorded is kept. The thread that the source holds
   *     stays, and with it the ring's memory, until the process ends
   */
  @Override
  public void close() {
    if (isRunning) {
      throw new IllegalStateException(
          "the recording runs: stop it, and close it when run() has returned");
    }
    if (!isStuck) {
      // In this order: the source fills the ring.
      try (recorder) {
        source.close();
      }
      return;
    }
    source.abandon();
    recorder.ring().memory().keep();
    recorder.close();
    throw new StreamException(
        "%s did not return within %s; its thread stays behind, and the ring's memory of %s"
            .formatted(
                source.description(),
                Units.formatDuration(patience.toNanos()),
                Units.formatSize(recorder.ring().capacityBytes())));
  }
}
