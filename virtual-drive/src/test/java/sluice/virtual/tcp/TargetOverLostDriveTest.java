package sluice.virtual.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.nvme.DriveAddress;
import sluice.nvme.NvmeException;
import sluice.virtual.VirtualDriveProvider;
import sluice.virtual.tcp.RawHost.Received;

/** A drive behind a target is one of another target, which is lost for a while. */
class TargetOverLostDriveTest {
  private static final long DEADLINE_NANOS = 60_000_000_000L;
  private static final int READ = 2;
  private static final int WRITE = 1;

  private final String inner = "memory?size=16M&uuid=" + UUID.randomUUID();

  private final List<RunningTarget> servers = new ArrayList<>();

  @AfterEach
  void close() {
    servers.forEach(RunningTarget::close);
  }

  private RunningTarget serve(int port) {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    servers.add(RunningTarget.of(options -> options.withAddress(address), inner));
    return servers.getLast();
  }

  private static SteppedTarget share(String address) {
    return new SteppedTarget(
        target -> VirtualDriveProvider.subsystem(DriveAddress.parse(address), () -> target.nanos));
  }

  /** The responses of commands. */
  private static List<Received> await(RawHost host, int count) throws IOException {
    List<Received> all = new ArrayList<>();
    long start = System.nanoTime();
    while (all.size() < count) {
      all.addAll(host.receive().stream().filter(pdu -> pdu.type() == 5).toList());
      assertThat(System.nanoTime() - start).as("%s", all).isLessThan(DEADLINE_NANOS);
    }
    return all;
  }

  @Test
  void theTargetWaitsForNobody() throws IOException {
    RunningTarget first = serve(0);
    int port = first.port();
    String address = first.address("a") + "?kato=200ms&fence=200ms&reconnect=3000s";
    try (SteppedTarget target = share(address);
        RawHost admin = new RawHost(target, target.nqn()).agree(false, false)) {
      int controller = admin.connectAdmin(0);
      RawHost _ = admin.enable();
      try (RawHost io =
          new RawHost(target, target.nqn()).agree(false, false).connectIo(1, 16, controller)) {
        io.send(io.capsule(RawHost.transfer(READ, 1, 8, 8), new byte[0]));
        assertThat(await(io, 1)).last().extracting(Received::status).isEqualTo(0);
        first.close();
        for (int i = 2; i < 6; i++) {
          io.send(io.capsule(RawHost.transfer(READ, i, 8, 8), new byte[0]));
          assertThat(io.receive()).as("a read of a drive that is away").isEmpty();
          assertThat(admin.property(8, false).status()).isZero();
        }
        RunningTarget _ = serve(port);
        // What may have happened before is not done again here: the host is told of it.
        assertThat(await(io, 4)).extracting(Received::identifier).contains(2, 3, 4, 5);
        io.send(io.capsule(RawHost.transfer(READ, 9, 8, 8), new byte[0]));
        assertThat(await(io, 1)).last().extracting(Received::status).isEqualTo(0);
      }
    }
  }

  @Test
  void aTargetEndsThoughItsDriveIsAway() throws IOException {
    RunningTarget first = serve(0);
    SteppedTarget target = share(first.address("a") + "?kato=200ms&fence=200ms&reconnect=3000s");
    try (RawHost admin = new RawHost(target, target.nqn()).agree(false, false)) {
      int controller = admin.connectAdmin(0);
      RawHost _ = admin.enable();
      RawHost io =
          new RawHost(target, target.nqn()).agree(false, false).connectIo(1, 16, controller);
      first.close();
      byte[] write = RawHost.transfer(WRITE, 1, 8, 1);
      write[39] = 1;
      io.send(io.capsule(write, new byte[512]));
      assertThat(io.receive()).isEmpty();
      assertThat(endOf(target))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("what was written last may not be durable: the drive is away");
      io.close();
    }
  }

  private static Throwable endOf(SteppedTarget target) {
    try {
      target.close();
      return null;
    } catch (IllegalStateException | NvmeException e) {
      return e;
    }
  }
}
