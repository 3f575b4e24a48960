package sluice.nvme.tcp;

import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.DriveProvider;
import sluice.nvme.NvmeController;

/**
 * Opens drives across a network, by NVMe over TCP: {@code tcp://HOST[:PORT]/NQN}.
 *
 * <pre>
 *   hostnqn=NQN      this host's name, and its identifier; if not given, those in /etc/nvme, or
 *   hostid=UUID      such as stay the same on this machine
 *   queues=128       I/O queues at the most
 *   depth=4095       commands of a queue that can be out, at the most
 *   hdgst=yes        with digests of headers, and of data
 *   ddgst=yes
 *   kato=5s          after which time without a word the controller gives this host up; 0s for
 *                    never
 *   timeout=10s      how long a connection, or the answer to a Connect, may take
 *   reconnect=60s    how long a controller that was lost is tried to be reached again
 *   fence=TIME       how long to wait, after a connection was lost, until commands that were out
 *                    cannot happen any more; if not given, what follows from kato
 * </pre>
 */
public final class TcpDriveProvider implements DriveProvider {
  @Override
  public String scheme() {
    return "tcp";
  }

  @Override
  public String usage() {
    return "tcp://HOST[:PORT]/NQN";
  }

  @Override
  public NvmeController open(DriveAddress address, ControllerOptions options) {
    TcpPlace place = TcpPlace.parse(address.path());
    TcpOptions how = TcpOptions.of(address);
    if (place.subsystem().isEmpty()) {
      throw new IllegalArgumentException(
          "%s does not say which subsystem, as in tcp://HOST[:PORT]/NQN; sluice discover %s lists them"
              .formatted(place, place.authority()));
    }
    return TcpTransport.open(place, how, options);
  }
}
