package sluice.qemu.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sluice.qemu.guest.Guest;
import sluice.qemu.guest.GuestResult;

/** Runs {@code sluice} in a guest. */
final class Commands {
  /** The command as a user has it, without the time that the launcher takes to look for Java. */
  static final String SLUICE = "java sluice.cli.Sluice";

  /** Where a guest's own commands for a while take as long as those of a machine of metal. */
  private static final Duration DEADLINE = Duration.ofMinutes(3);

  private Commands() {}

  /** Runs a command of sluice's that has to succeed, and returns what it wrote. */
  static String sluice(Guest guest, String arguments) {
    return succeed(guest, SLUICE + " " + arguments);
  }

  /** Runs any command that has to succeed, and returns what it wrote. */
  static String succeed(Guest guest, String command) {
    GuestResult result = guest.run(command, DEADLINE);
    assertThat(result.status()).as("%s%n%s", command, result.text()).isZero();
    return result.text();
  }

  /** Runs a command of sluice's that has to fail, and returns the line that says why. */
  static String failingSluice(Guest guest, String arguments) {
    return fail(guest, SLUICE + " " + arguments);
  }

  /** Runs any command that ends with sluice failing, and returns the line that says why. */
  static String fail(Guest guest, String command) {
    GuestResult result = guest.run(command, DEADLINE);
    assertThat(result.status()).as("%s%n%s", command, result.text()).isEqualTo(1);
    String why = result.text().lines().filter(line -> !line.startsWith("+ ")).toList().getLast();
    assertThat(result.text()).as("no stack trace").doesNotContain("\tat ");
    return why;
  }

  /** A number out of what a command has written as JSON: the first of its name. */
  static long number(String json, String name) {
    Matcher matcher = Pattern.compile("\"" + name + "\" *: *(\\d+)").matcher(json);
    assertThat(matcher.find()).as("%s in %s", name, json).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  /** A command as a user without privileges runs it, with a limit of locked memory. */
  static String asUser(String command, int memlockKib) {
    return "(ulimit -Sl %1$d; ulimit -Hl %1$d; su user -c '%2$s')".formatted(memlockKib, command);
  }
}
