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
import sluice.bench.pass.PassMaker;
import sluice.bench.run.WarmingUp;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;

/**
 * Writes and reads sessions of 1, 2, 4 and so on chunks, each behind the one before it, and then
 * the whole drive. What it holds is lost. Used by one thread, but for {@link #stop}.
 */
public final class ChunksBench {
  private final Namespace drive;
  private final Load load;
  private final PassMaker.Shape shape;
  private final PassMaker passes;
  private final Consumer<String> onProgress;

  /** Where the next session begins on the drive. */
  private long place;

  /**
   * What is done.
   *
   * @param shape how it is done, and with how much of the drive
   * @param mostChunks of the longest session
   * @param repeats of each session, of which the median counts
   * @param isFull whether all is written and read back behind the sessions
   */
  public record Load(PassMaker.Shape shape, int mostChunks, int repeats, boolean isFull) {
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
    this.shape = load.shape;
    this.passes = new PassMaker(controller, drive, shape, warmingUp, clock);
    this.drive = drive;
    this.load = load;
    this.onProgress = onProgress;
  }

  /** Ends it before its time: what was measured until now is the result. From any thread. */
  public void stop() {
    passes.stop();
  }

  /**
   * Measures all.
   *
   * @throws NvmeException if the drive fails a command
   */
  public ChunksResult run() {
    try (Pass pass = passes.open()) {
      double making = passes.warm();
      List<Session> sessions = new ArrayList<>();
      for (long chunks = 1; chunks <= load.mostChunks && !passes.isStopped(); chunks *= 2) {
        if (chunks * shape.chunk() <= shape.bytes()) {
          session(pass, (int) chunks).ifPresent(sessions::add);
        }
      }
      Optional<Full> full =
          load.isFull && !passes.isStopped() ? Optional.of(full(pass, making)) : Optional.empty();
      return new ChunksResult(sessions, full, passes.isStopped());
    }
  }

  /** Empty if it was stopped meanwhile: a part of a session is none. */
  private Optional<Session> session(Pass pass, int chunks) {
    long bytes = (long) chunks * shape.chunk();
    long[] writes = new long[load.repeats];
    long[] reads = new long[load.repeats];
    for (int i = 0; i < load.repeats && !passes.isStopped(); i++) {
      onProgress.accept("sessions of %d chunks, %d of %d".formatted(chunks, i + 1, load.repeats));
      if (place + bytes > shape.bytes()) {
        place = 0;
      }
      writes[i] = time(pass, new Pass.Part(false, false, place, bytes));
      reads[i] = time(pass, new Pass.Part(true, false, place, bytes));
      place += bytes;
    }
    return passes.isStopped()
        ? Optional.empty()
        : Optional.of(new Session(chunks, bytes, Times.of(writes), Times.of(reads)));
  }

  private long time(Pass pass, Pass.Part part) {
    long begin = passes.now();
    long _ = pass.run(part, (bytes, now) -> {});
    return pass.endNanos() - begin;
  }

  private Full full(Pass pass, double making) {
    CliffResult write = through(pass, false, shape.bytes() / drive.blockSize() * drive.blockSize());
    // What was not written is not there to be read.
    CliffResult read = through(pass, true, write.bytes());
    return new Full(write, read, pass.differentBlocks(), pass.firstDifference(), making);
  }

  private CliffResult through(Pass pass, boolean reads, long bytes) {
    String what = reads ? "read back" : "written";
    Steps steps =
        new Steps(
            Math.max(bytes, 1),
            shape.chunk(),
            shape.depth(),
            passes.now(),
            part -> onProgress.accept("%.1f%% of all %s".formatted(100 * part, what)));
    long done = pass.run(new Pass.Part(reads, true, 0, bytes), steps);
    return steps.result(pass, done);
  }
}
