package sluice.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice serve}: virtual drives for other processes and machines. */
@Command(
    name = "serve",
    description =
        "Gives a virtual drive to other processes and machines, by a protocol that they speak.",
    synopsisSubcommandLabel = "PROTOCOL",
    subcommands = {ServeTcpCommand.class, ServeVfioUserCommand.class},
    footer = {
      "",
      "  sluice serve tcp --drive disk.img,size=4G",
      "  sluice serve vfio-user --socket /run/d.sock --drive disk.img,size=4G"
    })
final class ServeCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a protocol is missing: tcp or vfio-user");
  }
}
