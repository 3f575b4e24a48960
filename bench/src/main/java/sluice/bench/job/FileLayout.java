package sluice.bench.job;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sluice.support.text.Units;

/**
 * Where the files of fio's jobs are on a drive: one behind the other in the order in which jobs
 * name them, each as long as the jobs that use it need. The same name is the same place. A file
 * that is the only one is the whole drive, as a drive's own name is for fio; so it is for jobs that
 * say neither how much they use nor what it is called, which fio refuses.
 */
final class FileLayout extends Layout {
  private static final int MOST_FILES = 1 << 16;

  /** What file systems align files to as well, and no drive's block is longer. */
  private static final long ALIGN = 4096;

  private final Map<String, Place> places = new LinkedHashMap<>();
  private final Place whole;
  private final boolean isNamed;

  private FileLayout(long capacity, boolean isNamed) {
    whole = new Place(0, capacity);
    this.isNamed = isNamed;
  }

  /**
   * @param capacity of the drive in bytes
   * @throws IllegalArgumentException if they do not fit
   */
  static FileLayout onDrive(List<JobOptions> jobs, long capacity) {
    FileLayout layout = new FileLayout(capacity, jobs.stream().anyMatch(FileNames::isNamed));
    Map<String, Long> lengths = layout.lengths(jobs);
    if (lengths.size() == 1) {
      layout.places.put(lengths.keySet().iterator().next(), layout.whole);
      return layout;
    }
    long end = 0;
    for (Map.Entry<String, Long> file : lengths.entrySet()) {
      layout.places.put(file.getKey(), new Place(end, file.getValue()));
      end += file.getValue();
      if (end < 0) {
        break;
      }
    }
    if (end < 0 || end > capacity) {
      throw layout.refused(lengths, end);
    }
    return layout;
  }

  /** How long each file has to be, by its name. */
  private Map<String, Long> lengths(List<JobOptions> jobs) {
    Map<String, Long> lengths = new LinkedHashMap<>();
    for (JobOptions job : jobs) {
      for (int clone = 0; !isWhole(job) && clone < job.get(Options.NUMJOBS); clone++) {
        List<String> names = FileNames.of(job, clone);
        for (int file = 0; file < names.size(); file++) {
          lengths.merge(names.get(file), length(job, clone, file, names.size()), Math::max);
        }
        if (lengths.size() > MOST_FILES) {
          throw new IllegalArgumentException(
              job.where() + ": the jobs have more than " + MOST_FILES + " files");
        }
      }
    }
    return lengths;
  }

  /** Whether a job is on the drive as such, in no file. */
  private static boolean isWhole(JobOptions job) {
    Extent size = job.get(Options.SIZE);
    return !FileNames.isNamed(job)
        && !job.get(Options.FILESIZE).isGiven()
        && (!size.isGiven() || size.fraction() == 1);
  }

  private long length(JobOptions job, int clone, int file, int files) {
    Extent size = job.get(Options.SIZE);
    long used = bytes(job, clone, file, files);
    if (used == whole.bytes()) {
      return used;
    }
    long before =
        job.get(Options.FILESIZE).isGiven()
            ? 0
            : job.get(Options.OFFSET).bytes() + clone * job.get(Options.OFFSET_INCREMENT).bytes();
    // Parts of the drive that are all of it together still are when they have been aligned.
    return size.fraction() > 0
        ? (before + used) / ALIGN * ALIGN
        : Math.ceilDiv(before + used, ALIGN) * ALIGN;
  }

  @Override
  public long bytes(JobOptions job, int clone, int file, int files) {
    Extent size = job.get(Options.SIZE);
    FileSize each = job.get(Options.FILESIZE);
    if (each.isGiven()) {
      long seed = job.get(Options.RANDSEED) + 1_000_003L * clone + file;
      long bytes = each.of(whole.bytes(), seed);
      return size.fraction() > 0 ? size.of(bytes) : bytes;
    }
    return size.isGiven() ? size.of(whole.bytes()) / files : whole.bytes();
  }

  @Override
  public List<Place> files(JobOptions job, int clone) {
    if (isWhole(job)) {
      return List.of(whole);
    }
    return FileNames.of(job, clone).stream().map(places::get).toList();
  }

  @Override
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (isNamed && places.size() > 1) {
      Map.Entry<String, Place> first = places.entrySet().iterator().next();
      String last = List.copyOf(places.keySet()).getLast();
      notes.add(
          "the jobs' %d files lie one behind the other on the drive: from %s at byte 0 to %s at byte %d"
              .formatted(
                  places.size(), shown(first.getKey()), shown(last), places.get(last).offset()));
    }
    return notes;
  }

  private IllegalArgumentException refused(Map<String, Long> lengths, long end) {
    List<String> wholes =
        lengths.entrySet().stream()
            .filter(file -> file.getValue() >= whole.bytes())
            .map(file -> shown(file.getKey()))
            .toList();
    if (lengths.keySet().stream().allMatch(name -> name.matches("[0-9]+"))) {
      return new IllegalArgumentException(
          "the jobs name drives by number, up to %s, and there is one drive: give --drive for each"
              .formatted(shown(List.copyOf(lengths.keySet()).getLast())));
    }
    if (!wholes.isEmpty()) {
      return new IllegalArgumentException(
          "the jobs have %d files, and %s is the whole drive: give each a size, or all the same filename"
              .formatted(lengths.size(), wholes.getFirst()));
    }
    return new IllegalArgumentException(
        "the jobs' %d files need %s, and the drive has %s: give less size, or all the same filename"
            .formatted(
                lengths.size(),
                end < 0 ? "too much" : Units.formatSize(end),
                Units.formatSize(whole.bytes())));
  }

  private static String shown(String name) {
    String quoted = Values.quote(name);
    return quoted.substring(1, quoted.length() - 1);
  }
}
