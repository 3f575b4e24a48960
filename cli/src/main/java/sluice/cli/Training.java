package sluice.cli;

/**
 * A run that touches what a start of {@code sluice} needs, for the launcher to make an
 * ahead-of-time cache from.
 */
final class Training {
  private Training() {}

  public static void main(String[] arguments) {
    boolean good = true;
    for (String command : new String[] {"--help", "--version", "list", "list -o json"}) {
      good &= Sluice.run(command.split(" ")) == ExitStatus.OK;
    }
    System.exit(good ? ExitStatus.OK : ExitStatus.FAILURE);
  }
}
