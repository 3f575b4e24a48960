package sluice.bench.result;

/**
 * What a job used of the processors. Jobs that share a thread share its time by their I/Os.
 *
 * @param userNanos time in the program
 * @param systemNanos time in the kernel
 * @param contextSwitches times that its thread lost the processor
 * @param majorFaults page faults that waited for a device
 * @param minorFaults page faults that did not
 * @param waitNanos time in which it could have run and others had the processors
 */
public record ProcessorUse(
    long userNanos,
    long systemNanos,
    long contextSwitches,
    long majorFaults,
    long minorFaults,
    long waitNanos) {

  public static final ProcessorUse NONE = new ProcessorUse(0, 0, 0, 0, 0, 0);

  /** The share of the time in which it could have run that others had the processors, 0 to 1. */
  public double waitShare() {
    double wanted = (double) userNanos + systemNanos + waitNanos;
    return wanted > 0 ? waitNanos / wanted : 0;
  }

  public ProcessorUse plus(ProcessorUse other) {
    return new ProcessorUse(
        userNanos + other.userNanos,
        systemNanos + other.systemNanos,
        contextSwitches + other.contextSwitches,
        majorFaults + other.majorFaults,
        minorFaults + other.minorFaults,
        waitNanos + other.waitNanos);
  }
}
