package sluice.nvme;

import java.util.Locale;

/** How a thread learns that its requests have completed. */
public enum CompletionMode {
  /** It looks, again and again: the shortest latency, for a processor. */
  POLLED,

  /** It looks for a while, and then sleeps until the drive's interrupt. */
  HYBRID,

  /** It sleeps until the drive's interrupt: the least of a processor, for some latency. */
  INTERRUPTS;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
