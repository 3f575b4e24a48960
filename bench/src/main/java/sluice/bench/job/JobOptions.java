package sluice.bench.job;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sluice.bench.result.Direction;

/** What one job of a job file is to do: typed options, and the text that they were read from. */
public final class JobOptions {
  private final String name;
  private final String where;
  private final Map<Key<?>, Object> values;
  private final Map<String, String> texts;
  private final List<Map.Entry<String, String>> all;

  JobOptions(
      String name,
      String where,
      Map<Key<?>, Object> values,
      Map<String, String> texts,
      List<Map.Entry<String, String>> all) {
    this.name = name;
    this.where = where;
    this.values = new HashMap<>(values);
    this.texts = Collections.unmodifiableMap(new LinkedHashMap<>(texts));
    this.all = List.copyOf(all);
  }

  /** Its name: the section's, or what {@code name=} says. */
  public String name() {
    return name;
  }

  /** Where it begins: {@code FILE:LINE}, or the command line. */
  public String where() {
    return where;
  }

  /** The value of an option: the job's own, a global one, or the standard one. */
  @SuppressWarnings("unchecked") // JobBuilder.put let in nothing but values of the key's type.
  public <T> T get(Key<T> key) {
    return values.containsKey(key) ? (T) values.get(key) : key.standard();
  }

  /** Whether the job or a {@code [global]} section says anything about an option. */
  public boolean has(Key<?> key) {
    return values.containsKey(key);
  }

  /**
   * The job's own options as they were written, by fio's names, in the order in which they stand;
   * and always rw, bs, iodepth and numjobs, which programs that read reports want, even where they
   * are global or standard.
   */
  public Map<String, String> texts() {
    return texts;
  }

  /**
   * Every option that was given, the global ones first, by fio's names and in the order in which
   * they count; without a value where only the name stands.
   */
  List<Map.Entry<String, String>> all() {
    return all;
  }

  /** The same job, whose random I/Os may come to a block again before they came to all. */
  public JobOptions withoutRandomMap() {
    JobOptions other = new JobOptions(name, where, values, texts, all);
    other.values.put(Options.NORANDOMMAP, true);
    return other;
  }

  /** The sizes of I/Os, whichever of the three options for them decides. */
  public PerDirection<BlockSizes> blockSizes() {
    PerDirection<BlockSizes> split = get(Options.BSSPLIT);
    PerDirection<BlockSizes> range = get(Options.BSRANGE);
    return split != null ? split : range != null ? range : get(Options.BS);
  }

  /** The least size of an I/O of the directions that the job has. */
  public int leastBlock() {
    return directions().stream().mapToInt(way -> blockSizes().of(way).least()).min().getAsInt();
  }

  /** The greatest size of an I/O of the directions that the job has. */
  public int greatestBlock() {
    return directions().stream().mapToInt(way -> blockSizes().of(way).most()).max().getAsInt();
  }

  /** The directions that the job has; at least one. */
  public List<Direction> directions() {
    RwMode mode = get(Options.RW);
    return List.of(Direction.values()).stream().filter(mode::does).toList();
  }

  /** Whether the job goes through zones with gaps between them. */
  public boolean isStrided() {
    return Boolean.TRUE.equals(get(Options.ZONEMODE));
  }

  /** Whether the job changes what the drive holds. */
  public boolean destroys() {
    return get(Options.RW).destroys() && !get(Options.VERIFY_ONLY);
  }
}
