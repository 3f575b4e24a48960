package sluice.bench.job;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import sluice.bench.result.Reporting;

/**
 * The options of a job that have a meaning here, by fio's names. Sizes are bytes, times
 * nanoseconds, shares fractions from 0 to 1.
 */
public final class Options {
  private static final long SECOND = 1_000_000_000;
  private static final long MILLI = 1_000_000;
  private static final long MICRO = 1_000;
  private static final long MANY = 1L << 40;
  private static final int MOST_PERCENTILES = 20;
  private static final int MOST_BACKLOG = 1 << 20;

  /** How a value is read and to which option it belongs; several names may set one option. */
  record Reader<T>(String name, Key<T> key, Parser<T> parser) {
    /** Reads a value into a job. */
    void read(String text, JobBuilder job) {
      job.put(key, parser.parse(text, job));
    }
  }

  /** Reads a value. */
  @FunctionalInterface
  interface Parser<T> {
    /**
     * @param job what is known of the job so far
     * @throws IllegalArgumentException saying why it cannot be read
     */
    T parse(String text, JobBuilder job);
  }

  private static final Map<String, Reader<?>> READERS = new HashMap<>();
  private static final Map<String, String> ALIASES = new HashMap<>();
  private static final Set<String> FLAGS = new HashSet<>();

  /** Overrides the section's name. */
  public static final Key<String> NAME = text("name");

  public static final Key<String> DESCRIPTION = text("description");

  /** What {@code k} stands for: 1024 or 1000. */
  static final Key<Integer> KB_BASE =
      option("kb_base", 1024, (text, job) -> kbBase(Values.integer(text, 1, 2000)));

  // What is done

  public static final Key<RwMode> RW =
      option("rw", RwMode.STANDARD, (text, job) -> RwMode.parse(text), "readwrite");
  public static final Key<PerDirection<BlockSizes>> BS =
      option(
          "bs",
          PerDirection.all(BlockSizes.of(4096)),
          (text, job) ->
              PerDirection.parse(
                  text, part -> BlockSizes.parse(part, job.base()), BlockSizes.of(4096)),
          "blocksize");
  public static final Key<PerDirection<BlockSizes>> BSRANGE =
      option(
          "bsrange",
          null,
          (text, job) ->
              PerDirection.parse(
                  text, part -> BlockSizes.parseRange(part, job.base()), BlockSizes.of(4096)),
          "blocksize_range");
  public static final Key<PerDirection<BlockSizes>> BSSPLIT =
      option(
          "bssplit",
          null,
          (text, job) ->
              PerDirection.parse(
                  text, part -> BlockSizes.parseSplit(part, job.base()), BlockSizes.of(4096)));

  /** Offsets are multiples of it; null for the least block size. */
  public static final Key<PerDirection<Long>> BLOCKALIGN =
      option(
          "blockalign",
          null,
          (text, job) ->
              PerDirection.parse(
                  text, part -> atLeastOne(part, Values.size(part, job.base())), 4096L),
          "ba");

  /** How much of the drive is used; nothing for all that is left of it. */
  public static final Key<Extent> SIZE = extent("size");

  // In which files

  /** Names with colons between them; null where they are made of the job's name. */
  public static final Key<String> FILENAME = text("filename");

  public static final Key<String> DIRECTORY = text("directory");
  public static final Key<String> FILENAME_FORMAT = text("filename_format");

  /** How many files there are where {@code filename} does not name them. */
  public static final Key<Integer> NRFILES = count("nrfiles", 1, 1, 1 << 16, "nr_files");

  /** How long each file is; where it is not given, all of them together have {@code size}. */
  public static final Key<FileSize> FILESIZE =
      option("filesize", FileSize.NONE, (text, job) -> FileSize.parse(text, job.base()));

  public static final Key<FileService> FILE_SERVICE_TYPE =
      option("file_service_type", FileService.STANDARD, (text, job) -> FileService.parse(text));

  public static final Key<Extent> OFFSET = extent("offset", "start_offset", "fileoffset");
  public static final Key<Extent> OFFSET_INCREMENT = extent("offset_increment");
  public static final Key<Long> OFFSET_ALIGN = size("offset_align", 0);

