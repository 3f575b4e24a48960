package sluice.cli;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import sluice.recorder.Player;
import sluice.recorder.Recording;
import sluice.recorder.RecordingReader;
import sluice.recorder.Sink;
import sluice.recorder.Volume;
import sluice.recorder.sink.Sinks;
import sluice.support.agent.IdleStrategy;
import sluice.support.text.PlainText;
import sluice.support.text.Units;

/** {@code sluice play}: a recording to wherever it is wanted. */
@Command(
    name = "play",
    description = "Plays a recording, and verifies every byte on the way.",
    footer = {
      "",
      "  sluice play virtual:disk.img a > a.copy",
      "  sluice play virtual:disk.img a --to file:piece --offset 1G --length 64M",
      "  sluice play virtual:disk.img a --to udp://127.0.0.1:5000 --rate original",
      "  sluice play virtual:disk.img a --from-time +2.5s --to tcp://host:5000",
      "",
      "Sinks: -  file:PATH  udp://HOST:PORT  tcp://HOST:PORT  null:  verify:seed=N",
      "Their options: overwrite for a file that is there; datagram, ttl, interface, timeout.",
      "",
      "Exit status 3 says that there were gaps; standard error lists the first, --list-gaps all.",
      "With -o json the result is told when it is over; on standard error if the stream goes to -."
    })
final class PlayCommand implements Callable<Integer> {
  private static final int DEPTH = 32;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /** What stands for bytes that were lost. */
  enum Gaps {
    zero(Player.Gaps.ZEROS),
    skip(Player.Gaps.TELL),
    fail(Player.Gaps.FAIL);

    private final Player.Gaps policy;

    Gaps(Player.Gaps policy) {
      this.policy = policy;
    }
  }

  @Spec private CommandSpec spec;
  @Mixin private DriveArgument drive;

  @Parameters(
      index = "1",
      paramLabel = "RECORDING",
      description = "Its name, its uuid or its number.")
  private String name;

  @Option(
      names = "--to",
      paramLabel = "SINK",
      defaultValue = "-",
      description = "Where the stream goes; - is standard output (default).")
  private String to;

  @Option(
      names = "--offset",
      paramLabel = "SIZE",
      converter = OptionValues.Size.class,
      description = "The stream offset to begin at (default: 0).")
  private Long offset;

  @Option(
      names = "--from-time",
      paramLabel = "TIME",
      description =
          "Begin with the chunk that was arriving then: 2026-01-31T12:00:00Z, or +2.5s after the"
              + " recording was opened.")
  private String fromTime;

  @Option(
      names = "--length",
      paramLabel = "SIZE",
      converter = OptionValues.Size.class,
      description = "How much to play (default: all that follows).")
  private Long length;

  @Option(
      names = "--gaps",
      paramLabel = "HOW",
      defaultValue = "zero",
      description =
          "What stands for lost bytes: zero (zeros, so that offsets stay), skip (nothing), or fail"
              + " (default: ${DEFAULT-VALUE}). A sink that verifies is told of them instead.")
  private Gaps gaps;

  @Option(names = "--allow-gaps", description = "Exit with status 0 also when there were gaps.")
  private boolean allowGaps;

  @Option(
      names = "--rate",
      paramLabel = "RATE",
      converter = PlayPace.Converter.class,
      description =
          "original (as it was recorded), 2x (twice as fast), or 100MB/s (default: as fast as it"
              + " goes).")
  private PlayPace pace;

  @Option(
      names = "--max-pause",
      paramLabel = "TIME",
      converter = OptionValues.Duration.class,
      description =
          "With --rate original or 2x: wait no longer than this for what comes next, though nothing"
              + " arrived for longer, or the clock was set forward (default: as long as it was).")
  private Long maxPauseNanos;

  @Mixin private GapList.Wanted listGaps;
  @Mixin private final Output output = Output.besideStream();

