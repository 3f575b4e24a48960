package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice bench}: from a command line to a report. */
class BenchIT {
  private static final String DRIVE = "virtual:memory?size=64M";

  @TempDir Path directory;

  private static InProcess bench(String... arguments) {
    String[] all = new String[arguments.length + 1];
    all[0] = "bench";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return InProcess.run(all);
  }

  @Test
  void fiosOptions() {
    InProcess run = bench("--rw=randread", "--bs=4k", "--iodepth=4", "--size=1m", "--drive", DRIVE);
    run.expect(ExitStatus.OK);
    assertThat(run.out())
        .contains("fio: (groupid=0, jobs=1): err= 0:")
        .contains("issued rwts: total=256,0,0,0");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void whatADrivesCacheHasDoneIsTold() {
    String drive = DRIVE + "&cache=2M";
    InProcess run = bench("--rw=randread", "--bs=4k", "--size=1m", "--loops=2", "--drive", drive);
    run.expect(ExitStatus.OK);
    assertThat(run.err())
        .isEqualTo(
            "cache of %s: 256 of 512 reads were hits (50.0 %%, 1 MiB), 1 MiB of 2 MiB in use,"
                    .formatted(drive)
                + " 0 lines evicted, 0 reads not kept\n");
  }

  @Test
  void fiosOptionsInItsOtherForms() {
    InProcess run =
        bench("-rw=randread", "-bs", "4k", "--size", "1m", "--drive", DRIVE, "--name", "TEST");
    assertThat(run.expect(ExitStatus.OK).out())
        .contains("TEST: (groupid=0, jobs=1): err= 0:")
        .contains("issued rwts: total=256,0,0,0");
  }

  @Test
  void aJobFileAndJson() throws IOException {
    Path file = directory.resolve("a.fio");
    Files.writeString(
        file, "[global]\nioengine=libaio\nsize=1m\n[one]\nrw=read\n[two]\nstonewall\nrw=write\n");
    InProcess run =
        bench(file.toString(), "--drive", DRIVE, "--output-format=json", "--allow-write");
    run.expect(ExitStatus.OK);
    assertThat(run.err())
        .isEqualTo(
            "note: %s:2: ioengine=libaio has no meaning here: the drive is driven without the"
                    .formatted(file)
                + " kernel\n");
    Map<String, Object> report = JSON.std.mapFrom(run.out());
    assertThat((List<?>) report.get("jobs")).hasSize(2);
    assertThat(report).containsKeys("fio version", "timestamp", "global options");
  }

  @Test
  void severalDrivesAndTheirQueues() throws IOException {
    Path file = directory.resolve("a.fio");
    Files.writeString(
        file, "[global]\nsize=1m\n[one]\nfilename=1\nrw=randrw\n[all]\nstonewall\nrw=read\n");
    Path image = Files.write(directory.resolve("d.img"), new byte[1 << 20]);
    String[] common = {file.toString(), "--drive", DRIVE, "--drive", "virtual:" + image};
    InProcess run =
        bench(with(common, "--allow-write", "--queues=1/1/0", "--output-format=normal,json"));
    run.expect(ExitStatus.OK);
    assertThat(run.err()).contains("note: job all names no drive, and is on all 2");
    assertThat(run.out())
        .contains("  drive 1      : write: IOPS=")
        .contains("  1 = virtual:" + image);
    bench(with(common, "--allow-write", "--queues=1/0"))
        .expectError(ExitStatus.FAILURE, "as 4/0/0");
    bench(with(common, "--allow-write", "--force", "--queues=99/0/0"))
        .expectError(ExitStatus.FAILURE, "99/0/0 are 99 queues");
    // What a drive holds that jobs write to is asked for, and of that drive alone.
    bench(with(common, "--allow-write")).expectError(ExitStatus.FAILURE, "give --force");
    bench(with(common, "--allow-write", "--section=all")).expect(ExitStatus.OK);
    bench("--drive", DRIVE, "--drive", DRIVE, "--filename=" + DRIVE, "--rw=read")
        .expectError(ExitStatus.FAILURE, "several drives: give their numbers, as 0:1");
  }

  @Test
  void layoutsOfQueuesAreCompared() throws IOException {
    String[] common = {
      "queues",
      "--rw=randrw",
      "--bs=4k",
      "--size=1m",
      "--name=a,b",
      "--drive",
      DRIVE,
      "--drive",
      DRIVE
    };
    String[] writing = with(common, "--allow-write", "--rounds=2", "--queues=1/0/0,1/1/0");
    InProcess table = bench(writing);
    assertThat(table.expect(ExitStatus.OK).out())
        .containsPattern("(?m)^a,b +read +1/0/0 +[1-9]")
        .containsPattern("(?m)^ +1/1/0 +[1-9]");
    assertThat(table.err())
        .contains("has no interrupts for this process")
        .containsOnlyOnce("note: job a,b names no drive");
    assertThat(bench(with(writing, "--csv")).out().lines())
        .hasSize(1 + 2 * 2 * 3)
        .anyMatch(line -> line.startsWith("\"a,b\",read,all,1/1/0,"))
        .anyMatch(line -> line.startsWith("\"a,b\",write,1,1/0/0,"));
    Map<String, Object> json = JSON.std.mapFrom(bench(with(writing, "-o", "json")).out());
    assertThat((List<?>) json.get("rows")).hasSize(2 * 2 * 3);
    bench(common).expectError(ExitStatus.FAILURE, "give --allow-write");
    bench(with(common, "--queues=1/0/0,999/0/0"))
        .expectError(ExitStatus.FAILURE, "999/0/0 are 999 queues");
    bench(with(common, "--queues=,")).expectError(ExitStatus.FAILURE, "no layout to measure");
    bench(with(common, "--queues=1/0/0,1/0/0")).expectError(ExitStatus.FAILURE, "once");
  }

  @Test
  void oneSectionAlone() throws IOException {
    Path file = directory.resolve("a.fio");
    Files.writeString(file, "[one]\nrw=read\nsize=1m\n[two]\nrw=write\nsize=1m\n");
    InProcess run = bench(file.toString(), "--section=one", "--drive", DRIVE);
    run.expect(ExitStatus.OK);
    assertThat(run.out()).contains("one: (groupid=0").doesNotContain("two");
  }

  /** The third read never comes back: told after a while, and when the driver has aborted it. */
  @Test
  void whatIsStuckIsToldWhileItIs() throws IOException {
    InProcess run =
        bench(
            "--rw=read",
            "--bs=4k",
            "--size=1m",
            "--drive",
            DRIVE + "&stuck=count:3",
            "--io-timeout=400ms",
            "--stuck=200ms",
            "--output-format=json");
    run.expect(ExitStatus.FAILURE);
    String what = "stuck: job fio, queue 1: read of 4096 bytes at byte 8192 (LBA 16), out since ";
    List<String> lines = run.err().lines().filter(line -> line.startsWith("stuck")).toList();
    assertThat(lines).hasSize(2);
    assertThat(lines.getFirst()).startsWith(what).endsWith(" now");
    assertThat(lines.getLast()).startsWith(what).contains(" is over after ", "Abort");
    assertThat(run.out()).contains("\"threshold_ns\" : 200000000", "\"end\" : \"Command Abort");
  }

  @Test
  void whatIsWrongIsSaidInOneLine() throws IOException {
    Path file = directory.resolve("a.fio");
    Files.writeString(file, "[one]\nrw=jump\n");
    bench(file.toString(), "--drive", DRIVE)
        .expectError(ExitStatus.FAILURE, file + ":2: rw: \"jump\" is none of");
    bench("--drive", DRIVE).expectError(ExitStatus.FAILURE, "no job");
    bench("--rw=read").expectError(ExitStatus.USAGE, "give --drive");
    String[] sections = {file.toString(), "--section=one", "--section=tow", "--drive", DRIVE};
    Files.writeString(file, "[one]\nrw=read\nsize=1m\n[two]\nrw=read\nsize=1m\n");
    bench(sections).expectError(ExitStatus.FAILURE, "no job is called 'tow'; there are one, two");
    bench("--rw=write", "--size=1m", "--drive", DRIVE)
        .expectError(ExitStatus.FAILURE, "give --allow-write");
  }

  /** A benchmark that is not the one that was asked for may destroy what nobody gave up. */
  @Test
  void whatIsNotUnderstoodOrOnlyReadWritesNothing() throws IOException {
    Path image = directory.resolve("d.img");
    byte[] held = new byte[1 << 20];
    Arrays.fill(held, (byte) 0x5a);
    Files.write(image, held);
    String[] writes = {
      "--rw=write", "--size=1m", "--allow-write", "--force", "--drive", "virtual:" + image
    };
    bench(with(writes, "--iodeph=32")).expectError(ExitStatus.USAGE, "did you mean iodepth?");
    bench(with(writes, "--read_iolog=a")).expectError(ExitStatus.USAGE, "is not done here");
    bench(with(writes, "--ioengine=net")).expectError(ExitStatus.USAGE, "no engine for drives");
    bench(with(writes, "--version")).expectError(ExitStatus.USAGE, "sluice --version");
    bench(with(writes, "--enghelp")).expectError(ExitStatus.USAGE, "sluice fio --enghelp");
    bench(with(writes, "--client=a")).expectError(ExitStatus.USAGE, "where the drive is");
    bench(with(writes, "--readonly")).expectError(ExitStatus.FAILURE, "--readonly forbids");
    bench(with(writes, "--output-format=xml")).expectError(ExitStatus.FAILURE, "'xml'");
    bench(with(writes, "--write_lat_log=no/such/l")).expectError(ExitStatus.FAILURE, "no folder");
    bench(with(writes, "--html=no/such/p.html")).expectError(ExitStatus.FAILURE, "no folder");
    InProcess parsed = bench(with(writes, "--parse-only")).expect(ExitStatus.OK);
    assertThat(parsed.out()).isEmpty();
    InProcess options = bench(with(writes, "--cmdhelp")).expect(ExitStatus.OK);
    assertThat(options.out()).contains("\niodepth\n", "\nrw\n");
    assertThat(bench("--cmdhelp=bs").expect(ExitStatus.OK).out()).isEqualTo("bs, blocksize\n");
    InProcess shown = bench(with(writes, "--showcmd")).expect(ExitStatus.OK);
    assertThat(shown.out()).isEqualTo("sluice bench --name=fio --rw=write --size=1m\n");

    assertThat(Files.readAllBytes(image)).isEqualTo(held);
    bench(writes).expect(ExitStatus.OK);
    assertThat(Files.readAllBytes(image)).isNotEqualTo(held);
  }

  @Test
  void theAnatomyOfCommandsOnTwoDrives() {
    String[] arguments = {"anatomy", DRIVE, "virtual:null?size=1G", "--count", "200"};
    InProcess run = bench(arguments);
    run.expect(ExitStatus.OK);
    assertThat(run.out())
        .contains("A = " + DRIVE, "B = virtual:null?size=1G", "200 reads of 4096 bytes each, one")
        .containsPattern("completion posted +A ")
        .containsPattern("total +B +\\d+ +\\d+ +\\d+-\\d+ ");
    bench("anatomy", DRIVE, "--rw", "write").expectError(ExitStatus.FAILURE, "--allow-write");
    bench("anatomy", DRIVE, "--bs", "1000").expectError(ExitStatus.FAILURE, "are not possible");
  }

  @Test
  void theModesOfADriveWithoutInterrupts() throws IOException {
    String[] arguments = {"modes", "--drive", DRIVE, "--runtime", "20ms", "--rounds", "1"};
    InProcess text = bench(arguments).expect(ExitStatus.OK);
    assertThat(text.out())
        .contains(DRIVE + ": randread of 4096 bytes, one round of 20 ms")
        .contains("This drive has no interrupts for this process: it can only be polled.")
        .containsPattern("(?m)^ 32       4      8  polled +\\d+ ")
        .doesNotContain("hybrid");
    InProcess json = bench(with(arguments, "--iodepth", "4", "-o", "json")).expect(ExitStatus.OK);
    Map<String, Object> all = JSON.std.mapFrom(json.out());
    assertThat(all).containsEntry("interrupts", false);
    List<?> rows = (List<?>) all.get("rows");
    assertThat(rows).hasSize(2);
    Map<?, ?> first = (Map<?, ?>) rows.getFirst();
    assertThat(first.get("mode")).isEqualTo("polled");
    assertThat((Double) first.get("iops")).isPositive();
    assertThat((Double) first.get("toPolled")).isEqualTo(1);
  }

  @Test
  void modesThatWriteNeedAWord() {
    String[] arguments = {
      "modes",
      "--drive",
      DRIVE,
      "--runtime",
      "20ms",
      "--rounds",
      "1",
      "--iodepth",
      "1",
      "--rw",
      "randwrite"
    };
    bench(arguments).expectError(ExitStatus.FAILURE, "give --allow-write");
    assertThat(bench(with(arguments, "--allow-write")).expect(ExitStatus.OK).out())
        .contains("randwrite of 4096 bytes")
        .containsPattern("(?m)^  1       1      1  polled +\\d+ ");
    String drive = "virtual:" + directory.resolve("d.img");
    InProcess.run("init", drive, "--size", "64M").expect(ExitStatus.OK);
    bench("modes", "--drive", drive, "--rw", "write", "--allow-write")
        .expectError(ExitStatus.FAILURE, "holds a layout of this recorder; give --force");
    bench("anatomy", drive, "--rw", "write", "--allow-write")
        .expectError(ExitStatus.FAILURE, "holds a layout of this recorder; give --force");
    bench("modes", "--drive", DRIVE, "--iodepth", "10")
        .expectError(ExitStatus.FAILURE, "10 commands cannot be shared evenly by 4 queues");
  }

  private static String[] with(String[] arguments, String... more) {
    return Stream.concat(Stream.of(arguments), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void aLayoutIsNotOverwrittenWithoutAWord() {
    String drive = "virtual:" + directory.resolve("d.img");
    InProcess.run("init", drive, "--size", "64M").expect(ExitStatus.OK);
    String[] write = {"--rw=write", "--size=1m", "--bs=64k", "--drive", drive, "--allow-write"};
    bench(write).expectError(ExitStatus.FAILURE, "holds a layout of this recorder; give --force");
    InProcess.run("recordings", drive).expect(ExitStatus.OK);
    String[] forced = Arrays.copyOf(write, write.length + 1);
    forced[write.length] = "--force";
    assertThat(bench(forced).expect(ExitStatus.OK).out()).contains("issued rwts: total=0,16,0,0");
  }

  @Test
  void aFlippedBitFailsTheRunAndIsNamed() {
    InProcess run =
        bench(
            "--rw=write",
            "--bs=4k",
            "--size=1m",
            "--verify=crc32c",
            "--allow-write",
            "--force", // A block with a flipped bit is not empty.
            "--drive",
            DRIVE + "&flip=lba:100");
    run.expectError(ExitStatus.FAILURE, "job fio failed: ");
    assertThat(run.out()).contains("err=84");
    assertThat(run.out() + run.err()).containsPattern("byte 51[23][0-9]{2}: expected 0x");
  }

  @Test
  void filesAreWritten() throws IOException {
    Path json = directory.resolve("a.json");
    Path page = directory.resolve("a.html");
    Path histograms = directory.resolve("a.hlog");
    bench(
            "--rw=randread",
            "--size=1m",
            "--drive",
            DRIVE,
            "--output-format=json+",
            "--output=" + json,
            "--html=" + page,
            "--hlog=" + histograms)
        .expect(ExitStatus.OK);
    assertThat(json).exists();
    assertThat(page).content().contains("<html");
    assertThat(histograms).content().contains("Tag=fio-read");
    InProcess compared = bench("--compare", json.toString(), json.toString());
    assertThat(compared.expect(ExitStatus.OK).out())
        .contains("cannot tell: one round", "5 rounds are needed on each side: --rounds 5.");
  }

  /** A report with rounds; figures of one are the same, and of a slower drive worse. */
  @Test
  void roundsAreReportedAndCompared() throws IOException {
    Path json = directory.resolve("a.json");
    Path page = directory.resolve("a.html");
    String[] arguments = {
      "--rw=randread", "--size=8m", "--drive", DRIVE, "--rounds=5", "--html=" + page
    };
    InProcess text = bench(arguments).expect(ExitStatus.OK);
    assertThat(text.out()).contains("Rounds: 5; all other figures are of round ", "fio read  iops");
    assertThat(page).content().contains("Rounds: 5;");
    bench(with(arguments, "--output-format=json", "--output=" + json)).expect(ExitStatus.OK);
    String[] itself = {"--compare", json.toString(), json.toString()};
    InProcess compared = bench(with(itself, "--fail-on=any")).expect(ExitStatus.OK);
    assertThat(compared.out()).doesNotContain("better", "worse", "too few rounds");

    // A millionth of the rate, in every round: whatever else the machine does.
    String each = "\"each\" : \\[([0-9., ]+)\\]";
    Path slow = directory.resolve("b.json");
    Files.writeString(
        slow,
        Pattern.compile("(\"(?:iops|bw)\" : \\{[^}]*)" + each)
            .matcher(Files.readString(json))
            .replaceAll(match ->
                match.group(1)
                    + Stream.of(match.group(2).split(", "))
                        .map(value -> "" + Double.parseDouble(value) / 1e6)
                        .collect(Collectors.joining(", ", "\"each\" : [", "]"))));
    String[] fall = {"--compare", json.toString(), slow.toString()};
    assertThat(bench(fall).expect(ExitStatus.OK).out()).contains("  worse\n");
    bench(with(fall, "--fail-on=iops:50%"))
        .expectError(ExitStatus.WORSE, "fio read: iops is worse");
    bench(with(fall, "--fail-on=iops:100%,p99")).expect(ExitStatus.OK);
    Path comparison = directory.resolve("compared.html");
    bench(with(fall, "--html=" + comparison)).expect(ExitStatus.OK);
    assertThat(comparison).content().contains("Two runs compared", "class=\"bad\">worse<");
    InProcess forPrograms =
        bench(with(fall, "--output-format=json", "--fail-on=bw")).expect(ExitStatus.WORSE);
    Map<String, Object> all = JSON.std.mapFrom(forPrograms.out());
    assertThat(all).containsEntry("rounds_needed", 5).containsEntry("tests", 4);
    Map<?, ?> bandwidth = (Map<?, ?>) ((List<?>) all.get("figures")).get(1);
    assertThat(bandwidth.get("verdict")).isEqualTo("worse");
    assertThat(bandwidth.get("failed")).isEqualTo(true);
  }

  @Test
  void whatCannotBeComparedIsSaidInOneLine() throws IOException {
    Path one = directory.resolve("one.json");
    Path two = directory.resolve("two.json");
    for (Path file : List.of(one, two)) {
      bench(
              "--name=" + file.getFileName(),
              "--rw=read",
              "--size=64k",
              "--drive",
              DRIVE,
              "--output-format=json",
              "--output=" + file)
          .expect(ExitStatus.OK);
    }
    Path text = Files.writeString(directory.resolve("a.txt"), "no report");
    String[] same = {"--compare", one.toString(), one.toString()};
    bench("--compare", one.toString(), two.toString())
        .expectError(ExitStatus.FAILURE, "no job of the same name and direction in common");
    bench("--compare", one.toString(), text.toString())
        .expectError(ExitStatus.FAILURE, "a.txt has no JSON");
    bench("--compare", one.toString(), directory.toString())
        .expectError(ExitStatus.FAILURE, "cannot read");
    bench("--compare", one.toString(), "no/such.json")
        .expectError(ExitStatus.FAILURE, "there is no file no/such.json");
    bench("--compare", one + ",", one.toString())
        .expectError(ExitStatus.FAILURE, "lacks the name of a report");
    bench(with(same, "--rw=read")).expectError(ExitStatus.FAILURE, "--compare measures nothing");
    assertThat(bench(with(same, "-o", "json")).expect(ExitStatus.OK).out()).startsWith("{");
    assertThat(bench(with(same, "-o", "json", "--rw=read")).expect(ExitStatus.FAILURE).out())
        .contains("\"error\" : \"--compare measures nothing");
    bench(with(same, "--fail-on=speed")).expectError(ExitStatus.FAILURE, "no figure is called");
    bench(with(same, "--fail-on=p99:x")).expectError(ExitStatus.FAILURE, "is not a percentage");
    bench(with(same, "--tolerance=100%")).expectError(ExitStatus.FAILURE, "less than 100%");
    bench(with(same, "--output-format=terse")).expectError(ExitStatus.FAILURE, "no terse report");
    bench(with(same, "--html=no/such/a.html")).expectError(ExitStatus.FAILURE, "no folder");
    bench(with(same, "--hlog=a.hlog")).expectError(ExitStatus.FAILURE, "has no histograms");
    bench("--fail-on=bw").expectError(ExitStatus.FAILURE, "--fail-on needs --compare");
    bench("--rw=read", "--drive", DRIVE, "--rounds=0")
        .expectError(ExitStatus.FAILURE, "1 to 1000 rounds are possible, not 0");
    bench("--rw=read", "--drive", DRIVE, "--rounds=x").expect(ExitStatus.USAGE);
  }

  /** A report that its file does not take is printed: what was measured is not lost. */
  @Test
  void whatCannotBeWrittenIsToldWhenAllElseIs() throws IOException {
    Path log = directory.resolve("l_bw.1.log");
    Files.createSymbolicLink(log, Path.of("/dev/full"));
    Path page = directory.resolve("a.html");
    InProcess run =
        bench(
            "--rw=randread",
            "--size=1m",
            "--drive",
            DRIVE,
            "--output=/dev/full",
            "--html=" + page,
            "--write_bw_log=" + directory.resolve("l"),
            "--log_avg_msec=0");
    run.expectError(ExitStatus.FAILURE, "cannot write /dev/full: ");
    assertThat(run.out()).contains("issued rwts: total=256,0,0,0");
    assertThat(page).content().contains("</html>");
    Files.delete(log);
  }
}