  /** How much is moved; nothing for as much as is used. */
  public static final Key<Extent> IO_SIZE = extent("io_size", "io_limit");

  /** After how many I/Os the job ends; 0 for no such end. */
  public static final Key<Long> NUMBER_IOS = integer("number_ios", 0, 0, MANY);

  public static final Key<Long> LOOPS =
      option(
          "loops",
          1L,
          // None is one too, as fio has it.
          (text, job) -> Math.max(1, Values.integer(text, 0, Integer.MAX_VALUE)));
  public static final Key<Double> RWMIXREAD =
      option("rwmixread", 0.5, (text, job) -> Values.percent(text));
  public static final Key<RandomDistribution> RANDOM_DISTRIBUTION =
      option(
          "random_distribution",
          RandomDistribution.UNIFORM,
          (text, job) -> RandomDistribution.parse(text, job.base()));

  /** Of a mode at random, how many of its offsets are drawn rather than follow the one before. */
  public static final Key<PerDirection<Double>> PERCENTAGE_RANDOM =
      option(
          "percentage_random",
          PerDirection.all(1.0),
          (text, job) -> PerDirection.parse(text, Values::percent, 1.0));

  public static final Key<Boolean> NORANDOMMAP = flag("norandommap", false);

  /** Whether a job goes on without a random map that is too large for the memory there is. */
  public static final Key<Boolean> SOFTRANDOMMAP = flag("softrandommap", false);

  public static final Key<Long> RANDSEED = integer("randseed", 0x89, 0, Long.MAX_VALUE);
  public static final Key<Boolean> RANDREPEAT = flag("randrepeat", true, "allrandrepeat");

  /** Whether it goes through zones with gaps between them; null where that is not said. */
  static final Key<Boolean> ZONEMODE = option("zonemode", null, Options::isStrided);

  /** How much is moved in a zone. */
  public static final Key<Long> ZONESIZE = size("zonesize", 0);

  /** How long a zone is; 0 for as much as is moved in it. */
  public static final Key<Long> ZONERANGE = size("zonerange", 0);

  /** How long the gap behind a zone is. */
  public static final Key<Long> ZONESKIP = size("zoneskip", 0);

  // How much at once

  /** By what fio would move the data; null if it is not said. */
  static final Key<String> IOENGINE =
      option("ioengine", null, (text, job) -> Engines.require(text, job));

  public static final Key<Integer> IODEPTH = count("iodepth", 1, 1, 65_535);

  /** How many are submitted at once at the most; 0 for all that there is room for. */
  public static final Key<Integer> IODEPTH_BATCH =
      count("iodepth_batch", 0, 0, 65_535, "iodepth_batch_submit");

  public static final Key<Integer> IODEPTH_BATCH_COMPLETE_MIN =
      count("iodepth_batch_complete_min", 1, 0, 65_535, "iodepth_batch_complete");

  /** How many completions are taken at once at the most; 0 for all. */
  public static final Key<Integer> IODEPTH_BATCH_COMPLETE_MAX =
      count("iodepth_batch_complete_max", 0, 0, 65_535);

  /** A full queue is filled again when it has fallen to this depth; 0 for at once. */
  public static final Key<Integer> IODEPTH_LOW = count("iodepth_low", 0, 0, 65_535);

  /** Whether depth is of the jobs, whatever the engine: then a thread of its own submits. */
  static final Key<Boolean> IO_SUBMIT_MODE =
      option("io_submit_mode", false, (text, job) -> isOffloaded(text));

  /** Whether what would overlap with what is out waits for it. */
  public static final Key<Boolean> SERIALIZE_OVERLAP = flag("serialize_overlap", false);

  public static final Key<Integer> NUMJOBS = count("numjobs", 1, 1, 4096);

  // When

  public static final Key<Long> RUNTIME = duration("runtime", SECOND, "timeout");

  /** Whether its I/Os go without interrupts where there are queues for that. */
  public static final Key<Boolean> HIPRI = flag("hipri", false);

  public static final Key<Boolean> TIME_BASED = flag("time_based", false);
  public static final Key<Long> RAMP_TIME = duration("ramp_time", SECOND);

