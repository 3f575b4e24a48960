package sluice.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import sluice.nvme.NvmeException;
import sluice.nvme.drive.NvmeDrive;
import sluice.recorder.DriveFullException;
import sluice.recorder.RecorderStatus;
import sluice.recorder.Recording;
import sluice.recorder.RecordingOptions;
import sluice.recorder.RecordingSession;
import sluice.recorder.StreamException;
import sluice.recorder.Volume;
import sluice.recorder.format.EndReason;
import sluice.recorder.ring.StreamRing;
import sluice.recorder.source.Source;
import sluice.recorder.source.SourceCounters;
import sluice.recorder.source.SourceOptions;
import sluice.recorder.source.Sources;
import sluice.recorder.write.FlushPolicy;
import sluice.recorder.write.WriterResult;
import sluice.support.text.Units;

/** {@code sluice record}: a stream onto a drive. */
@Command(
    name = "record",
    description = "Records a stream onto a drive, until the stream ends or Ctrl-C.",
    footer = {
      "",
      "  sluice record virtual:disk.img --from - --name a < a",
      "  sluice record virtual:disk.img --from 'udp://239.1.2.3:5000?interface=eth1' --ring 1G",
      "  sluice record virtual:disk.img --from generator:rate=400MB/s,size=4G --durable every=64M",
      "",
      "Sources: -  file:PATH  udp://HOST:PORT  tcp://HOST:PORT  tcp://:PORT?listen",
      "         generator:rate=RATE,size=SIZE,seed=N",
      "Their options: size; idle (end when nothing came for so long); count (of datagrams);",
      "rcvbuf; interface; timeout; stall (lets a generator be held back).",
      "",
      "--progress=events writes lines for programs to standard error: 'started NAME', then",
      "'durable BYTES' whenever more of the stream is safe, 'lost BYTES', 'estimated BYTES' (the part",
      "of lost that is an estimate), 'kernel-drops DATAGRAMS', 'pauses COUNT longest-ns NANOSECONDS',",
      "'retries COUNT', at the end 'flushes COUNT longest-ns NANOSECONDS' and 'ended BYTES'."
    })
final class RecordCommand implements Callable<Integer> {
  private static final long MAX_SLOT_AGE_NANOS = 1_000_000_000L;
  private static final int POLL_MILLIS = 10;

