package sluice.qemu.guest;

import java.time.Duration;
import java.util.Set;
import sluice.qemu.QemuException;

/**
 * What guests need, got and made before the tests that would else wait for it: a QEMU, kernels,
 * commands, and Java. {@code verify} runs it, from its source, before anything is compiled.
 *
 * <p>It may be interrupted at any time, and begun again.
 */
public final class Provisions {
  /** How long what this version does not need is kept: another one may still be worked on. */
  private static final Duration UNUSED = Duration.ofDays(7);

  private Provisions() {}

  /** Ends with status 0 when all is there; else with 1, and a line on standard error. */
  public static void main(String[] arguments) {
    try {
      Cache.sweep(
          Set.of(
              NewQemu.ENTRY,
              NvmeCli.ENTRY,
              GuestKernel.STOCK,
              Busybox.ENTRY,
              SmallKernel.name(),
              JavaRuntime.name(),
              JavaRuntime.archiveName()),
          UNUSED);
      var _ = Busybox.program();
      var _ = JavaRuntime.archive();
      var _ = GuestKernel.stock();
      var _ = NewQemu.binary();
      var _ = NvmeCli.directory();
      var _ = SmallKernel.image();
    } catch (QemuException e) {
      Progress.say(e.getMessage());
      System.exit(1);
    }
  }
}