  /** A time, or the two ends of a range. */
  public static final Key<StartDelay> STARTDELAY =
      option("startdelay", StartDelay.NONE, (text, job) -> StartDelay.parse(text));

  public static final Key<Boolean> STONEWALL = flag("stonewall", false, "wait_for_previous");

  /** The job before it that must have ended before this one begins; null for none. */
  public static final Key<String> WAIT_FOR = text("wait_for");

  public static final Key<Boolean> EXITALL = flag("exitall", false);
  public static final Key<Long> THINKTIME = duration("thinktime", MICRO);
  public static final Key<Long> THINKTIME_BLOCKS =
      integer("thinktime_blocks", 1, 1, Integer.MAX_VALUE);

  // How fast

  /** Bytes per second; 0 for as fast as it goes. */
  public static final Key<PerDirection<Long>> RATE =
      option(
          "rate",
          PerDirection.all(0L),
          (text, job) -> PerDirection.parse(text, part -> Values.size(part, job.base()), 0L));

  public static final Key<PerDirection<Long>> RATE_MIN =
      option(
          "rate_min",
          PerDirection.all(0L),
          (text, job) -> PerDirection.parse(text, part -> Values.size(part, job.base()), 0L),
          "ratemin");

  /** I/Os per second; 0 for as fast as it goes. */
  public static final Key<PerDirection<Long>> RATE_IOPS =
      option(
          "rate_iops",
          PerDirection.all(0L),
          (text, job) ->
              PerDirection.parse(text, part -> Values.integer(part, 0, Integer.MAX_VALUE), 0L));

  public static final Key<RateProcess> RATE_PROCESS =
      option(
          "rate_process",
          RateProcess.LINEAR,
          (text, job) -> Values.choice(text, RateProcess.class));
  public static final Key<Long> LATENCY_TARGET = duration("latency_target", MICRO);
  public static final Key<Long> LATENCY_WINDOW = duration("latency_window", MICRO);
  public static final Key<Double> LATENCY_PERCENTILE =
      option("latency_percentile", 1.0, (text, job) -> Values.percent(text));
  public static final Key<SteadyStateGoal> STEADYSTATE =
      option("steadystate", null, (text, job) -> SteadyStateGoal.parse(text, job.base()), "ss");
  public static final Key<Long> STEADYSTATE_DURATION =
      duration("steadystate_duration", SECOND, "ss_dur");
  public static final Key<Long> STEADYSTATE_RAMP_TIME =
      duration("steadystate_ramp_time", SECOND, "ss_ramp");

  /** What share of the I/Os of all jobs with its {@code flow_id} are its own; 0 for any. */
  public static final Key<Integer> FLOW = count("flow", 0, 0, 1000);

  public static final Key<Integer> FLOW_ID = count("flow_id", 0, 0, Integer.MAX_VALUE);

  /** How long a job rests that is ahead of its share; 0 to look again at once. */
  public static final Key<Long> FLOW_SLEEP = duration("flow_sleep", MICRO);

  /** How often a steady state is looked for; 0 for each second. */
  public static final Key<Long> STEADYSTATE_CHECK_INTERVAL =
      duration("steadystate_check_interval", SECOND, "ss_interval");

  // What is written, and whether it is there

  public static final Key<Verification> VERIFY =
      option("verify", Verification.NONE, Options::verification);
  public static final Key<DataPattern> VERIFY_PATTERN =
      option("verify_pattern", null, (text, job) -> DataPattern.parse(text));

  /** How long the pieces are that have a header each; 0 for the least block size. */
  public static final Key<Integer> VERIFY_INTERVAL =
      option(
          "verify_interval",
          0,
          (text, job) -> (int) inRange(text, Values.size(text, job.base()), 0, 1 << 30),
          "header_interval");

  /** After how many writes some are verified, before others follow; 0 for when all are done. */
  public static final Key<Integer> VERIFY_BACKLOG =
      option(
          "verify_backlog",
          0,
          (text, job) -> (int) inRange(text, Values.size(text, job.base()), 0, MOST_BACKLOG));

  /** How many are verified then; 0 for all. */
  public static final Key<Integer> VERIFY_BACKLOG_BATCH =
      count("verify_backlog_batch", 0, 0, MOST_BACKLOG);

