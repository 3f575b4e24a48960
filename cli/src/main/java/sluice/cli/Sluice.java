package sluice.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.job.JobException;
import sluice.support.events.Incidents;
import sluice.support.linux.PollFd;
import sluice.support.text.PlainText;

/** The way in: {@code sluice COMMAND …}. */
@Command(
    name = "sluice",
    description = "Records live streams to raw NVMe drives without a gap, and plays them back.",
    versionProvider = Sluice.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      InitCommand.class,
      RecordCommand.class,
      RecordingsCommand.class,
      PlayCommand.class,
      CheckCommand.class,
      BenchCommand.class,
      FioCommand.class,
      InfoCommand.class,
      ListCommand.class,
      DiscoverCommand.class,
      BindCommand.class,
      UnbindCommand.class,
      DoctorCommand.class,
      ServeCommand.class
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:Done.",
      "1:It did not work; standard error says why in one line, and -o json as \"error\".",
      "2:The command line makes no sense.",
      "3:Done, but bytes of the stream are missing: the recording has gaps.",
      "141:Done, but whoever was to read standard output had left."
    },
    footer = {
      "",
      "A drive is named by an address, with options as a URL has them:",
      "  virtual:disk.img?size=4G                  a file that acts as an NVMe drive",
      "  virtual:disk.img?pause=50ms&every=2s      the same, pausing as real drives do",
      "  pci:0000:01:00.0                          a drive that was taken over with sluice bind",
      "  vfio-user:/run/d.sock                     a drive of another process: sluice serve, SPDK",
      "  tcp://10.0.0.7/nqn.2024-01.org:a          a drive across the network (NVMe over TCP)",
      "Sizes and rates are written as people do: 128K, 1.5GiB, 400MB/s, 3.2Gbit/s.",
      "",
      "Start with: sluice demo"
    })
public final class Sluice implements Runnable {
  private static final int HELP_WIDTH = 100;
  private static final int STANDARD_OUTPUT = 1;

  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help and exit.")
  @SuppressWarnings("UnusedVariable") // Read by picocli.
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version and exit.")
  @SuppressWarnings("UnusedVariable") // Read by picocli.
  private boolean version;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show what happens inside, and where a failure came from.")
  private boolean debug;

  @Option(
      names = "--jfr",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "Record what happens inside for Java Flight Recorder's tools.")
  private Path flightFile;

  Sluice() {}

  /** Runs one command and ends the process with its status. */
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /** Runs one command in this process and returns its exit status. */
  static int run(String... arguments) {
    Sluice sluice = new Sluice();
    int status =
        sluice.guard(() ->
            sluice
                .commandLine()
                .setUsageHelpWidth(HELP_WIDTH)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionStrategy(sluice::execute)
                .setParameterExceptionHandler((e, args) -> sluice.misused(e))
                .setExecutionExceptionHandler((e, command, result) -> sluice.failed(e, command))
                .execute(asOurs(arguments)));
    if (status == ExitStatus.USAGE && isCommand("fio", arguments)) {
      // fio knows no other.
      status = ExitStatus.FAILURE;
    }
    boolean isDone = status == ExitStatus.OK || status == ExitStatus.GAPS;
    if (!isDone || !System.out.checkError()) {
      return status;
    }
    return hasNoReader() ? ExitStatus.NO_READER : sluice.untold(arguments);
  }

  /** fio's options have forms that picocli would take for job files. */
  private static String[] asOurs(String... arguments) {
    return isCommand("bench", arguments) || isCommand("fio", arguments)
        ? CommandLineJobs.joined(List.of(arguments)).toArray(String[]::new)
        : arguments;
  }

  private static boolean isCommand(String command, String... arguments) {
    return Stream.of(arguments)
        .filter(word -> !word.startsWith("-"))
        .limit(1)
        .anyMatch(command::equals);
  }

  /** Whether standard output is a pipe that nobody reads any more, as behind {@code head}. */
  private static boolean hasNoReader() {
    try (Arena arena = Arena.ofConfined()) {
      long pollFd = arena.allocate(PollFd.BYTES, PollFd.BYTES).address();
      // Asked for nothing, it tells of errors alone.
      PollFd.put(pollFd, STANDARD_OUTPUT, (short) 0);
      return PollFd.await(pollFd, 0);
    }
  }

  /** Runs the command that was named, and looks inside meanwhile as far as that is wanted. */
  private int execute(ParseResult parsed) {
    if (!debug && flightFile == null) {
      // To ask whether anybody wants to know would load what a short start has no time for.
      Incidents.mute();
      return new RunLast().execute(parsed);
    }
    Incidents.unmute();
    try (DebugLines _ = debug ? DebugLines.begin() : null;
        FlightFile _ = flightFile == null ? null : FlightFile.begin(flightFile)) {
      return new RunLast().execute(parsed);
    } catch (IOException e) {
      throw new ExecutionException(parsed.asCommandLineList().getLast(), e.getMessage(), e);
    }
  }

  /** What cannot be read by anybody was not told. */
  private int untold(String... arguments) {
    String command = arguments.length == 0 ? "sluice" : "sluice " + arguments[0];
    String message =
        "it is done, but standard output does not take what came of it: is its disk full?";
    tell(command, message, new IOException(message));
    return ExitStatus.FAILURE;
  }

  /** Tells in one line also of what is not even an exception: no memory, no library. */
  int guard(IntSupplier command) {
    try {
      return command.getAsInt();
    } catch (Error e) {
      tell("sluice", "unexpected " + e + "; --debug shows more", e);
      return ExitStatus.FAILURE;
    }
  }

  /** The commands there are, in the order in which they are shown. */
  static List<String> commandNames() {
    return List.copyOf(new Sluice().commandLine().getSubcommands().keySet());
  }

  private CommandLine commandLine() {
    return new CommandLine(this);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  private int misused(ParameterException e) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    tell(command, e.getMessage() + " (see " + command + " --help)", e);
    tellPrograms(e.getCommandLine(), e.getMessage());
    return ExitStatus.USAGE;
  }

  private int failed(Exception e, CommandLine command) {
    String message = e.getMessage();
    if (message == null || e instanceof NullPointerException) {
      message = "unexpected " + e + ", please report it with what --debug shows";
    }
    tell(command.getCommandSpec().qualifiedName(), message, e);
    tellPrograms(command, message);
    return e instanceof JobException jobs && jobs.isOfCommandLine()
        ? ExitStatus.USAGE
        : ExitStatus.FAILURE;
  }

  /** As far as they asked for JSON. */
  private static void tellPrograms(CommandLine command, String message) {
    for (CommandSpec mixin : command.getCommandSpec().mixins().values()) {
      if (mixin.userObject() instanceof Output output) {
        output.failed(oneLine(message));
      }
      if (mixin.userObject() instanceof BenchOutput output) {
        output.failed(oneLine(message));
      }
    }
  }

  private static String oneLine(String message) {
    return message.replaceAll("\\s*\\R\\s*", "; ");
  }

  private void tell(String command, String message, Throwable e) {
    PrintStream err = System.err;
    err.println(Terminal.red(command + ": ") + PlainText.escape(oneLine(message)));
    if (debug) {
      e.printStackTrace(err);
    }
  }

  /** Reads the version from the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Sluice.class.getPackage().getImplementationVersion();
      return new String[] {
        "sluice " + (version == null ? "(not packaged)" : version),
        "Java " + Runtime.version() + ", " + System.getProperty("java.home")
      };
    }
  }
}
