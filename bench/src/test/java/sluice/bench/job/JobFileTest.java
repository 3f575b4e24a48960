package sluice.bench.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobFileTest {
  @TempDir Path folder;

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private JobSet read(String text) throws IOException {
    return JobFile.read(file("a.fio", text));
  }

  @Test
  void globalsAreForLaterJobsOnly() throws IOException {
    JobSet set =
        read(
            """
            ; a comment
            # another
            [global]
            bs=8k
            [one]
            rw=randread
            [global]
            bs = 16k ; behind a line
            iodepth=4
            ioengine=libaio
            [two] # behind a section
            stonewall
            """);
    assertThat(set.jobs()).extracting(JobOptions::name).containsExactly("one", "two");
    JobOptions one = set.jobs().getFirst();
    JobOptions two = set.jobs().getLast();
    assertThat(one.blockSizes().read()).isEqualTo(BlockSizes.of(8192));
    assertThat(one.get(Options.IODEPTH)).isEqualTo(1);
    assertThat(two.blockSizes().read()).isEqualTo(BlockSizes.of(16384));
    assertThat(two.get(Options.IODEPTH)).isEqualTo(4);
    assertThat(two.get(Options.STONEWALL)).isTrue();
    assertThat(one.get(Options.STONEWALL)).isFalse();
    assertThat(set.globals())
        .containsExactly(entry("bs", "16k"), entry("iodepth", "4"), entry("ioengine", "libaio"));
    assertThat(set.warnings()).hasSize(1);
  }

  @Test
  void textsAreByFiosNamesAndHoldWhatReportsWant() throws IOException {
    JobSet set = read("[global]\nblocksize=8k\n[one]\ntimeout=3\nreadwrite=randread\nstonewall\n");
    assertThat(set.globals()).containsExactly(entry("bs", "8k"));
    assertThat(set.jobs().getFirst().texts())
        .containsExactly(
            entry("runtime", "3"),
            entry("rw", "randread"),
            entry("bs", "8k"),
            entry("iodepth", "1"),
            entry("numjobs", "1"));
  }

  @Test
  void whatHasNoMeaningIsNamedOnce() throws IOException {
    JobSet set = read("[global]\nioengine=libaio\n[one]\nioengine=io_uring\nthread=1\ndirect=1\n");
    assertThat(set.warnings())
        .containsExactly(
            folder
                + "/a.fio:2: ioengine=libaio has no meaning here: the drive is driven without the"
                + " kernel",
            folder
                + "/a.fio:5: thread=1 has no meaning here: the drive is driven without the"
                + " kernel",
            folder
                + "/a.fio:6: direct=1 has no meaning here: the drive is driven without the"
                + " kernel");
  }

  @Test
  void includesStandWhereTheyAreNamed() throws IOException {
    file("more.fio", "bs=64k\n[in]\nrw=write\n");
    JobSet set = read("[global]\ninclude more.fio\n[after]\nrw=read\n");
    assertThat(set.jobs()).extracting(JobOptions::name).containsExactly("in", "after");
    assertThat(set.jobs().getFirst().blockSizes().write()).isEqualTo(BlockSizes.of(65536));
    assertThat(set.jobs().getFirst().where()).isEqualTo(folder + "/more.fio:2");
  }

  @Test
  void splitsWinOverRangesAndThoseOverSizes() throws IOException {
    JobOptions job = read("[a]\nbssplit=4k/50:8k\nbsrange=1k-2k\nbs=512\n").jobs().getFirst();
    assertThat(job.blockSizes().read().most()).isEqualTo(8192);
    assertThat(job.leastBlock()).isEqualTo(4096);
    assertThat(job.greatestBlock()).isEqualTo(8192);
  }

  @Test
  void aShareOfWritesIsAShareOfReads() throws IOException {
    assertThat(read("[a]\nrw=rw\nrwmixwrite=30\n").jobs().getFirst().get(Options.RWMIXREAD))
        .isEqualTo(0.7);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          rw=read                        | 1: "rw=read" stands before the first section, such as [global]
          [a                             | 1: "[a" has no closing bracket
          []                             | 1: a section has no name
          [global]                       | : there is no job in it
          [a]~=5                         | 2: "=5" has no name before the =
          [a]~bs=-1                      | 2: bs: "-1" must not be negative
          [a]~size=99999999999p          | 2: size: "99999999999p" is too large
          [a]~iodepth=100000             | 2: iodepth: "100000" must be from 1 to 65535
          [a]~numjobs=0                  | 2: numjobs: "0" must be from 1 to 4096
          [a]~rwmixread=101              | 2: rwmixread: "101" must be from 0 to 100
          [a]~size=1k                    | 1: job "a": size (1024) is less than a block (4096)
          [a]~include nothing.fio        | 2: cannot read "@/nothing.fio": there is no such file
          [a]~include a.fio              | 2: "@/a.fio" includes itself
          [a]~direkt=1                   | 2: "direkt" is no option of fio's; did you mean direct?
          [a]~iodeph=32                  | 2: "iodeph" is no option of fio's; did you mean iodepth?
          [a]~xyzzyxyzzy                 | 2: "xyzzyxyzzy" is no option of fio's
          [a]~read_iolog=b               | 2: read_iolog is an option of fio's that is not done here; --lenient leaves it out
          [a]~wait_for=b                 | 1: job "a": wait_for=b: no job before it has that name
          [a]~wait_for=a                 | 1: job "a": wait_for names the job itself, which cannot wait for its own end
          [b]~[b]~[a]~wait_for=b         | 3: job "a": wait_for=b: several jobs have that name
          [a]~zonemode=strided           | 1: job "a": zonemode=strided needs a zonesize
          [a]~zonesize=1m                | 1: job "a": zonesize needs zonemode=strided
          [a]~zonemode=zbd               | 2: zonemode: zbd is for zoned drives, which are not driven here; --lenient leaves it out
          [a]~zonemode=strided~zonesize=1m~zonerange=2k | 1: job "a": zonerange (2048) is less than a block (4096)
          [a]~zonemode=strided~zonesize=1m~rw=read:4k | 1: job "a": zonemode=strided goes with no steps in rw
          [a]~log_hist_coarseness=7      | 2: log_hist_coarseness: "7" must be from 0 to 6
          [a]~verify_backlog=2m          | 2: verify_backlog: "2m" must be from 0 to 1048576
          [a]~steadystate=lat            | 2: steadystate: "lat" has no limit; write it as iops:0.3% or bw_slope:0.1%
          [a]~create_only=1              | 2: create_only is an option of fio's that is not done here; --lenient leaves it out
          [a]~ioengine=net               | 2: ioengine: "net" is no engine for drives, as libaio, io_uring and psync are; --lenient does the job on the drive all the same
          [a]~size=${SLUICE_NOT_SET}     | 2: size: ${SLUICE_NOT_SET} is not set in the environment
          [a]~rw=jump                    | 2: rw: "jump" is none of read, write, trim, randread, randwrite, randtrim, rw, randrw, trimwrite, randtrimwrite
          [a]~verify=pattern             | 1: job "a": verify=pattern needs a verify_pattern
          """)
  void badFilesAreNamedWithTheirLine(String text, String message) throws IOException {
    Path file = file("a.fio", text.replace('~', '\n'));
    String expected = file + (message.startsWith(":") ? "" : ":") + message;
    assertThatExceptionOfType(JobException.class)
        .isThrownBy(() -> JobFile.read(file))
        .withMessage(expected.replace("@", folder.toString()));
  }

  @Test
  void whatChangesTheLoadIsLeftOutForTheLenientAlone() throws IOException {
    Path file = file("a.fio", "[a]\nioengine=net\nrwmixcycle=8\nrw=write\n");
    JobSet set = JobFile.read(List.of(file), List.of(), Dialect.LENIENT);
    assertThat(set.warnings())
        .contains(
            file
                + ":3: rwmixcycle=8 is not done here and left out: this is another load than fio's");
    assertThatExceptionOfType(JobException.class)
        .isThrownBy(() ->
            JobFile.read(List.of(file("b.fio", "[a]\ndirekt=1\n")), List.of(), Dialect.LENIENT))
        .withMessageContaining("did you mean direct?");
  }

  @Test
  void valuesOfFiosOwnThatChangeNothingAreTaken() throws IOException {
    assertThat(read("[a]\nzonemode=none\ncreate_only=0\nfill_device=0\n").warnings()).isEmpty();
  }

  @Test
  void anEngineThatWaitsForEachIoHasNoDepth() throws IOException {
    JobSet set = read("[a]\nioengine=psync\niodepth=32\niodepth_low=8\n");
    assertThat(set.jobs().getFirst().get(Options.IODEPTH)).isEqualTo(1);
    assertThat(set.warnings())
        .contains("ioengine=psync waits for each I/O: its iodepth is 1, as fio has it");
    JobSet without = read("[a]\niodepth=32\n");
    assertThat(without.jobs().getFirst().get(Options.IODEPTH)).isEqualTo(32);
    assertThat(without.warnings())
        .containsExactly("no ioengine is given: fio would take psync, whose iodepth is 1");
  }

  @Test
  void variablesAreThoseOfTheEnvironmentAndOfFio() throws IOException {
    JobOptions job =
        read("[a]\ndescription=${PATH}\nbs=$pagesize\nnumjobs=$ncpus\nsize=$mb_memory\n")
            .jobs()
            .getFirst();
    assertThat(job.get(Options.DESCRIPTION)).isEqualTo(System.getenv("PATH"));
    assertThat(job.blockSizes().read()).isEqualTo(BlockSizes.of(4096));
    assertThat(job.get(Options.NUMJOBS)).isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(job.get(Options.SIZE).bytes()).isBetween(64L, 1L << 30);
    job = read("[a]\nsize=5*1024*$pagesize/8\nio_size=2*($pagesize + 4096)-1\n").jobs().getFirst();
    assertThat(job.get(Options.SIZE).bytes()).isEqualTo(5 * 1024 * 4096 / 8);
    assertThat(job.get(Options.IO_SIZE).bytes()).isEqualTo(2 * 8192 - 1);
    assertThatExceptionOfType(JobException.class)
        .isThrownBy(() -> read("[a]\nsize=$pagesize/0\n"))
        .withMessageEndingWith(":2: size: \"4096/0\" cannot be worked out");
  }

  /** fio takes them, and does nothing about them. */
  @Test
  void whatLacksATimeIsLeftOut() throws IOException {
    JobSet set = read("[a]\ntime_based\nsteadystate=iops:5%\nloops=0\n");
    JobOptions job = set.jobs().getFirst();
    assertThat(job.get(Options.TIME_BASED)).isFalse();
    assertThat(job.get(Options.STEADYSTATE)).isNull();
    assertThat(job.get(Options.LOOPS)).isEqualTo(1);
    assertThat(set.warnings())
        .containsExactly(
            "time_based without a runtime is left out, as fio does",
            "steadystate without a steadystate_duration is left out, as fio does");
  }

  @Test
  void optionsOfACommandLineHaveOneDashOrTwo() {
    JobSet set = CommandLineJobs.read(List.of("-name=one", "-rw=write", "--name=two", "-bs=8k"));
    assertThat(set.jobs()).extracting(JobOptions::name).containsExactly("one", "two");
    assertThat(set.jobs().getLast().blockSizes().read()).isEqualTo(BlockSizes.of(8192));
  }

  @ParameterizedTest
  @CsvSource({
    "--name TEST --runtime 120 --time_based --rw read, --name=TEST --runtime=120 --time_based"
        + " --rw=read",
    "-rw=randread -bs 4k, --rw=randread --bs=4k",
    "--direct 1 --thread a.fio --stonewall 0, --direct=1 --thread a.fio --stonewall=0",
    "--group_reporting a.fio, --group_reporting a.fio",
    "--drive virtual:memory --pause 5ms - -h, --drive virtual:memory --pause 5ms - -h",
    "--size --bs=4k, --size --bs=4k",
    "--rw, --rw",
    "-minimal -output-format=json -showcmd, --minimal --output-format=json --showcmd",
    "--output a --section b, --output a --section b",
  })
  void valuesMayStandBehindTheirNames(String given, String joined) {
    assertThat(CommandLineJobs.joined(List.of(given.split(" "))))
        .containsExactly(joined.split(" "));
  }

  /** So fio has it: what is global ends with its file, and files do not run at the same time. */
  @Test
  void jobFilesComeOneAfterTheOther() throws IOException {
    Path one = file("one.fio", "[global]\nbs=8k\n[a]\nrw=read\n");
    Path two = file("two.fio", "[b]\nrw=read\n[c]\nrw=read\n");
    JobSet set = JobFile.read(List.of(one, two), List.of("--iodepth=4"), Dialect.OWN);
    assertThat(set.jobs()).extracting(JobOptions::name).containsExactly("a", "b", "c");
    assertThat(set.jobs()).extracting(JobOptions::leastBlock).containsExactly(8192, 4096, 4096);
    assertThat(set.jobs())
        .extracting(job -> job.get(Options.STONEWALL))
        .containsExactly(false, true, false);
    assertThat(set.jobs()).allMatch(job -> job.get(Options.IODEPTH) == 4);
  }

  @Test
  void mainOptionsOfFioThatAreNotDoneAreRefused() {
    assertThatExceptionOfType(JobException.class)
        .isThrownBy(() -> CommandLineJobs.read(List.of("--client=a", "--rw=write")))
        .withMessage("command line: fio's --client is not done here; run it where the drive is");
  }

  @Test
  void includesThatGoRoundAreNamed() throws IOException {
    Path a = file("a.fio", "[a]\ninclude b.fio\n");
    file("b.fio", "include a.fio\n");
    assertThatExceptionOfType(JobException.class)
        .isThrownBy(() -> JobFile.read(a))
        .withMessage(folder + "/b.fio:1: \"" + a + "\" includes itself");
  }

  @Test
  void optionsOfTheCommandLineComeBeforeTheFile() throws IOException {
    Path file = file("a.fio", "[a]\nrw=write\n");
    JobOptions job =
        JobFile.read(List.of(file), List.of("--rw=read", "--runtime=5"), Dialect.OWN)
            .jobs()
            .getFirst();
    assertThat(job.get(Options.RW).name()).isEqualTo("write");
    assertThat(job.get(Options.RUNTIME)).isEqualTo(5_000_000_000L);
  }

  @Test
  void aCommandLineOfOneJob() {
    JobSet set =
        CommandLineJobs.read(List.of("--rw=randread", "--bs=8k", "--time_based", "--runtime=3"));
    assertThat(set.jobs()).hasSize(1);
    assertThat(set.jobs().getFirst().name()).isEqualTo("fio");
    assertThat(set.jobs().getFirst().get(Options.TIME_BASED)).isTrue();
    assertThat(set.globals()).isEmpty();
  }

  @Test
  void aCommandLineOfTwoJobs() {
    JobSet set =
        CommandLineJobs.read(
            List.of("--bs=8k", "--name=one", "--rw=randread", "--name=two", "--bs=4k"));
    assertThat(set.jobs()).extracting(JobOptions::name).containsExactly("one", "two");
    assertThat(set.jobs()).extracting(JobOptions::leastBlock).containsExactly(8192, 4096);
  }

  @Test
  void anOptionWithoutDashesIsRefused() {
    assertThatExceptionOfType(JobException.class)
        .isThrownBy(() -> CommandLineJobs.read(List.of("rw=read")))
        .withMessage("command line: \"rw=read\" is no option; fio's are written as --rw=randread");
  }
}
