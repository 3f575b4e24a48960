package sluice.bench.job;

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
  private final Map<Key<?>, Object> values = new HashMap<>();
  private final Map<String, String> texts = new LinkedHashMap<>();
  private final Map<String, String> inherited = new LinkedHashMap<>();

  JobBuilder(String name, String where, Warnings warnings) {
    this.name = name;
    this.where = where;
    this.warnings = warnings;
  }

  /** Begins with what is global. */
  JobBuilder inherit(JobBuilder globals) {
    values.putAll(globals.values);
    inherited.putAll(globals.texts);
    return this;
  }

  /**
   * Takes an option.
   *
   * @param value empty where only the name stands
   * @throws IllegalArgumentException if the value is no good: the option, and why
   */
  void option(String line, String option, String value) {
    Options.Reader<?> reader = Options.find(option);
    if (reader == null) {
      warnings.add(line, option, value);
      if (Options.isWithoutMeaning(option) && !value.isEmpty()) {
        // Reports tell it all the same, as fio's do.
        texts.put(option, value);
      }
      return;
    }
    try {
      reader.read(value, this);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
    }
    if (!value.isEmpty()) {
      texts.put(reader.name(), value);
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
    JobOptions job =
        new JobOptions(given == null || given.isEmpty() ? name : given, where, values, texts);
    Coherence.check(job);
    return job;
  }
}