  @Spec private CommandSpec spec;
  @Mixin private DriveArgument drive;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "SOURCE",
      description = "Where the stream comes from; - is standard input.")
  private String from;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = "",
      description = "The recording's name (default: recording-N).")
  private String name;

  @Option(
      names = "--header",
      paramLabel = "KEY=VALUE",
      description = "What a later reader should know; may be given several times.")
  private Map<String, String> header = new LinkedHashMap<>();

  @Option(
      names = "--ring",
      paramLabel = "SIZE",
      converter = OptionValues.Size.class,
      defaultValue = "256M",
      description = "Memory that rides out the drive's pauses (default: ${DEFAULT-VALUE}).")
  private long ringBytes;

  @Option(
      names = {"--slot", "--chunk"},
      paramLabel = "SIZE",
      converter = OptionValues.Size.class,
      defaultValue = "128K",
      description = "The ring's unit, which is written at once (default: ${DEFAULT-VALUE}).")
  private long slotBytes;

  @Option(
      names = "--depth",
      paramLabel = "COUNT",
      defaultValue = "32",
      description = "Writes under way at the most (default: ${DEFAULT-VALUE}).")
  private int depth;

  @Option(
      names = "--durable",
      paramLabel = "WHEN",
      converter = DurablePolicy.class,
      defaultValue = "every=1s",
      description =
          "When what was written is made durable: every=1s, every=64M, every=1s,64M, end, or"
              + " always (default: ${DEFAULT-VALUE}).")
  private FlushPolicy durable;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = OptionValues.Duration.class,
      description = "End the recording after so long.")
  private Long forNanos;

  @Option(
      names = "--allow-gaps",
      description = "Exit with status 0 also when bytes of the stream were lost.")
  private boolean allowGaps;

  @Option(
      names = "--progress",
      paramLabel = "MODE",
      defaultValue = "auto",
      description = "auto, none or events (default: auto, a live line on a terminal).")
  private Progress.Mode progressMode;

  @ArgGroup(
      exclusive = false,
      heading =
          "Raw mode, without a layout: nothing on the drive but the stream, nothing that tells of"
              + " it afterwards%n")
  private Raw raw;

  @Mixin private Output output;

  /** The options of raw mode. */
  private static final class Raw {
    @Option(
        names = "--raw",
        required = true,
        description = "Write the stream to a plain range of the drive.")
    private boolean wanted;

    @Option(
        names = "--start",
        paramLabel = "ADDRESS",
        converter = OptionValues.Size.class,
        required = true,
        description = "The byte on the drive to begin at, a multiple of 4096.")
    private long start;

    @Option(
        names = "--max",
        paramLabel = "ADDRESS",
        converter = OptionValues.Size.class,
        description = "The byte on the drive to end before (default: the drive's end).")
    private Long max;

    @Option(names = "--force", description = "Write over what a virtual drive holds.")
    private boolean force;

    @Option(
        names = "--serial",
        paramLabel = "SERIAL",
        description =
            "The drive's serial number: what --force is for a virtual drive, for a real one.")
    private String serial;
  }

  @Override
  public Integer call() {
    RecordingOptions options = options();
    return isRaw() ? recordRaw(options) : record(options);
  }

  private boolean isRaw() {
    return raw != null && raw.wanted;
  }

  private RecordingOptions options() {
    if (slotBytes < StreamRing.ALIGNMENT
        || slotBytes > StreamRing.MAX_SLOT_BYTES
        || slotBytes % StreamRing.ALIGNMENT != 0) {
      throw new ParameterException(
          spec.commandLine(), "--slot is a multiple of 4K up to 1G, not " + slotBytes);
    }
    if (ringBytes / slotBytes < 2) {
      throw new ParameterException(
          spec.commandLine(), "--ring must hold 2 slots of %d bytes or more".formatted(slotBytes));
    }
    if (depth < 1) {
      throw new ParameterException(spec.commandLine(), "--depth is 1 or more, not " + depth);
    }
    FreeMemory.require("a ring", ringBytes);
    RecordingOptions options =
        RecordingOptions.named(name)
            .withSource(from)
            .withHeader(header)
            .withSlots((int) slotBytes, Math.toIntExact(ringBytes / slotBytes));
    return options.withWriter(options.writer().withDepth(depth).withFlush(durable));
  }

  /**
   * Opens the source, the last thing before the recording: what arrives from then on has to be
   * taken, and until the drive, the volume and the ring are there, nobody does.
   */
  private Source openSource(StopRequest stop) {
    // In raw mode a slot that is not full would leave zeros in the stream, and nothing to tell
    // where.
    long age = isRaw() ? Long.MAX_VALUE : Math.min(MAX_SLOT_AGE_NANOS, durable.everyNanos());
    Source source =
        Sources.open(
            from, SourceOptions.defaults().withMaxSlotAgeNanos(age).withPollMillis(POLL_MILLIS));
    // From before there is a recording, so that no signal leaves one open.
    StopRequest _ = stop.onSignals();
    source.notes().forEach(note -> System.err.println("sluice record: " + note));
    return source;
  }

  private int record(RecordingOptions options) {
    NvmeDrive nvme = drive.openDrive();
    try (Volume volume = Volume.open(nvme)) {
      DriveAccess.tellShortage(nvme);
      StopRequest stop = new StopRequest();
      Outcome outcome;
      int number;
      try (RecordingSession session =
          RecordingSession.open(volume, options, () -> openSource(stop))) {
        number = session.number();
        if (!session.note().isEmpty()) {
          System.err.println("sluice record: " + session.note());
        }
        outcome = run(session, stop, recording(volume, number).name());
      }
      Recording recording = recording(volume, number);
      Facts facts = new Facts();
      facts.add("name", recording.name(), "recorded", recording.name());
      facts.addHidden("uuid", recording.uuid().toString());
      facts.addHidden("address", RecordingFacts.address(recording.entry()));
      return finish(facts, outcome);
    }
  }

  private static Recording recording(Volume volume, int number) {
    return volume.recordings().stream()
        .filter(recording -> recording.number() == number)
        .findFirst()
        .orElseThrow();
  }

  private int recordRaw(RecordingOptions options) {
    try (NvmeDrive nvme = drive.openDrive()) {
      long max = raw.max == null ? nvme.bytes() / 4096 * 4096 : raw.max;
      Consent.require(
          nvme, drive.address(), raw.force, raw.serial == null ? List.of() : List.of(raw.serial));
      DriveAccess.tellShortage(nvme);
      StopRequest stop = new StopRequest();
      try (RecordingSession session =
          RecordingSession.openRaw(nvme, raw.start, max, options, () -> openSource(stop))) {
        Outcome outcome = run(session, stop, "raw");
        Facts facts = new Facts();
        facts.addHidden("address", raw.start);
        facts.add("lastAddress", outcome.status.lastAddress(), "last written address");
        return finish(facts, outcome);
      }
    }
  }

  /** All that is told of a recording when it has ended. */
  private record Outcome(
      WriterResult result, RecorderStatus status, SourceCounters source, String sourceFailure) {}

  private Outcome run(RecordingSession session, StopRequest stop, String recordingName) {
    Progress progress = Progress.of(progressMode);
    progress.begin(recordingName);
    stop.does(session::stop);
    if (forNanos != null) {
      session.stopAfter(Duration.ofNanos(forNanos));
    }
    WriterResult result = session.onStep(progress).run();
    return new Outcome(result, session.status(), session.counters(), session.failure());
  }

  private int finish(Facts facts, Outcome outcome) {
    WriterResult result = outcome.result;
    describe(facts, result, outcome.status, outcome.source);
    RuntimeException problem = problem(outcome);
    if (problem != null) {
      facts.addHidden(Output.ERROR, problem.getMessage());
    }
    facts.print(output);
    if (problem != null) {
      throw problem;
    }
    if (result.totals().lostBytes() > 0) {
      System.err.printf(
          "sluice record: %s%d bytes were lost in %d gaps, which stand in the recording%n",
          outcome.source.estimatedLostBytes() > 0 ? "about " : "",
          result.totals().lostBytes(),
          result.totals().gaps());
      return allowGaps ? ExitStatus.OK : ExitStatus.GAPS;
    }
    return ExitStatus.OK;
  }

  /** What ended the recording that should not have; null if nothing did. */
  private static RuntimeException problem(Outcome outcome) {
    WriterResult result = outcome.result;
    if (!result.failure().isEmpty()) {
      return new NvmeException(
          "the drive failed after %d bytes, which are kept: %s"
              .formatted(result.durableBytes(), result.failure()));
    }
    if (result.reason() == EndReason.DATA_FULL || result.reason() == EndReason.INDEX_FULL) {
      return new DriveFullException(
          "the recording ended early after %d bytes, which are kept: %s"
              .formatted(result.totals().recordedBytes(), result.reason().text()));
    }
    if (outcome.sourceFailure != null) {
      return new StreamException(outcome.sourceFailure + "; what came before is kept");
    }
    return null;
  }

  private static void describe(
      Facts facts, WriterResult result, RecorderStatus status, SourceCounters source) {
    facts
        .add(
            "bytes",
            result.totals().streamBytes(),
            "stream",
            Units.formatSize(result.totals().streamBytes()))
        .addHidden("recordedBytes", result.totals().recordedBytes())
        .addHidden("durableBytes", result.durableBytes())
        .add("ended", result.reason().text(), "ended because")
        .add("gaps", result.totals().gaps(), "gaps")
        .add(
            "lostBytes",
            result.totals().lostBytes(),
            "lost",
            (source.estimatedLostBytes() > 0 ? "about " : "")
                + Units.formatSize(result.totals().lostBytes()))
        .addHidden("estimatedLostBytes", source.estimatedLostBytes())
        .addHidden("ringBytes", status.ringBytes())
        .add(
            "ringHighWaterBytes",
            result.highWaterBytes(),
            "ring at most",
            "%s of %s"
                .formatted(
                    Units.formatSize(result.highWaterBytes()),
                    Units.formatSize(status.ringBytes())))
        .add("pauses", result.pauses().count(), "pauses ridden out")
        .add(
            "longestPauseNanos",
            result.pauses().longestNanos(),
            "the longest",
            Units.formatDuration(result.pauses().longestNanos()))
        .add("flushes", status.flushes(), "flushes")
        .add(
            "longestFlushNanos",
            status.longestFlushNanos(),
            "the longest",
            Units.formatDuration(status.longestFlushNanos()))
        .add("retries", status.retries(), "writes tried again");
    long badPlaces = result.steppedOver() + result.leftOut().size();
    if (badPlaces > 0) {
      facts.add("badPlaces", badPlaces, "bad places left out");
    } else {
      facts.addHidden("badPlaces", badPlaces);
    }
    if (source.datagrams() > 0) {
      facts
          .add("datagrams", source.datagrams(), "datagrams")
          .add("lostDatagrams", source.lostDatagrams(), "without room")
          .add("kernelDrops", source.kernelDrops(), "dropped by kernel");
    }
    if (source.maxBehindNanos() > 0) {
      facts.add(
          "maxBehindNanos",
          source.maxBehindNanos(),
          "source late by",
          Units.formatDuration(source.maxBehindNanos()));
    }
  }
}
