package sluice.cli;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import sluice.nvme.DriveAddress;
import sluice.support.linux.TcpSocket;
import sluice.virtual.media.DriveIdentity;
import sluice.virtual.tcp.Target;
import sluice.virtual.tcp.TargetOptions;

/** {@code sluice serve tcp}: drives for other machines, by NVMe over TCP. */
@Command(
    name = "tcp",
    description = {
      "Shares drives by NVMe over TCP with any host that speaks it: with Linux (nvme connect), SPDK,"
          + " and sluice itself (tcp://HOST/NQN). Many hosts can use a drive at once; none is kept"
          + " from writing what another one has. Until Ctrl-C.",
    },
    footer = {
      "",
      "  sluice serve tcp --drive disk.img,size=4G",
      "  sluice serve tcp --listen 0.0.0.0 --drive a.img --drive b.img,nqn=nqn.2026-11.org.example:b",
      "  sluice serve tcp --drive disk.img --allow nqn.2014-08.org.nvmexpress:uuid:...",
      "",
      "  nvme discover -t tcp -a 127.0.0.1 -s 4420",
      "  nvme connect -t tcp -a 127.0.0.1 -s 4420 -n NQN"
    })
final class ServeTcpCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS[:PORT]",
      defaultValue = "127.0.0.1",
      description =
          "Where to listen (default: ${DEFAULT-VALUE}, this machine alone, port 4420). 0.0.0.0 or [::]"
              + " for all networks; port 0 for any that is free.")
  private String listen;

  @Option(
      names = "--drive",
      required = true,
      paramLabel = "FILE[,OPTION=VALUE...]",
      converter = ServedDrive.class,
      description =
          "A drive: a file, null or memory, with the options of virtual: addresses (size, lba, ns,"
              + " serial, uuid, nqn, pause, cliff, error, ...); or the address of any drive, as"
              + " pci:0000:01:00.0. Can be given more than once. A file keeps its identity; memory has"
              + " another each time, unless uuid= is given.")
  private List<DriveAddress> drives;

  @Option(
      names = "--nqn",
      paramLabel = "NQN",
      description = "The drive's name, if there is one drive; as its option nqn.")
  private String nqn;

  @Option(
      names = "--allow",
      paramLabel = "HOST-NQN",
      description =
          "A host that may connect, by its name; can be given more than once (default: all).")
  private List<String> allowed = new ArrayList<>();

  @Option(
      names = "--cpu",
      paramLabel = "N",
      description = "The processor for the target's thread (default: any).")
  private Integer processor;

  @Override
  public void run() {
    TargetOptions options = options();
    Target target =
        Target.open(options, named(), System::nanoTime, line -> System.err.println(line));
    Serving.untilSignal(target, target.idle(), processor, () -> tell(target));
  }

  private TargetOptions options() {
    Set<String> hosts = new LinkedHashSet<>(allowed);
    InetSocketAddress address;
    try {
      address = ListenAddress.parse(listen, TargetOptions.PORT);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--listen: " + e.getMessage());
    }
    return TargetOptions.defaults().withAddress(address).withAllowedHosts(hosts);
  }

  private List<DriveAddress> named() {
    if (nqn != null && drives.size() > 1) {
      throw new ParameterException(
          spec.commandLine(), "--nqn is for one drive; name each by its option nqn=");
    }
    return nqn == null ? drives : List.of(drives.getFirst().with(DriveIdentity.NQN_PART, nqn));
  }

  private void tell(Target target) {
    InetSocketAddress address = target.address();
    if (!address.getAddress().isLoopbackAddress()) {
      System.err.println(
          allowed.isEmpty()
              ? "every host that reaches this address can read and write these drives, and what goes"
                  + " over the network can be read on its way"
              : "what goes over the network can be read on its way, and a host's name be made up");
    }
    String at = TcpSocket.text(address);
    List<DriveIdentity> identities = target.identities();
    for (int i = 0; i < identities.size(); i++) {
      System.err.println(
          "serving %s at tcp://%s/%s".formatted(drives.get(i), at, identities.get(i).nqn()));
    }
  }
}
