package sluice.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import sluice.nvme.drive.NvmeDrive;
import sluice.recorder.Player;
import sluice.recorder.RecorderStatus;
import sluice.recorder.RecordingOptions;
import sluice.recorder.RecordingReader;
import sluice.recorder.RecordingSession;
import sluice.recorder.Volume;
import sluice.recorder.VolumeOptions;
import sluice.recorder.sink.VerifySink;
import sluice.recorder.source.Source;
import sluice.recorder.source.SourceOptions;
import sluice.recorder.source.Sources;
import sluice.recorder.stream.Pattern;
import sluice.recorder.write.FlushPolicy;
import sluice.recorder.write.WriterResult;
import sluice.support.agent.IdleStrategy;
import sluice.support.text.Units;

/** {@code sluice demo}: the main job in half a minute, without hardware. */
@Command(
    name = "demo",
    description =
        "Records a stream that cannot be stalled onto a virtual drive that pauses, plays it back,"
            + " and verifies every byte. The drive is a temporary file, which is gone afterwards.",
    footer = {
      "",
      "  sluice demo",
      "  sluice demo --pause 3s --ring 64M     a pause longer than the ring holds",
      "",
      "Exit status 3 says that bytes were lost, unless --allow-gaps is given."
    })
final class DemoCommand implements Callable<Integer> {
  private static final int SLOT_BYTES = 128 << 10;
  private static final int READ_DEPTH = 32;
  private static final String NAME = "demo";

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      converter = OptionValues.Size.class,
      defaultValue = "2G",
      description = "How much is recorded (default: ${DEFAULT-VALUE}).")
  private long size;

  @Option(
      names = "--rate",
      paramLabel = "RATE",
      converter = OptionValues.Rate.class,
      defaultValue = "200MB/s",
      description = "How fast the stream comes (default: ${DEFAULT-VALUE}).")
  private long rate;

  @Option(
      names = "--ring",
      paramLabel = "SIZE",
      converter = OptionValues.Size.class,
      defaultValue = "256M",
      description = "Memory that rides the pauses out (default: ${DEFAULT-VALUE}).")
  private long ringBytes;

  @Option(
      names = "--seed",
      paramLabel = "NUMBER",
      defaultValue = "1",
      description = "Of the stream and of the pauses' jitter (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--allow-gaps",
      description = "Exit with status 0 also when bytes of the stream were lost.")
  private boolean allowGaps;

  @Mixin private DemoDrive drive;
  @Mixin private Output output;

  @Override
  public Integer call() {
    FreeMemory.require("a ring", ringBytes);
    String address = "generator:rate=%d,size=%d,seed=%d".formatted(rate, size, seed);
    RecordingOptions options =
        RecordingOptions.named(NAME)
            .withSource(address)
            .withSlots(SLOT_BYTES, Math.max(2, (int) (ringBytes / SLOT_BYTES)));
    // The stream lasts for seconds only, and the disk below the drive's file may be slower than
    // the stream; so the file is synced once, at the end.
    options =
        options.withWriter(
            options
                .writer()
                .withFlush(FlushPolicy.atEnd())
                .withPauseThreshold(Duration.ofNanos(drive.pauseNanos() / 2)));
    try (Source source = Sources.open(address, SourceOptions.defaults());
        NvmeDrive nvme = drive.open(size, seed)) {
      // Before anything is said: started in the background, SIGINT is ignored up to here.
      StopRequest stop = new StopRequest().onSignals();
      System.err.printf(
          "recording %s at %s from a source that cannot wait, onto a drive that stops for %s"
              + " every %s%n",
          Units.formatSize(size),
          Units.formatRate((double) rate),
          Units.formatDuration(drive.pauseNanos()),
          Units.formatDuration(drive.everyNanos()));
      try (Volume volume = Volume.create(nvme, VolumeOptions.standard())) {
        long start = System.nanoTime();
        WriterResult result;
        RecorderStatus status;
        try (RecordingSession session = RecordingSession.open(volume, options, () -> source)) {
          stop.does(session::stop);
          result = session.onStep(Progress.of(Progress.Mode.auto)).run();
          status = session.status();
          // There will be no session to stop.
          stop.does(() -> {});
        }
        long recordNanos = System.nanoTime() - start;
        if (!result.failure().isEmpty()) {
          throw new IllegalStateException("the drive failed: " + result.failure());
        }
        System.err.println("playing it back, and verifying every byte");
        return verdict(result, status, recordNanos, playBack(volume));
      }
    }
  }

  /** What came of the playback. */
  private record Playback(
      long verifiedBytes, long missingBytes, long mismatch, GapList gaps, long nanos) {}

  private Playback playBack(Volume volume) {
    long start = System.nanoTime();
    GapList gaps = new GapList();
    try (RecordingReader reader = volume.recording(NAME).read(READ_DEPTH);
        VerifySink sink = new VerifySink(new Pattern(seed), 0)) {
      Player player = new Player(reader, sink, Player.Gaps.TELL).onGap(gaps::add);
      AtomicBoolean stop = new AtomicBoolean();
      Signals.onFirst(() -> stop.set(true));
      IdleStrategy idle = IdleStrategy.backingOff();
      while (!player.hasEnded()) {
        if (stop.get()) {
          throw new IllegalStateException("stopped before all was played back");
        }
        idle.idle(player.doWork());
      }
      return new Playback(
          sink.verifiedBytes(),
          sink.missingBytes(),
          sink.mismatch(),
          gaps,
          System.nanoTime() - start);
    }
  }

  private int verdict(
      WriterResult result, RecorderStatus status, long recordNanos, Playback playback) {
    long recorded = result.totals().recordedBytes();
    long lost = result.totals().lostBytes();
    boolean exact =
        playback.mismatch() < 0
            && playback.verifiedBytes() == recorded
            && playback.missingBytes() == lost
            && recorded + lost == result.totals().streamBytes();
    double share = 100.0 * result.highWaterBytes() / status.ringBytes();
    Facts facts =
        new Facts()
            .add(
                "recordedBytes",
                recorded,
                "recorded",
                "%s (%d bytes) in %s"
                    .formatted(
                        Units.formatSize(recorded), recorded, Units.formatDuration(recordNanos)))
            .addHidden("streamBytes", result.totals().streamBytes())
            .addHidden("bytesPerSecond", rate)
            .add(
                "pauses",
                result.pauses().count(),
                "pauses ridden out",
                "%d of more than %s, the longest %s"
                    .formatted(
                        result.pauses().count(),
                        Units.formatDuration(result.pauses().thresholdNanos()),
                        Units.formatDuration(result.pauses().longestNanos())))
            .addHidden("longestPauseNanos", result.pauses().longestNanos())
            .addHidden("ringBytes", status.ringBytes())
            .add(
                "ringHighWaterBytes",
                result.highWaterBytes(),
                "ring at most",
                "%s of %s (%.0f %%), which is %.0f ms of the stream"
                    .formatted(
                        Units.formatSize(result.highWaterBytes()),
                        Units.formatSize(status.ringBytes()),
                        share,
                        1000.0 * result.highWaterBytes() / rate))
            .add("gaps", result.totals().gaps(), "gaps")
            .addHidden("lostBytes", lost);
    if (lost > 0) {
      facts.add("gapList", playback.gaps().firstAsJson(), "lost", lost + " bytes, at");
      playback.gaps().lines().forEach(line -> facts.addLine("", line));
    }
    facts.add(
        "bitExact",
        exact,
        "playback",
        exact
            ? Terminal.green(
                "bit-exact, %s verified in %s"
                    .formatted(
                        Units.formatSize(playback.verifiedBytes()),
                        Units.formatDuration(playback.nanos())))
            : Terminal.red("NOT what was recorded"));
    facts.print(output);
    if (!exact) {
      throw new IllegalStateException(
          "playback is not what was recorded: "
              + (playback.mismatch() >= 0
                  ? "it differs at byte " + playback.mismatch()
                  : "%d bytes verified of %d".formatted(playback.verifiedBytes(), recorded)));
    }
    if (result.totals().streamBytes() < size) {
      throw new IllegalStateException("stopped before the end of the stream");
    }
    return lost == 0 || allowGaps ? ExitStatus.OK : ExitStatus.GAPS;
  }
}
