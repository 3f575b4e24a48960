package sluice.bench.job;

import java.util.Map;

/**
 * fio's options of its command line, which are no options of jobs: those that are not done here.
 */
final class MainOptions {
  /** What serves instead; empty where nothing does. */
  private static final Map<String, String> REFUSED =
      Map.ofEntries(
          Map.entry("minimal", "the reports are normal, json and json+ (--output-format)"),
          Map.entry("terse-version", "the reports are normal, json and json+ (--output-format)"),
          Map.entry("append-terse", "the reports are normal, json and json+ (--output-format)"),
          Map.entry("bandwidth-log", "write_bw_log=NAME in a job writes it"),
          Map.entry("version", "sluice --version tells ours"),
          Map.entry("enghelp", "the engine is always our own driver"),
          Map.entry("showcmd", "--parse-only reads the jobs without running them"),
          Map.entry("client", ""),
          Map.entry("server", ""),
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

  private MainOptions() {}

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
