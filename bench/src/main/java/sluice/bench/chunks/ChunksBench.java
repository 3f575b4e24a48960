package sluice.bench.chunks;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import sluice.bench.chunks.ChunksResult.Full;
import sluice.bench.chunks.ChunksResult.Session;
import sluice.bench.chunks.ChunksResult.Times;
import sluice.bench.cliff.CliffResult;
import sluice.bench.cliff.Steps;
import sluice.bench.pass.Pass;
import sluice.bench.pass.PassWarmer;
import sluice.bench.run.WarmingUp;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;

/**
 * Writes and reads sessions of 1, 2, 4 and so on chunks, each behind the one before it, and then
 * the whole drive. What it holds is lost. Used by one thread, but for {@link #stop}.
 */
public final class ChunksBench {
  private final NvmeController controller;
  private final Namespace drive;
  private final Load load;
  private final WarmingUp warmingUp;
  private final LongSupplier clock;
  private final Consumer<String> onProgress;
  private volatile Pass running;
  private volatile boolean stopping;

  /** Where the next session begins on the drive. */
  private long place;

  /**
   * What is done.
   *
   * @param bytes how much of the drive is used, at least a chunk and at most all
   * @param chunk bytes of each command
   * @param mostChunks of the longest session
   * @param depth how many are out at a time
   * @param repeats of each session, of which the median counts
   * @param isFull whether all is written and read back behind the sessions
   * @param pauseNanos how long a silence of the drive is a pause
   */
  public record Load(
      long bytes,
      int chunk,
      int mostChunks,
      int depth,
      int repeats,
      boolean isFull,
      long pauseNanos) {
    public Load {
      if (mostChunks < 1 || repeats < 1 || repeats > 1000) {
        throw new IllegalArgumentException(
            "a session has at least 1 chunk, and is done 1 to 1000 times, not %d and %d"
                .formatted(mostChunks, repeats));
      }
    }
  }

  /**
   * @param clock nanoseconds that only go up
   * @param onProgress told several times a second what goes on, in a line
   * @throws IllegalArgumentException if the drive cannot have that
   */
  public ChunksBench(
      NvmeController controller,
      Namespace drive,
      Load load,
      WarmingUp warmingUp,
      LongSupplier clock,
      Consumer<String> onProgress) {
    if (load.bytes < load.chunk || load.bytes > drive.bytes()) {
      throw new IllegalArgumentException(
          "a chunk of %d bytes at least and the drive's %d bytes at most can be used, not %d"
              .formatted(load.chunk, drive.bytes(), load.bytes));
    }
    this.controller = controller;
    this.drive = drive;
    this.load = load;
    this.warmingUp = warmingUp;
    this.clock = clock;
    this.onProgress = onProgress;
  }

  /** Ends it before its time: what was measured until now is the result. From any thread. */
  public void stop() {
    stopping = true;
    Pass pass = running;
    if (pass != null) {
      pass.stop();
    }
  }

  /**
   * Measures all.
   *
   * @throws NvmeException if the drive fails a command
   */
  public ChunksResult run() {
    try (Pass pass = new Pass(controller, drive, load.chunk, load.depth, load.pauseNanos, clock)) {
      running = pass;
      double making = PassWarmer.warm(drive, load.chunk, load.depth, warmingUp, () -> stopping);
      List<Session> sessions = new ArrayList<>();
      for (long chunks = 1; chunks <= load.mostChunks && !stopping; chunks *= 2) {
        if (chunks * load.chunk <= load.bytes) {
          session(pass, (int) chunks).ifPresent(sessions::add);
        }
      }
      Optional<Full> full =
          load.isFull && !stopping ? Optional.of(full(pass, making)) : Optional.empty();
      return new ChunksResult(sessions, full, stopping);
    }
  }

  /** Empty if it was stopped meanwhile: a part of a session is none. */
  private Optional<Session> session(Pass pass, int chunks) {
    long bytes = (long) chunks * load.chunk;
    long[] writes = new long[load.repeats];
    long[] reads = new long[load.repeats];
    for (int i = 0; i < load.repeats && !stopping; i++) {
      onProgress.accept("sessions of %d chunks, %d of %d".formatted(chunks, i + 1, load.repeats));
      if (place + bytes > load.bytes) {
        place = 0;
      }
      writes[i] = time(pass, new Pass.Part(false, false, place, bytes));
      reads[i] = time(pass, new Pass.Part(true, false, place, bytes));
      place += bytes;
    }
    return stopping
        ? Optional.empty()
        : Optional.of(new Session(chunks, bytes, Times.of(writes), Times.of(reads)));
  }

  private long time(Pass pass, Pass.Part part) {
    long begin = clock.getAsLong();
    long _ = pass.run(part, (bytes, now) -> {});
    return pass.endNanos() - begin;
  }

  private Full full(Pass pass, double making) {
    CliffResult write = through(pass, false, load.bytes / drive.blockSize() * drive.blockSize());
    // What was not written is not there to be read.
    CliffResult read = through(pass, true, write.bytes());
    return new Full(write, read, pass.differentBlocks(), pass.firstDifference(), making);
  }

  private CliffResult through(Pass pass, boolean reads, long bytes) {
    String what = reads ? "read back" : "written";
    Steps steps =
        new Steps(
            Math.max(bytes, 1),
            load.chunk,
            load.depth,
            clock.getAsLong(),
            part -> onProgress.accept("%.1f%% of all %s".formatted(100 * part, what)));
    long done = pass.run(new Pass.Part(reads, true, 0, bytes), steps);
    return steps.result(pass, done);
  }
}