  public static final Key<Boolean> DO_VERIFY = flag("do_verify", true);
  public static final Key<Boolean> VERIFY_ONLY = flag("verify_only", false);
  public static final Key<Boolean> VERIFY_FATAL = flag("verify_fatal", false);
  public static final Key<DataPattern> BUFFER_PATTERN =
      option("buffer_pattern", null, (text, job) -> DataPattern.parse(text));
  public static final Key<Boolean> REFILL_BUFFERS = flag("refill_buffers", false);
  public static final Key<Boolean> SCRAMBLE_BUFFERS = flag("scramble_buffers", true);
  public static final Key<Boolean> ZERO_BUFFERS = flag("zero_buffers", false);
  public static final Key<Double> BUFFER_COMPRESS_PERCENTAGE =
      option("buffer_compress_percentage", 0.0, (text, job) -> Values.percent(text));
  public static final Key<Integer> BUFFER_COMPRESS_CHUNK =
      option(
          "buffer_compress_chunk",
          512,
          (text, job) -> (int) inRange(text, Values.size(text, job.base()), 8, 1 << 30));

  /** After how many writes a flush follows; 0 for never. */
  public static final Key<Integer> FSYNC = count("fsync", 0, 0, Integer.MAX_VALUE, "fdatasync");

  public static final Key<Boolean> END_FSYNC = flag("end_fsync", false, "fsync_on_close");

  /** Whether each write is durable when it completes (Force Unit Access). */
  public static final Key<Boolean> SYNC =
      option(
          "sync",
          false,
          (text, job) ->
              switch (text) {
                case "none" -> false;
                case "sync", "dsync" -> true;
                default -> Values.bool(text);
              });

  // How it is reported

  public static final Key<Boolean> GROUP_REPORTING = flag("group_reporting", false);
  public static final Key<Boolean> NEW_GROUP = flag("new_group", false);
  public static final Key<Reporting.Unified> UNIFIED_RW_REPORTING =
      option("unified_rw_reporting", Reporting.Unified.NONE, (text, job) -> unified(text));
  public static final Key<List<Double>> PERCENTILE_LIST =
      option("percentile_list", Reporting.STANDARD_PERCENTILES, (text, job) -> percentiles(text));
  public static final Key<Boolean> SLAT_PERCENTILES = flag("slat_percentiles", false);
  public static final Key<Boolean> CLAT_PERCENTILES = flag("clat_percentiles", true);
  public static final Key<Boolean> LAT_PERCENTILES = flag("lat_percentiles", false);

  /** What the log's file name begins with; empty for the job's name, null for no log. */
  public static final Key<String> WRITE_BW_LOG = text("write_bw_log");

  public static final Key<String> WRITE_IOPS_LOG = text("write_iops_log");
  public static final Key<String> WRITE_LAT_LOG = text("write_lat_log");

  public static final Key<String> WRITE_HIST_LOG = text("write_hist_log");

  /** How often it gets a histogram; 0 for never. */
  public static final Key<Long> LOG_HIST_MSEC = duration("log_hist_msec", MILLI);

  /** How often neighbouring bins of it are put together, two by two. */
  public static final Key<Integer> LOG_HIST_COARSENESS = count("log_hist_coarseness", 0, 0, 6);

  /** Over how long the samples of logs are averaged; 0 for not at all. */
  public static final Key<Long> LOG_AVG_MSEC =
      option("log_avg_msec", 500 * MILLI, (text, job) -> Values.duration(text, MILLI));

  public static final Key<Boolean> LOG_MAX_VALUE = flag("log_max_value", false);
  public static final Key<Boolean> LOG_OFFSET = flag("log_offset", false);
  public static final Key<Boolean> PER_JOB_LOGS = flag("per_job_logs", true);
  public static final Key<Long> BWAVGTIME =
      option("bwavgtime", 500 * MILLI, (text, job) -> window(text));
  public static final Key<Long> IOPSAVGTIME =
      option("iopsavgtime", 500 * MILLI, (text, job) -> window(text));

  static {
    also("rwmixwrite", RWMIXREAD, (text, job) -> 1 - Values.percent(text));
  }

