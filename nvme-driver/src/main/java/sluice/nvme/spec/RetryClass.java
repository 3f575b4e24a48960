package sluice.nvme.spec;

/** What to do with a command, by the status it completed with. */
public enum RetryClass {
  /** Nothing: it succeeded. */
  SUCCESS,

  /** Submitting it again, the same, may succeed. */
  RETRY,

  /** Submitting it again fails again: the command is wrong, or the controller said so (DNR). */
  NO_RETRY,

  /** Driver and controller no longer agree on their state: reset the controller. */
  FATAL
}
