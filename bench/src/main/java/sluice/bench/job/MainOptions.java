package sluice.bench.job;

import java.util.Map;
import java.util.Set;

/** fio's options of its command line, which are no options of jobs. */
final class MainOptions {
  /** Those that are not done here, and what serves instead; empty where nothing does. */
  private static final Map<String, String> REFUSED =
      Map.ofEntries(
          Map.entry("bandwidth-log", "write_bw_log=NAME in a job writes it"),
          Map.entry("version", "sluice --version tells ours, sluice fio --version fio's"),
          Map.entry("enghelp", "sluice fio --enghelp tells the engines"),
          Map.entry("client", "run it where the drive is"),
          Map.entry("server", "run it where the drive is"),
          Map.entry("daemonize", ""),
          Map.entry("remote-config", ""),
          Map.entry("idle-prof", ""),
          Map.entry("profile", ""),
          Map.entry("debug", ""),
          Map.entry("crctest", ""),
          Map.entry("cpuclock-test", ""),
          Map.entry("inflate-log", ""),
          Map.entry("merge-blktrace-only", ""),
          Map.entry("trigger", ""),
          Map.entry("trigger-file", ""),
          Map.entry("trigger-remote", ""),
          Map.entry("trigger-timeout", ""),
          Map.entry("aux-path", ""),
          Map.entry("warnings-fatal", ""),
          Map.entry("eta", "progress is shown on terminals"),
          Map.entry("eta-newline", "progress is shown on terminals"),
          Map.entry("eta-interval", "progress is shown on terminals"),
          Map.entry("max-jobs", "4096 jobs are taken"),
          Map.entry("alloc-size", "leave it out, memory is taken as needed"));

  /** Those that are done by a command of ours; some of them by {@code sluice fio} alone. */
  private static final Set<String> DONE =
      Set.of(
          "append-terse",
          "cmdhelp",
          "help",
          "minimal",
          "output",
          "output-format",
          "parse-only",
          "readonly",
          "section",
          "showcmd",
          "status-interval",
          "terse-version");

  private MainOptions() {}

  /** Whether fio has an option of its command line of this name, done here or not. */
  static boolean isName(String name) {
    return REFUSED.containsKey(name) || DONE.contains(name);
  }

  /**
   * @throws JobException if it is one of them
   */
  static void refuse(String name) {
    String why = REFUSED.get(name);
    if (why != null) {
      throw new JobException(
          CommandLineJobs.WHERE,
          "fio's --" + name + " is not done here" + (why.isEmpty() ? "" : "; " + why));
    }
  }
}
