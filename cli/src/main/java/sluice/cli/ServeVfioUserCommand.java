package sluice.cli;

import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import sluice.nvme.DriveAddress;
import sluice.virtual.media.DriveIdentity;
import sluice.virtual.vfiouser.DriveServer;

/** {@code sluice serve vfio-user}: a virtual drive as a PCI function of other processes. */
@Command(
    name = "vfio-user",
    description = {
      "Serves a virtual drive by vfio-user, to one process at a time: to sluice itself, to QEMU 10.1 and"
          + " later (-device vfio-user-pci), to SPDK. Until Ctrl-C.",
    },
    footer = {
      "",
      "  sluice serve vfio-user --socket /run/d.sock --drive disk.img,size=4G",
      "  sluice serve vfio-user --socket /run/d.sock --drive disk.img,pause=50ms,every=2s",
      "  sluice record vfio-user:/run/d.sock --from - < a",
      "",
      "  qemu-system-x86_64 -m 1G -object memory-backend-memfd,id=mem,size=1G,share=on \\",
      "    -M q35,memory-backend=mem \\",
      "    -device '{\"driver\":\"vfio-user-pci\",\"socket\":{\"type\":\"unix\",\"path\":\"/run/d.sock\"}}' ..."
    })
final class ServeVfioUserCommand implements Runnable {
  @Option(
      names = "--socket",
      required = true,
      paramLabel = "PATH",
      description = "Where to listen; the socket is made, and removed at the end.")
  private Path socket;

  @Option(
      names = "--drive",
      required = true,
      paramLabel = "FILE[,OPTION=VALUE...]",
      converter = ServedDrive.class,
      description =
          "The drive: a file, null or memory, with the options of virtual: addresses (size, lba, ns,"
              + " serial, uuid, nqn, pause, cliff, error, ...); or the address of any drive, as"
              + " pci:0000:01:00.0. A file keeps its identity; memory has another each time, unless"
              + " uuid= is given.")
  private DriveAddress drive;

  @Option(
      names = "--cpu",
      paramLabel = "N",
      description = "The processor for the drive's thread (default: any).")
  private Integer processor;

  @Override
  public void run() {
    DriveServer server =
        DriveServer.open(socket, drive, System::nanoTime, line -> System.err.println(line));
    Serving.untilSignal(
        server,
        server.idle(),
        processor,
        () -> {
          DriveIdentity identity = server.identity();
          System.err.println("serving " + drive + " at vfio-user:" + socket);
          System.err.println("serial number " + identity.serial() + ", " + identity.nqn());
        });
  }
}
