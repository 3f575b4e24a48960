package sluice.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice serve}: virtual drives for other processes. */
@Command(
    name = "serve",
    description = "Gives a virtual drive to another process, by a protocol that it speaks.",
    synopsisSubcommandLabel = "PROTOCOL",
    subcommands = {ServeVfioUserCommand.class},
    footer = {"", "  sluice serve vfio-user --socket /run/d.sock --drive disk.img,size=4G"})
final class ServeCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a protocol is missing: vfio-user");
  }
}
