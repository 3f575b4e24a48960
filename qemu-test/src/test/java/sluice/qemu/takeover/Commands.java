package sluice.qemu.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import sluice.qemu.guest.Guest;
import sluice.qemu.guest.GuestMachine;
import sluice.qemu.guest.GuestResult;
import sluice.qemu.guest.JavaCommand;

/** Runs {@code sluice} in a guest. */
final class Commands {
  /** The command as a user has it, without the time that the launcher takes to look for Java. */
  static final String SLUICE = "sluice";

  /** The same by a Java that stays: what tests run that are not about the process. */
  static final String STANDBY = "standby-" + SLUICE;

  /** Where a guest's own commands for a while take as long as those of a machine of metal. */
  private static final Duration DEADLINE = Duration.ofMinutes(3);

  private static final Pattern LIBRARIES_OF_TESTS = Pattern.compile("assertj|byte-buddy|junit");

  private Commands() {}

  /** Adds the command to a guest. */
  static GuestMachine in(GuestMachine machine) {
    return machine.command(
        SLUICE, new JavaCommand("sluice.cli.Sluice", "sluice.cli.Training", classPath()));
  }

  /** This JVM's, without what only tests use: a change of a test is none of the command's. */
  private static List<Path> classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(Path::of)
        .filter(Files::exists)
        .filter(entry -> !LIBRARIES_OF_TESTS.matcher(entry.getFileName().toString()).lookingAt())
        .filter(entry ->
            Files.exists(entry.resolve("sluice/cli"))
                || !Files.exists(entry.resolve("sluice/qemu")))
        .toList();
  }

  /** Shows that the command's classes come out of its cache, without which it starts as well. */
  static void startsFromItsCache(Guest guest) {
    assertThat(succeed(guest, "JDK_JAVA_OPTIONS=-Xlog:class+load " + SLUICE + " --version"))
        .containsPattern("sluice.cli.Sluice source: shared objects file");
  }

  /** Runs a command of sluice's as a process of its own that has to succeed. */
  static String process(Guest guest, String arguments) {
    return succeed(guest, SLUICE + " " + arguments);
  }

  /** Runs a command of sluice's that has to succeed, and returns what it wrote. */
  static String sluice(Guest guest, String arguments) {
    return succeed(guest, STANDBY + " " + arguments);
  }

  /** Runs any command that has to succeed, and returns what it wrote. */
  static String succeed(Guest guest, String command) {
    GuestResult result = guest.run(command, DEADLINE);
    assertThat(result.status()).as("%s%n%s", command, result.text()).isZero();
    return result.text();
  }

  /** Runs a command of sluice's that has to fail, and returns the line that says why. */
  static String failingSluice(Guest guest, String arguments) {
    return fail(guest, STANDBY + " " + arguments);
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