  @Override
  public Integer call() {
    if (!to.equals("-")) {
      output.streamGoesElsewhere();
    }
    if (offset != null && fromTime != null) {
      throw new ParameterException(
          spec.commandLine(), "give --offset or --from-time, but not both");
    }
    if (maxPauseNanos != null && (pace == null || pace.speed() == 0)) {
      throw new ParameterException(
          spec.commandLine(), "--max-pause goes with --rate original or a speed as 2x");
    }
    if (to.equals("-") && Terminal.stdoutIsTerminal()) {
      throw new ParameterException(
          spec.commandLine(), "standard output is a terminal: give --to, or > a file");
    }
    try (Volume volume = drive.openVolumeToRead()) {
      Recording recording = volume.recording(name);
      volume
          .findings()
          .forEach(finding ->
              System.err.println("sluice play: " + PlainText.escape(finding.toString())));
      try (RecordingReader reader = recording.read(DEPTH)) {
        long start = seek(reader);
        long end =
            length == null ? Long.MAX_VALUE : start + Math.min(length, Long.MAX_VALUE - start);
        try (Sink sink = Sinks.open(to, System::nanoTime, start)) {
          long maxPause = maxPauseNanos == null ? Long.MAX_VALUE : maxPauseNanos;
          Sink held =
              pace == null ? sink : pace.hold(sink, reader::timeNanos, System::nanoTime, maxPause);
          GapList passed = new GapList();
          Player player = play(reader, held, passed, end);
          tell(volume, recording, player, passed, start, end);
          return passed.count() == 0 || allowGaps ? ExitStatus.OK : ExitStatus.GAPS;
        }
      }
    }
  }

  /** A sink that verifies knows what is missing, if it is told. */
  private Player.Gaps policy() {
    return to.startsWith("verify:") && gaps == Gaps.zero ? Player.Gaps.TELL : gaps.policy;
  }

  private void tell(
      Volume volume, Recording recording, Player player, GapList passed, long start, long end) {
    if (output.isJson()) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("name", recording.name());
      json.put("uuid", recording.uuid().toString());
      json.put("offset", start);
      json.put("playedBytes", player.playedBytes());
      json.put("gaps", passed.count());
      json.put("lostBytes", passed.bytes());
      json.put("estimatedLostBytes", passed.estimatedBytes());
      json.put("gapList", passed.count() == 0 ? List.of() : GapList.json(recording, start, end));
      json.put("findings", RecordingFacts.findings(volume.findings()));
      output.json(json);
    } else if (listGaps.isWanted()) {
      GapList.print(recording, start, end, System.err);
    } else {
      passed.lines().forEach(System.err::println);
    }
  }

  /** Goes to where it is to begin, and returns that stream offset. */
  private long seek(RecordingReader reader) {
    if (fromTime != null) {
      long wanted = time(reader);
      long found = reader.seekTime(wanted);
      if (found < 0) {
        throw new IllegalArgumentException(
            "recording '%s' has nothing that arrived at %s or later"
                .formatted(reader.recording().name(), RecordingFacts.time(wanted)));
      }
      return found;
    }
    if (offset != null) {
      reader.seek(offset);
      return offset;
    }
    return 0;
  }

  private long time(RecordingReader reader) {
    if (fromTime.startsWith("+")) {
      return saturated(reader.recording().openedNanos(), duration());
    }
    try {
      Instant instant = Instant.parse(fromTime);
      return Math.addExact(
          Math.multiplyExact(instant.getEpochSecond(), NANOS_PER_SECOND), instant.getNano());
    } catch (DateTimeParseException | ArithmeticException e) {
      throw new ParameterException(
          spec.commandLine(),
          "\"" + fromTime + "\" is no time; write 2026-01-31T12:00:00Z or +2.5s",
          e);
    }
  }

  private long duration() {
    try {
      return Units.parseDuration(fromTime.substring(1));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private static long saturated(long time, long more) {
    long sum = time + more;
    return sum < time ? Long.MAX_VALUE : sum;
  }

  private Player play(RecordingReader reader, Sink sink, GapList passed, long end) {
    Player player = new Player(reader, sink, policy(), end).onGap(passed::add);
    AtomicBoolean stop = new AtomicBoolean();
    Signals.onFirst(() -> stop.set(true));
    LiveLine line = new LiveLine();
    long start = System.nanoTime();
    IdleStrategy idle = IdleStrategy.backingOff();
    while (!player.hasEnded() && !stop.get()) {
      idle.idle(player.doWork());
      line.show(() -> text(player, System.nanoTime() - start));
    }
    line.clear();
    if (!player.hasEnded()) {
      throw new IllegalStateException(
          "stopped after %d bytes; the sink has not all of it".formatted(player.playedBytes()));
    }
    if (Terminal.stderrIsTerminal()) {
      System.err.println(text(player, System.nanoTime() - start));
    }
    return player;
  }

  private static String text(Player player, long nanos) {
    return "%6.1f s  %s  %s"
        .formatted(
            nanos / 1e9,
            Units.formatSize(player.playedBytes()),
            Units.formatRate(player.playedBytes() * 1e9 / Math.max(1, nanos)));
  }
}
