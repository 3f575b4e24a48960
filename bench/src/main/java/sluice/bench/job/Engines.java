package sluice.bench.job;

import java.util.Set;

/** fio's engines: which of them move data to and from drives, and how deep they are. */
final class Engines {
  /** What fio takes if none is named. */
  static final String STANDARD = "psync";

  /** Each waits for an I/O before the next one: fio's depth with them is 1, whatever is asked. */
  static final Set<String> SYNCHRONOUS =
      Set.of("sync", "psync", "vsync", "pvsync", "pvsync2", "mmap", "splice");

  static final Set<String> ASYNCHRONOUS =
      Set.of(
          "libaio",
          "posixaio",
          "solarisaio",
          "windowsaio",
          "io_uring",
          "io_uring_cmd",
          "sg",
          "xnvme",
          "libblkio",
          "libzbc",
          "spdk",
          "spdk_bdev");

  static final String NOT_FOR_DRIVES =
      " is no engine for drives, as libaio, io_uring and psync are";

  /** What is loaded from a file, as SPDK's, is for drives as a rule. */
  private static final String EXTERNAL = "external:";

  private Engines() {}

  /**
   * @return the same
   * @throws IllegalArgumentException if it moves no data to and from drives
   */
  static String require(String engine, JobBuilder job) {
    boolean isForDrives =
        SYNCHRONOUS.contains(engine)
            || ASYNCHRONOUS.contains(engine)
            || engine.startsWith(EXTERNAL);
    if (!isForDrives) {
      job.refuse(
          Values.quote(engine)
              + NOT_FOR_DRIVES
              + "; --lenient does the job on the drive all the same");
    }
    return engine;
  }

  static boolean isSynchronous(String engine) {
    return SYNCHRONOUS.contains(engine);
  }
}
