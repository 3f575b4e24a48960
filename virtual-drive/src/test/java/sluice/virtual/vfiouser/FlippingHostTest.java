package sluice.virtual.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.nvme.DriveAddress;
import sluice.support.agent.AgentRunner;

/** A host that changes entries while a served drive takes them harms nobody but itself. */
@Timeout(120)
class FlippingHostTest {
  @TempDir Path folder;
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

  @ParameterizedTest
  @CsvSource({"memory, 1, 100000", "disk.img, 2, 20000"})
  void whatTheDriveTookIsWhatCounts(String media, long seed, long commands) {
    Path socket = folder.resolve("s");
    String drive = media.equals("memory") ? media : folder.resolve(media).toString();
    DriveAddress address = DriveAddress.parse("virtual:" + drive + "?" + FlippingHost.NAMESPACES);
    DriveServer server = DriveServer.open(socket, address, System::nanoTime, log::add);
    try (AgentRunner runner = AgentRunner.start(server, server.idle())) {
      try (FlippingHost host = new FlippingHost(FlippingHost.connect(socket), seed)) {
        host.run(commands);
        assertThat(host.good()).as("%s", host).isPositive();
      }
      try (FlippingHost next = new FlippingHost(FlippingHost.connect(socket), seed)) {
        next.run(1);
      }
      assertThat(runner.isRunning()).isTrue();
    }
  }
}
