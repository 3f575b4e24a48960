package sluice.bench.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Jobs written as a command line, and what a command line is taken for. */
class CommandLineTest {
  private static final String JOBS =
      """
      [global]
      kb_base=1000
      bs=4k
      rwmixread=70
      direct=1
      group_reporting
      [one]
      rw=randrw
      filename=it's "a" file
      description=$HOME and more
      rwmixwrite=20
      buffer_pattern="abc"0xff%o
      random_distribution=zoned:60/10:30/20:8/30:2/40
      [two]
      kb_base=1024
      name=other
      stonewall
      size=20%
      rate=1m,2m
      [global]
      time_based
      runtime=1h30m
      [three]
      numjobs=2
      blocksize=8k
      """;

  @TempDir Path folder;

  private JobSet read(String text) throws IOException {
    return JobFile.read(Files.writeString(folder.resolve("a.fio"), text));
  }

  /** The words that a shell makes of a line. */
  private static List<String> words(String line) throws IOException, InterruptedException {
    Process shell =
        new ProcessBuilder("sh", "-c", "show() { printf '%s\\n' \"$@\"; }; " + line).start();
    String words = new String(shell.getInputStream().readAllBytes(), UTF_8);
    assertThat(shell.waitFor()).isZero();
    return words.lines().toList();
  }

  @Test
  void jobsAsACommandLineAreTheSameJobs() throws IOException, InterruptedException {
    JobSet set = read(JOBS);
    String line = CommandLineJobs.write(set, "show");
    JobSet again = CommandLineJobs.read(words(line));

    assertThat(CommandLineJobs.write(again, "show")).isEqualTo(line);
    assertThat(again.jobs()).extracting(JobOptions::name).containsExactly("one", "other", "three");
    for (int i = 0; i < 3; i++) {
      JobOptions before = set.jobs().get(i);
      JobOptions after = again.jobs().get(i);
      for (Key<?> key :
          List.of(
              Options.BS,
              Options.RW,
              Options.RWMIXREAD,
              Options.SIZE,
              Options.RATE,
              Options.RUNTIME,
              Options.FILENAME,
              Options.STONEWALL,
              Options.NUMJOBS,
              Options.RANDOM_DISTRIBUTION,
              Options.TIME_BASED,
              Options.GROUP_REPORTING)) {
        assertThat((Object) after.get(key)).as("%s", key).isEqualTo(before.get(key));
      }
    }
    assertThat(again.jobs().getFirst().get(Options.RWMIXREAD)).isEqualTo(0.8);
    assertThat(again.jobs().getFirst().leastBlock()).isEqualTo(4000);
  }

  @Test
  void filesThatRunOneAfterTheOtherDoSoOnACommandLine() throws IOException {
    Path one = Files.writeString(folder.resolve("1.fio"), "[a]\nrw=read\n");
    Path two = Files.writeString(folder.resolve("2.fio"), "[b]\nrw=read\n");
    JobSet set = JobFile.read(List.of(one, two), List.of("--bs=8k"), Dialect.OWN);
    assertThat(CommandLineJobs.write(set, "fio"))
        .isEqualTo("fio --name=a --bs=8k --rw=read --name=b --bs=8k --stonewall --rw=read");
  }

  /** fio takes an engine that waits for each I/O where none is named. */
  @ParameterizedTest
  @CsvSource({
    "iodepth=32, 32, 1",
    "iodepth=32 ioengine=libaio, 32, 32",
    "iodepth=32 ioengine=io_uring, 32, 32",
    "iodepth=32 ioengine=posixaio, 32, 32",
    "iodepth=32 ioengine=psync, 1, 1",
    "iodepth=32 iodepth_low=8 ioengine=pvsync2, 1, 1",
    "ioengine=sync iodepth=4, 1, 1",
    "ioengine=sync iodepth=4 io_submit_mode=offload, 4, 4",
    "iodepth=4 io_submit_mode=inline, 4, 1",
    "ioengine=mmap iodepth=4, 1, 1",
  })
  void depthIsAsDeepAsTheEngine(String options, int own, int fios) {
    List<String> arguments = List.of(("--" + options.replace(" ", " --")).split(" "));
    assertThat(depth(arguments, false)).isEqualTo(own);
    assertThat(depth(arguments, true)).isEqualTo(fios);
  }

  private static int depth(List<String> arguments, boolean isFios) {
    JobSet set = CommandLineJobs.read(arguments, new Dialect(false, isFios));
    return set.jobs().getFirst().get(Options.IODEPTH);
  }

  @Test
  void aFileNameMayBeADrivesAddress() {
    JobOptions plain = job("--filename=virtual:memory?size=1G");
    assertThat(addresses(plain)).containsExactly("virtual:memory?size=1G");
    assertThat(FileNames.of(plain, 0)).hasSize(1);
    assertThat(addresses(job("--filename=vfio-user\\:/run/d.sock")))
        .containsExactly("vfio-user:/run/d.sock");
    for (String other : List.of("/dev/nvme0n1", "a:b", "virtually:a", "x")) {
      assertThat(addresses(job("--filename=" + other))).as(other).isEmpty();
    }
    assertThat(addresses(job("--rw=read"))).isEmpty();
  }

  @Test
  void anAddressGoesUpToTheNext() {
    assertThat(addresses(job("--filename=virtual:a.img:pci:0000:01:00.0:virtual:b.img")))
        .containsExactly("virtual:a.img", "pci:0000:01:00.0", "virtual:b.img");
    assertThat(addresses(job("--filename=virtual\\:a.img:0:virtual\\:b.img")))
        .containsExactly("virtual:a.img", "virtual:b.img");
    assertThat(DriveNames.split("/dev/a::b\\:c:virtual"))
        .containsExactly("/dev/a", "b:c", "virtual");
  }

  private static List<String> addresses(JobOptions job) {
    return DriveNames.of(job).stream().map(Object::toString).toList();
  }

  private static JobOptions job(String option) {
    return CommandLineJobs.read(List.of(option)).jobs().getFirst();
  }

  @Test
  void optionsAndEnginesAreTold() {
    assertThat(OptionHelp.of("blocksize")).isEqualTo("bs, blocksize");
    assertThat(OptionHelp.of("direct")).startsWith("direct has no meaning here");
    assertThat(OptionHelp.all()).contains("\nrw\n");
    assertThat(OptionHelp.engines()).contains("\n\tlibaio", "\n\tpsync");
    assertThat(OptionHelp.engine("psync")).contains("depth of 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OptionHelp.of("iodeph"))
        .withMessageContaining("did you mean iodepth?");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OptionHelp.engine("net"))
        .withMessageContaining("no engine for drives");
  }
}
