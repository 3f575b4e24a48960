package sluice.bench.job;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A job while its lines are read; or the global options, which later jobs begin with. */
final class JobBuilder {
  /** What programs that read reports want of every job, and what it is if it is not given. */
  private static final Map<String, String> ALWAYS_SHOWN =
      Map.of("rw", "read", "bs", "4096", "iodepth", "1", "numjobs", "1");

  private final String name;
  private final String where;
  private final Warnings warnings;
  private final Dialect dialect;
  private final Map<Key<?>, Object> values = new HashMap<>();
  private final Map<String, String> texts = new LinkedHashMap<>();
  private final Map<String, String> inherited = new LinkedHashMap<>();
  private final List<Map.Entry<String, String>> all = new ArrayList<>();

  /**
   * @param dialect how it is read
   */
  JobBuilder(String name, String where, Warnings warnings, Dialect dialect) {
    this.name = name;
    this.where = where;
    this.warnings = warnings;
    this.dialect = dialect;
  }

  /** Begins with what is global. */
  JobBuilder inherit(JobBuilder globals) {
    values.putAll(globals.values);
    inherited.putAll(globals.texts);
    all.addAll(globals.all);
    return this;
  }

  /**
   * Takes an option.
   *
   * @param value empty where only the name stands
   * @throws IllegalArgumentException if the value is no good: the option, and why; or if the option
   *     is not known
   */
  void option(String line, String option, String value) {
    Options.Reader<?> reader = Options.find(option);
    if (reader == null) {
      foreign(line, option, value);
      return;
    }
    String expanded;
    try {
      expanded = Variables.expand(value);
      reader.read(expanded, this);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
    }
    if (reader.key() == Options.IOENGINE) {
      warnOfNoMeaning(line, option, value);
    }
    if (!value.isEmpty()) {
      texts.put(reader.name(), expanded);
    }
    keep(reader.name(), expanded);
  }

  /** The last of a name counts, where it stands; but what k means counts for what follows it. */
  private void keep(String option, String value) {
    if (!option.equals(Options.KB_BASE.name())) {
      all.removeIf(each -> each.getKey().equals(option));
    }
    all.add(Map.entry(option, value));
  }

  private void foreign(String line, String option, String value) {
    if (Options.isWithoutMeaning(option)) {
      warnOfNoMeaning(line, option, value);
      if (!value.isEmpty()) {
        // Reports tell it all the same, as fio's do.
        texts.put(option, value);
      }
      keep(option, value);
    } else if (dialect.isLenient() && ForeignOptions.isOfFio(option)) {
      warnings.add(line, option, value, Warnings.LEFT_OUT);
    } else if (!ForeignOptions.isHarmless(option, value)) {
      throw new IllegalArgumentException(ForeignOptions.refusal(option));
    }
  }

  /** Who wrote it for fio need not know. */
  private void warnOfNoMeaning(String line, String option, String value) {
    if (!dialect.isFios()) {
      warnings.add(line, option, value, Warnings.WITHOUT_MEANING);
    }
  }

  /**
   * @throws IllegalArgumentException with this text, unless the reader is lenient
   */
  void refuse(String text) {
    if (!dialect.isLenient()) {
      throw new IllegalArgumentException(text);
    }
  }

  <T> void put(Key<T> key, T value) {
    values.put(key, value);
  }

  void warn(String text) {
    warnings.add(text);
  }

  /** What {@code k} means. */
  int base() {
    return get(Options.KB_BASE);
  }

  @SuppressWarnings("unchecked") // put lets in nothing but values of the key's type.
  private <T> T get(Key<T> key) {
    return values.containsKey(key) ? (T) values.get(key) : key.standard();
  }

  Map<String, String> texts() {
    return texts;
  }

  /**
   * @throws JobException if its options do not fit together
   */
  JobOptions build() {
    String given = get(Options.NAME);
    for (String shown : List.of("rw", "bs", "iodepth", "numjobs")) {
      texts.putIfAbsent(shown, inherited.getOrDefault(shown, ALWAYS_SHOWN.get(shown)));
    }
    limitDepth();
    dropWhatLacksATime();
    JobOptions job =
        new JobOptions(given == null || given.isEmpty() ? name : given, where, values, texts, all);
    Coherence.check(job);
    return job;
  }

  /** What fio takes and does nothing about. */
  private void dropWhatLacksATime() {
    if (get(Options.TIME_BASED) && get(Options.RUNTIME) == 0) {
      warnings.add("time_based without a runtime is left out, as fio does");
      put(Options.TIME_BASED, false);
    }
    if (get(Options.STEADYSTATE) != null && get(Options.STEADYSTATE_DURATION) == 0) {
      warnings.add("steadystate without a steadystate_duration is left out, as fio does");
      put(Options.STEADYSTATE, null);
    }
  }

  /** Engines that wait for each I/O have no depth; a number for it would be another benchmark. */
  private void limitDepth() {
    String engine = get(Options.IOENGINE);
    if (get(Options.IODEPTH) == 1 || get(Options.IO_SUBMIT_MODE)) {
      return;
    }
    if (engine == null && !dialect.isFios()) {
      if (!where.equals(CommandLineJobs.WHERE)) {
        warnings.add("no ioengine is given: fio would take psync, whose iodepth is 1");
      }
    } else if (engine == null || Engines.isSynchronous(engine)) {
      warnings.add(
          "ioengine=%s waits for each I/O: its iodepth is 1, as fio has it"
              .formatted(engine == null ? Engines.STANDARD : engine));
      put(Options.IODEPTH, 1);
      put(Options.IODEPTH_LOW, 0);
    }
  }
}
