package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drives shared by NVMe over TCP, and used, by commands. */
class ServeTcpIT {
  private static final File NO_INPUT = new File("/dev/null");

  @TempDir Path folder;

  private Launcher sluice;
  private Launcher.Running served;

  @BeforeEach
  void launcher() {
    sluice = new Launcher(folder);
  }

  @AfterEach
  void noServerIsLeft() throws InterruptedException {
    if (served != null) {
      int _ = served.process.destroyForcibly().waitFor();
    }
  }

  /** Serves drives at a port that is free; the address of the first. */
  private String serve(String... more) throws IOException, InterruptedException {
    String[] command = new String[4 + more.length];
    System.arraycopy(new String[] {"serve", "tcp", "--listen", "127.0.0.1:0"}, 0, command, 0, 4);
    System.arraycopy(more, 0, command, 4, more.length);
    served = sluice.start(NO_INPUT, command);
    String line = served.awaitLine("serving ");
    return line.substring(line.indexOf("tcp://", line.indexOf(" at ")));
  }

  @Test
  void aFileIsSharedRecordedToAndStillThereAfterwards() throws Exception {
    String address = serve("--drive", "disk.img,size=64M");
    sluice.here("init", address).expect(0);
    sluice
        .here("record", address, "--from", "generator:seed=3,size=5000000", "--name", "a")
        .expect(0);
    sluice.here("play", address, "a", "--to", "verify:seed=3").expect(0);
    String place = address.substring("tcp://".length(), address.lastIndexOf('/'));
    assertThat(sluice.here("discover", place).expect(0).out())
        .contains("subnqn:  " + address.substring(address.lastIndexOf('/') + 1));
    served.signal("TERM");
    Launcher.Result result = served.await().expect(0);
    assertThat(result.err()).contains("has connected to").contains("has left");
    sluice.here("play", "virtual:disk.img", "a", "--to", "verify:seed=3").expect(0);
  }

  @Test
  void aSharedDriveIsSharedOnce() throws Exception {
    String address = serve("--drive", "disk.img,size=64M");
    sluice
        .here("serve", "tcp", "--listen", "127.0.0.1:0", "--drive", folder + "/disk.img")
        .expectError(1, "disk.img");
    String port = address.substring(0, address.lastIndexOf('/')).replaceFirst(".*:", "");
    sluice
        .here("serve", "tcp", "--listen", "127.0.0.1:" + port, "--drive", folder + "/b,size=1M")
        .expectError(1, "cannot listen at 127.0.0.1:" + port);
    assertThat(Files.exists(folder.resolve("b"))).as("nothing is made").isFalse();
  }

  @Test
  void whatIsNoGoodIsToldInOneLine() throws Exception {
    sluice
        .here("serve", "tcp", "--listen", "127.0.0.1:99999", "--drive", "null,size=1G")
        .expectError(2, "a port is a number up to 65535");
    sluice
        .here("serve", "tcp", "--listen", "no such host", "--drive", "null,size=1G")
        .expectError(2, "is no address and no host's name");
    sluice
        .here(
            "serve",
            "tcp",
            "--listen",
            "127.0.0.1:0",
            "--nqn",
            "nqn.x:a",
            "--drive",
            "null,size=1G",
            "--drive",
            "null,size=1G")
        .expectError(2, "--nqn is for one drive");
    sluice
        .here(
            "serve",
            "tcp",
            "--listen",
            "127.0.0.1:0",
            "--drive",
            "null,size=1G,nqn=nqn.x:a",
            "--drive",
            "null,size=1G,nqn=nqn.x:a")
        .expectError(1, "two drives have the name nqn.x:a");
    sluice
        .here("serve", "tcp", "--listen", "127.0.0.1:0", "--drive", "tcp://127.0.0.1:1/nqn.x:a")
        .expectError(1, "nobody listens at 127.0.0.1:1");
    sluice.here("serve").expect(2);
  }

  @Test
  void whoListensForOthersIsToldWhatThatMeans() throws Exception {
    served =
        sluice.start(NO_INPUT, "serve", "tcp", "--listen", "0.0.0.0:0", "--drive", "null,size=1G");
    String _ = served.awaitLine("every host that reaches this address can read and write");
    String _ = served.awaitLine("serving ");
  }
}
