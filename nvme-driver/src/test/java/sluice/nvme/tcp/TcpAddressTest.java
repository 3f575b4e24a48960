package sluice.nvme.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;

class TcpAddressTest {
  @ParameterizedTest
  @CsvSource({
    "tcp://host/nqn.x:y/z, host, 4420, nqn.x:y/z, tcp://host:4420/nqn.x:y/z",
    "tcp://10.0.0.1:4421/nqn.x, 10.0.0.1, 4421, nqn.x, tcp://10.0.0.1:4421/nqn.x",
    "tcp://[fe80::1]:1/nqn.x, fe80::1, 1, nqn.x, tcp://[fe80::1]:1/nqn.x",
    "tcp://[::1]/nqn.x, ::1, 4420, nqn.x, tcp://[::1]:4420/nqn.x",
    "tcp://host, host, 4420, '', tcp://host:4420",
    "tcp://host/, host, 4420, '', tcp://host:4420",
  })
  void placesAreReadAndWritten(
      String address, String host, int port, String subsystem, String written) {
    TcpPlace place = TcpPlace.parse(DriveAddress.parse(address).path());
    assertThat(place).isEqualTo(new TcpPlace(host, port, subsystem));
    assertThat(place).hasToString(written);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tcp:host/nqn.x",
        "tcp:///nqn.x",
        "tcp://:4420/nqn.x",
        "tcp://host:/nqn.x",
        "tcp://host:0/nqn.x",
        "tcp://host:65536/nqn.x",
        "tcp://host:x/nqn.x",
        "tcp://::1/nqn.x",
        "tcp://[::1/nqn.x",
        "tcp://::1]/nqn.x",
        "tcp://[::1]4420/nqn.x",
        "tcp://a b/nqn.x",
        "tcp://host/nqn.x?hdgst=perhaps",
        "tcp://host/nqn.x?kato=soon",
        "tcp://host/nqn.x?kato=2h",
        "tcp://host/nqn.x?timeout=0s",
        "tcp://host/nqn.x?hostid=1",
        "tcp://host/nqn.x?hostnqn=",
        "tcp://host/nqn.x?queues=0",
        "tcp://host/nqn.x?depth=4096",
        "tcp://host/nqn.x?size=1G",
        "tcp://host",
      })
  void whatIsNoneIsRefusedInOneLine(String address) {
    assertThatThrownBy(() -> Drives.open(DriveAddress.parse(address), ControllerOptions.defaults()))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .isNotBlank()
        .doesNotContain("\n");
  }

  @Test
  void aNameThatIsTooLongIsRefused() {
    String address = "tcp://host/nqn." + "x".repeat(220);
    assertThatThrownBy(() -> TcpPlace.parse(DriveAddress.parse(address).path()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("223 bytes");
  }

  @Test
  void optionsAreRead() {
    TcpOptions options =
        TcpOptions.of(
            DriveAddress.parse(
                "tcp://h/n?hostnqn=nqn.h&hostid=00112233-4455-6677-8899-aabbccddeeff&queues=2"
                    + "&depth=7&hdgst&ddgst=on&kato=1s&timeout=2s&reconnect=0s&fence=3s"));
    assertThat(options)
        .isEqualTo(
            new TcpOptions(
                "nqn.h",
                UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"),
                2,
                7,
                true,
                true,
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Duration.ZERO,
                Duration.ofSeconds(3)));
    assertThat(options.entries(1024)).isEqualTo(8);
    assertThat(options.entries(4)).isEqualTo(4);
  }

  @Test
  void aHostIsWhoItWasToldToBe(@TempDir Path etc) throws IOException {
    assertThat(HostIdentity.in(etc).name()).startsWith("nqn.2014-08.org.nvmexpress:uuid:");
    Files.writeString(etc.resolve("machine-id"), "0123456789abcdef0123456789abcdef\n");
    HostIdentity byMachine = HostIdentity.in(etc);
    assertThat(byMachine).isEqualTo(HostIdentity.in(etc));
    assertThat(byMachine.name()).endsWith(byMachine.id().toString());
    Path nvme = Files.createDirectory(etc.resolve("nvme"));
    String uuid = "11112222-3333-4444-5555-666677778888";
    Files.writeString(nvme.resolve("hostnqn"), "nqn.2014-08.org.nvmexpress:uuid:" + uuid + "\n");
    assertThat(HostIdentity.in(etc))
        .isEqualTo(
            new HostIdentity("nqn.2014-08.org.nvmexpress:uuid:" + uuid, UUID.fromString(uuid)));
    Files.writeString(nvme.resolve("hostid"), "99992222-3333-4444-5555-666677778888\n");
    assertThat(HostIdentity.in(etc).id().toString()).startsWith("9999");
  }
}