  /** Options of fio that say how to reach a file or which way through the kernel. */
  private static final Set<String> WITHOUT_MEANING =
      Set.of(
          ("direct buffered thread unique_filename"
                  + " opendir lockfile file_append openfiles"
                  + " fallocate fadvise_hint write_barrier sync_file_range atomic overwrite"
                  + " create_serialize create_fsync create_on_open allow_file_create"
                  + " allow_mounted_write pre_read unlink unlink_each_loop invalidate ioscheduler"
                  + " sqthread_poll sqthread_poll_cpu fixedbufs registerfiles nonvectored"
                  + " nowait force_async userspace_reap cmdprio_percentage prio prioclass nice"
                  + " cpus_allowed cpumask cpus_allowed_policy numa_cpu_nodes numa_mem_policy"
                  + " mem iomem mem_align iomem_align hugepage-size lockmem clocksource"
                  + " gtod_reduce gtod_cpu disable_lat disable_clat disable_slat"
                  + " disable_bw_measurement disable_bw disk_util random_generator"
                  + " bs_unaligned blocksize_unaligned unit_base significant_figures"
                  + " uid gid cgroup cgroup_weight cgroup_nodelete verify_async verify_async_cpus"
                  + " experimental_verify flow_watermark log_entries log_compression"
                  + " log_compression_cpus log_store_compressed verify_state_save"
                  + " verify_state_load verify_dump stats ignore_error"
                  + " error_dump comm priohint write_hint threads"
                  + " cmdprio cmdprio_class cmdprio_bssplit cmdprio_hint prio_hint log_prio"
                  // How engines reach a drive.
                  + " spdk_conf spdk_json_conf spdk_core_mask spdk_mem mem_size_mb shm_id"
                  + " enable_sgl sge_size enable_vmd hostnqn subnqn hostaddr cmd_type"
                  + " libblkio_driver libblkio_path libblkio_pre_connect_props"
                  + " libblkio_num_entries libblkio_queue_size libblkio_pre_start_props"
                  + " libblkio_vectored libblkio_wait_mode xnvme_async xnvme_sync xnvme_admin"
                  + " xnvme_dev_nsid xnvme_dev_subnqn xnvme_iovec")
              .split(" "));

  private Options() {}

  /** The reader for a name or one of its other names; null if it has no meaning here. */
  static Reader<?> find(String name) {
    return READERS.get(ALIASES.getOrDefault(name, name));
  }

  /** Whether it is one of fio's that say nothing to a drive of one's own. */
  static boolean isWithoutMeaning(String name) {
    return WITHOUT_MEANING.contains(name);
  }

  /** Those. */
  static Set<String> withoutMeaning() {
    return WITHOUT_MEANING;
  }

  /**
   * Whether what follows a name of a command line is its value, as in {@code --runtime 120}. A name
   * that says yes by standing there has none but a number for it.
   */
  static boolean takes(String name, String next) {
    boolean isFlag = FLAGS.contains(name) || name.equals("thread");
    return !next.startsWith("-") && (!isFlag || next.matches("[01]"));
  }

  /** Whether fio has an option of jobs of this name. */
  static boolean isName(String name) {
    return find(name) != null || isWithoutMeaning(name) || ForeignOptions.isOfFio(name);
  }

  /** All names that mean something, for people. */
  public static List<String> names() {
    return List.copyOf(
        new TreeSet<>(
            Stream.concat(READERS.keySet().stream(), ALIASES.keySet().stream()).toList()));
  }

  /** All names of an option that means something, fio's own one first. */
  static List<String> namesOf(String name) {
    String own = ALIASES.getOrDefault(name, name);
    return Stream.concat(
            Stream.of(own),
            ALIASES.entrySet().stream()
                .filter(alias -> alias.getValue().equals(own))
                .map(Map.Entry::getKey)
                .sorted())
        .toList();
  }

  private static <T> Key<T> option(
      String name, T standard, Parser<T> parser, String... otherNames) {
    Key<T> key = new Key<>(name, standard);
    also(name, key, parser);
    for (String other : otherNames) {
      ALIASES.put(other, name);
    }
    return key;
  }

