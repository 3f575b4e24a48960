package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice fio}, as what calls fio sees it. */
class FioIT {
  private static final String DRIVE = "--filename=virtual:memory?size=64M";

  @TempDir Path directory;

  private static InProcess fio(String... arguments) {
    return InProcess.run(
        Stream.concat(Stream.of("fio", "--warm-up=100ms"), Stream.of(arguments))
            .toArray(String[]::new));
  }

  private static String[] with(String[] arguments, String... more) {
    return Stream.concat(Stream.of(arguments), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void itsVersionIsOneThatToolsKnow() {
    InProcess version = fio("--version").expect(ExitStatus.OK);
    assertThat(version.out()).matches("fio-3\\.\\d+\\S*\n");
    assertThat(version.err()).isEmpty();
  }

  @Test
  void aJobIsOneLineForScripts() {
    String[] job = {DRIVE, "--name=a", "-rw", "randwrite", "--size=1m", "--direct=1"};
    InProcess run = fio(with(job, "--minimal", "--ioengine=libaio")).expect(ExitStatus.OK);
    assertThat(run.err()).isEmpty();
    assertThat(run.out().lines()).hasSize(1);
    List<String> fields = List.of(run.out().strip().split(";"));
    assertThat(fields).hasSize(130).startsWith("3").contains("a");
    assertThat(fields.get(46)).as("KiB written").isEqualTo("1024");
    assertThat(fields.get(121)).isEqualTo("virtual:memory?size=64M");
    assertThat(fio(with(job, "-output-format", "terse", "--terse-version=5")).out())
        .startsWith("5;fio-3.");
    fio(with(job, "--minimal", "--terse-version=6"))
        .expectError(ExitStatus.FAILURE, "there are 2, 3, 4 and 5");
  }

  /** Told where people and programs look; standard error and fio's own lines stay as they are. */
  @Test
  void itWarmsUpAndSaysSo() throws IOException {
    String[] job = {DRIVE, "--name=a", "--rw=randread", "--size=1m"};
    InProcess text = fio(job).expect(ExitStatus.OK);
    assertThat(text.err()).isEmpty();
    assertThat(text.out()).contains("  warm-up      : 0.1 s on a drive that does nothing");
    assertThat(warmUpNanos(fio(with(job, "--output-format=json")))).isPositive();
    InProcess cold = InProcess.run(with(new String[] {"fio", "--warm-up=0"}, job));
    assertThat(cold.expect(ExitStatus.OK).out()).doesNotContain("warm-up");
  }

  private static long warmUpNanos(InProcess run) throws IOException {
    Map<?, ?> own = (Map<?, ?>) JSON.std.mapFrom(run.out()).get("sluice");
    return ((Number) ((Map<?, ?>) own.get("warm_up")).get("ns")).longValue();
  }

  @Test
  void severalReportsComeInFiosOrder() {
    InProcess run =
        fio(DRIVE, "--name=a", "--size=1m", "--output-format=normal,json,terse", "--eta=never");
    run.expect(ExitStatus.OK);
    assertThat(run.out().indexOf("3;fio-")).isZero();
    assertThat(run.out().indexOf("{\n")).isBetween(1, run.out().indexOf("Run status group 0"));
    assertThat(run.err()).isEmpty();
  }

  /** fio has no other status for what is wrong. */
  @Test
  void whatIsWrongIsOneLineAndStatusOne() {
    fio().expectError(ExitStatus.FAILURE, "no job");
    fio("--name=a", "--rw=jump").expectError(ExitStatus.FAILURE, "none of read");
    fio("--nonsense=3").expectError(ExitStatus.FAILURE, "no option of fio's");
    fio("--eta=sometimes", "--name=a").expectError(ExitStatus.FAILURE, "--eta");
    fio("--client=host", "a.fio").expectError(ExitStatus.FAILURE, "--client is not done here");
    fio("--server").expectError(ExitStatus.FAILURE, "--server is not done here");
    fio("--name=a", "--rw=read").expectError(ExitStatus.FAILURE, "names no drive");
    fio("--name=a", "--filename=/dev/nvme0n1").expectError(ExitStatus.FAILURE, "no drive of ours");
    fio(DRIVE, "--name=a", "--rw=write", "--readonly").expectError(ExitStatus.FAILURE, "forbids");
    fio("--enghelp=net").expectError(ExitStatus.FAILURE, "no engine for drives");
  }

  @Test
  void whatIsAskedIsAnsweredWithoutADrive() throws IOException {
    Path file = Files.writeString(directory.resolve("a.fio"), "[a]\nbs=8k\n[b]\nrw=write\n");
    assertThat(fio("--showcmd", file.toString()).expect(ExitStatus.OK).out())
        .isEqualTo("fio --name=a --bs=8k --name=b --rw=write\n");
    assertThat(fio("--showcmd", "--section=b", file.toString()).out())
        .isEqualTo("fio --name=b --rw=write\n");
    assertThat(fio("--parse-only", file.toString()).expect(ExitStatus.OK).out()).isEmpty();
    assertThat(fio("--enghelp").expect(ExitStatus.OK).out()).contains("libaio");
    assertThat(fio("--enghelp=psync").out()).contains("depth of 1");
    assertThat(fio("--cmdhelp=rw").out()).isEqualTo("rw, readwrite\n");
  }

  /** A job that names no engine has fio's, which waits for each I/O. */
  @Test
  void depthIsFios() throws IOException {
    String[] job = {DRIVE, "--name=a", "--iodepth=8", "--size=1m", "--output-format=json"};
    assertThat(deepest(fio(job))).isEqualTo("1");
    assertThat(deepest(fio(with(job, "--ioengine=io_uring")))).isEqualTo("8");
  }

  /** The greatest depth that any I/O had. */
  private static String deepest(InProcess run) throws IOException {
    Map<?, ?> job = (Map<?, ?>) ((List<?>) JSON.std.mapFrom(run.out()).get("jobs")).getFirst();
    String deepest = "";
    for (Map.Entry<?, ?> level : ((Map<?, ?>) job.get("iodepth_level")).entrySet()) {
      deepest = ((Number) level.getValue()).doubleValue() > 0 ? (String) level.getKey() : deepest;
    }
    return deepest;
  }

  /** Each job is on its own, and one may be on both. */
  @Test
  void jobsMayNameSeveralDrives() throws IOException {
    Path image = directory.resolve("d.img");
    Files.write(image, new byte[1 << 20]);
    InProcess run =
        fio(
            "--name=a",
            DRIVE,
            "--size=1m",
            "--name=b",
            "--filename=" + image + ":" + DRIVE.substring(DRIVE.indexOf('=') + 1),
            "--size=512k",
            "--output-format=json");
    Map<?, ?> json = JSON.std.mapFrom(run.expect(ExitStatus.OK).out());
    assertThat(run.err()).isEmpty();
    List<String> uses =
        ((List<?>) json.get("disk_util"))
            .stream()
                .map(Map.class::cast)
                .map(use -> use.get("name") + " " + use.get("read_ios"))
                .toList();
    assertThat(uses).containsExactly("virtual:memory?size=64M 320", "virtual:" + image + " 64");
    fio("--name=a", DRIVE, "--name=b", "--filename=/dev/nvme0n1")
        .expectError(ExitStatus.FAILURE, "/dev/nvme0n1 is no drive of ours");
  }

  @Test
  void whatADriveHoldsIsLostForAWordOnly() throws IOException {
    Path image = directory.resolve("d.img");
    byte[] held = new byte[1 << 20];
    Arrays.fill(held, (byte) 0x5a);
    Files.write(image, held);
    String[] job = {"--filename=" + image, "--name=a", "--rw=write", "--size=1m"};
    fio(job).expectError(ExitStatus.FAILURE, "give --force");
    assertThat(Files.readAllBytes(image)).isEqualTo(held);
    fio(with(job, "--force")).expect(ExitStatus.OK);
    assertThat(Files.readAllBytes(image)).isNotEqualTo(held);
  }

  /** As for a tool that finds it on its path, and cannot be told of a drive. */
  @Test
  void aLinkOfItsNameIsFio() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("fio"), Launcher.ROOT.resolve("sluice"));
    Files.writeString(
        directory.resolve("a.fio"), "[a]\nfilename=/dev/sdx\nrw=write\nsize=100%%\nloops=2\n");
    Path drive = directory.resolve("d.img");
    Files.write(drive, Arrays.copyOf(new byte[] {1}, 1 << 20));
    Launcher launcher = new Launcher(directory);
    // The first one may have to build it, and says so.
    launcher
        .start(link.toString(), new File("/dev/null"), "--version")
        .await()
        .expect(ExitStatus.OK);
    String[] environment = {
      "SLUICE_FIO_DRIVE=virtual:" + drive, "SLUICE_FIO_WRITE=force", link.toString()
    };
    Launcher.Result run =
        launcher
            .start(
                "/usr/bin/env",
                new File("/dev/null"),
                with(environment, "--output-format=json", "--output=a.json", "a.fio"))
            .await()
            .expect(ExitStatus.OK);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).isEmpty();
    assertThat(JSON.std.mapFrom(Files.readString(directory.resolve("a.json"))).get("fio version"))
        .asString()
        .startsWith("fio-3.");
    Files.delete(link);
  }
}
