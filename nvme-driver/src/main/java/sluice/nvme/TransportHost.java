package sluice.nvme;

/** A controller as its transport sees it. Its lock is held where a transport is given this. */
public interface TransportHost {
  /**
   * Runs an admin command, and waits for it.
   *
   * @return dword 0 of its completion
   * @throws CommandFailedException if the drive refuses
   * @throws CommandTimeoutException if it does not answer
   */
  int execute(AdminCommand command);

  /**
   * Tells a person what is no error; see {@link NvmeController#notices}.
   *
   * @param what the end of a sentence that begins with the drive's address
   */
  void notice(String what);

  /** A step of the bring-up has been taken, for who looks on. */
  void taken(String step);
}
