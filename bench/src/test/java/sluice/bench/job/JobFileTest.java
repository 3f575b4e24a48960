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
    assertThat(set.globals()).containsExactly(entry("bs", "16k"), entry("iodepth", "4"));
    assertThat(set.warnings()).isEmpty();
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
    JobSet set = read("[global]\nioengine=libaio\n[one]\nioengine=io_uring\ndirekt=1\ndirect=1\n");
    assertThat(set.warnings())
        .containsExactly(
            folder
                + "/a.fio:2: ioengine=libaio has no meaning here: the drive is driven without the"
                + " kernel",
            folder + "/a.fio:5: direkt=1 is not known and left out",
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
          [a]~time_based                 | 1: job "a": time_based needs a runtime
          [a]~size=1k                    | 1: job "a": size (1024) is less than a block (4096)
          [a]~include nothing.fio        | 2: cannot read "@/nothing.fio": there is no such file
          [a]~include a.fio              | 2: "@/a.fio" includes itself
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
    JobOptions job = JobFile.read(file, List.of("--rw=read", "--runtime=5")).jobs().getFirst();
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
