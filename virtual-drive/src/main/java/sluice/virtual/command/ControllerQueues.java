package sluice.virtual.command;

/**
 * The queues of a controller, however its host reaches them; and the commands that make and delete
 * them (sections 5.3 to 5.7), with their statuses. Used in the drive's turns.
 */
public interface ControllerQueues {
  /** Forgets all queues: the controller was reset. */
  void clear();

  /**
   * Makes the admin queue of a controller that is enabled.
   *
   * @param cc as written, which is good
   * @return false if the host's registers name no such queue
   */
  boolean createAdmin(int cc);

  HostQueue admin();

  /** How many I/O queues there are to take commands from. */
  int activeCount();

  HostQueue active(int index);

  /**
   * @return null if there is none of that identifier
   */
  HostQueue submission(int id);

  boolean ioQueuesExist();

  /** The way to the data of commands. */
  HostData data();

  /** Tells the host of what was answered. */
  void raise();

  /** Whether the host wrote where it has no queue, looked for piece by piece. */
  boolean isStrayWrite();

  /**
   * @param granted the highest identifier
   */
  int createCompletion(long entry, int granted);

  int createSubmission(long entry, int granted);

  /**
   * Begins to delete a submission queue: nothing is taken from it any more.
   *
   * @return 0, or why it cannot be deleted
   */
  int closeSubmission(int id);

  /** Deletes a submission queue that was closed; its commands have been dealt with. */
  void deleteSubmission(int id);

  int deleteCompletion(int id);

  /** Doorbell Buffer Config. */
  int useShadow(long entry);
}
