package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file system below a virtual drive is full while it is recorded; where one can be made. */
class FullFileSystemIT {
  @TempDir Path folder;
  private Path mounted;
  private String drive;

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  @BeforeEach
  void mount() throws Exception {
    mounted = Files.createDirectory(folder.resolve("full"));
    drive = "virtual:" + mounted.resolve("d.img");
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=24m", "none", mounted.toString()) == 0,
        "mounting a file system takes root's rights");
  }

  @AfterEach
  void unmount() throws Exception {
    int _ = run("umount", "-l", mounted.toString());
  }

  @Test
  void whatWasDurableIsKeptAndNothingIsShownThatIsNotThere() throws Exception {
    Launcher sluice = new Launcher(folder);
    sluice.here("init", drive + "?size=64M").expect(ExitStatus.OK);
    sluice.here("record", drive, "--ring", "1M", "--from", "generator:size=1M").expect(0);

    Map<String, Object> json =
        sluice
            .here(
                "record",
                drive,
                "--ring",
                "4M",
                "--durable",
                "every=64K",
                "--from",
                "generator:rate=20MB/s,size=60M",
                "-o",
                "json")
            .expect(ExitStatus.FAILURE)
            .json();
    assertThat(json.get("error").toString())
        .startsWith("the drive failed after ")
        .contains("Capacity Exceeded");
    long durable = ((Number) json.get("durableBytes")).longValue();
    assertThat(durable).isBetween(4L << 20, 24L << 20);

    Map<String, Object> checked =
        sluice.here("check", drive, "-o", "json").expect(ExitStatus.OK).json();
    assertThat(checked).containsEntry("intact", true);
    Map<String, Object> recording =
        sluice.here("recordings", drive, "-o", "json").recordings().getLast();
    assertThat(((Number) recording.get("bytes")).longValue()).isGreaterThanOrEqualTo(durable);
    sluice.here("play", drive, "recording-0", "--to", "verify:").expect(ExitStatus.OK);
    sluice
        .here("play", drive, "recording-1", "--to", "verify:", "--allow-gaps")
        .expect(ExitStatus.OK);
  }
}
