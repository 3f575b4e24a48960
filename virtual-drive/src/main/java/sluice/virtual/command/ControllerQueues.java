package sluice.virtual.command;

import java.lang.foreign.MemorySegment;
import sluice.nvme.spec.StatusCode;

/**
 * The queues of a controller, however its host reaches them; and the commands that make and delete
 * them (sections 5.3 to 5.7), with their statuses. Used in the drive's turns.
 */
public abstract class ControllerQueues {
  /** Forgets all queues: the controller was reset. */
  public abstract void clear();

  /**
   * Makes the admin queue of a controller that is enabled.
   *
   * @param cc as written, which is good
   * @return false if the host's registers name no such queue
   */
  public abstract boolean createAdmin(int cc);

  public abstract HostQueue admin();

  /** How many I/O queues there are to take commands from. */
  public abstract int activeCount();

  public abstract HostQueue active(int index);

  /**
   * @return null if there is none of that identifier
   */
  public abstract HostQueue submission(int id);

  public abstract boolean ioQueuesExist();

  /** The way to the data of commands. */
  public abstract HostData data();

  /** Tells the host of what was answered. */
  public abstract void raise();

  /** Whether the host wrote where it has no queue, looked for piece by piece. */
  public abstract boolean isStrayWrite();

  /**
   * @param granted the highest identifier
   */
  public abstract int createCompletion(long entry, int granted);

  public abstract int createSubmission(long entry, int granted);

  /**
   * Begins to delete a submission queue: nothing is taken from it any more.
   *
   * @return 0, or why it cannot be deleted
   */
  public abstract int closeSubmission(int id);

  /** Deletes a submission queue that was closed; its commands have been dealt with. */
  public abstract void deleteSubmission(int id);

  public abstract int deleteCompletion(int id);

  /** Doorbell Buffer Config. */
  public abstract int useShadow(long entry);

  /**
   * An admin command that only some ways to a controller have.
   *
   * @return its status
   */
  public int execute(int opcode) {
    return StatusCode.INVALID_OPCODE.statusDnr();
  }

  /**
   * Adds to what a controller says of itself what its host finds by this way to it.
   *
   * @param page Identify Controller, all else filled in
   */
  public void describe(MemorySegment page) {
    // Nothing is to be added to a PCI function.
  }
}