  private static <T> void also(String name, Key<T> key, Parser<T> parser) {
    READERS.put(name, new Reader<>(name, key, parser));
  }

  private static Key<String> text(String name) {
    return option(name, null, (text, job) -> text);
  }

  private static Key<Boolean> flag(String name, boolean standard, String... otherNames) {
    FLAGS.add(name);
    FLAGS.addAll(List.of(otherNames));
    return option(name, standard, (text, job) -> Values.bool(text), otherNames);
  }

  private static Key<Extent> extent(String name, String... otherNames) {
    return option(name, Extent.NONE, (text, job) -> Extent.parse(text, job.base()), otherNames);
  }

  private static Key<Long> size(String name, long standard) {
    return option(name, standard, (text, job) -> Values.size(text, job.base()));
  }

  private static Key<Long> integer(
      String name, long standard, long least, long most, String... otherNames) {
    return option(name, standard, (text, job) -> Values.integer(text, least, most), otherNames);
  }

  private static Key<Integer> count(
      String name, int standard, int least, int most, String... otherNames) {
    return option(
        name, standard, (text, job) -> (int) Values.integer(text, least, most), otherNames);
  }

  private static Key<Long> duration(String name, long bareUnit, String... otherNames) {
    return option(name, 0L, (text, job) -> Values.duration(text, bareUnit), otherNames);
  }

  private static boolean isOffloaded(String text) {
    return switch (text) {
      case "inline" -> false;
      case "offload" -> true;
      default ->
          throw new IllegalArgumentException(Values.quote(text) + " is neither inline nor offload");
    };
  }

  private static boolean isStrided(String text, JobBuilder job) {
    return switch (text) {
      case "none" -> false;
      case "strided" -> true;
      case "zbd" -> {
        job.refuse("zbd is for zoned drives, which are not driven here; --lenient leaves it out");
        yield false;
      }
      default ->
          throw new IllegalArgumentException(Values.quote(text) + " is none of none, strided");
    };
  }

  private static long window(String text) {
    return Math.max(MILLI, Values.duration(text, MILLI));
  }

  private static long atLeastOne(String text, long value) {
    return inRange(text, value, 1, Long.MAX_VALUE);
  }

  private static long inRange(String text, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          Values.quote(text) + " must be from " + least + " to " + most);
    }
    return value;
  }

  private static int kbBase(long value) {
    if (value != 1000 && value != 1024) {
      throw new IllegalArgumentException("must be 1024 or 1000, not " + value);
    }
    return (int) value;
  }

  /** Checksums that are not known here are replaced by one that is, and the user is told. */
  private static Verification verification(String text, JobBuilder job) {
    return switch (text) {
      case "", "0", "none" -> Verification.NONE;
      case "meta" -> Verification.META;
      case "pattern", "pattern_hdr" -> Verification.PATTERN;
      case "crc32c", "crc32c-intel" -> Verification.CRC32C;
      case "crc16",
          "crc32",
          "crc64",
          "crc7",
          "md5",
          "sha1",
          "sha256",
          "sha512",
          "sha3-224",
          "sha3-256",
          "sha3-384",
          "sha3-512",
          "xxhash",
          "null" -> {
        job.warn("verify=" + text + " is done as verify=crc32c");
        yield Verification.CRC32C;
      }
      default ->
          throw new IllegalArgumentException(
              Values.quote(text) + " is none of crc32c, pattern, meta, none");
    };
  }

  private static Reporting.Unified unified(String text) {
    return switch (text) {
      case "none", "0" -> Reporting.Unified.NONE;
      case "mixed", "1", "" -> Reporting.Unified.MIXED;
      case "both", "2" -> Reporting.Unified.BOTH;
      default ->
          throw new IllegalArgumentException(Values.quote(text) + " is none of none, mixed, both");
    };
  }

  private static List<Double> percentiles(String text) {
    List<Double> list = new ArrayList<>();
    for (String part : text.split(":", -1)) {
      list.add(Values.decimal(part, 0, 100));
    }
    if (list.size() > MOST_PERCENTILES) {
      throw new IllegalArgumentException(
          "it has " + list.size() + " percentiles, more than " + MOST_PERCENTILES);
    }
    return list.stream().distinct().sorted().toList();
  }
}
