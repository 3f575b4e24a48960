package sluice.qemu.conformance;

import java.util.function.Function;
import sluice.nvme.spec.StatusCode;

/**
 * A command that must fail, and how.
 *
 * @param what is wrong with it
 * @param specified the status that the specification names
 * @param onQemu what QEMU 7.2 says instead, or the same
 * @param command makes the command for the test that is running
 */
record Misuse<T>(
    String what, StatusCode specified, StatusCode onQemu, Function<T, RawCommand> command) {

  static <T> Misuse<T> of(String what, StatusCode specified, Function<T, RawCommand> command) {
    return new Misuse<>(what, specified, specified, command);
  }

  /** Where QEMU deviates. */
  static <T> Misuse<T> of(
      String what, StatusCode specified, StatusCode onQemu, Function<T, RawCommand> command) {
    return new Misuse<>(what, specified, onQemu, command);
  }

  StatusCode expectedOn(Rig rig) {
    return rig.isQemu() ? onQemu : specified;
  }

  @Override
  public String toString() {
    return what;
  }
}
