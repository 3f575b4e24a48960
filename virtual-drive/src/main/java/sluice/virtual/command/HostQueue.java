package sluice.virtual.command;

/**
 * The host's end of a pair of queues: where its commands come from, and where their answers go.
 * Used in the drive's turns.
 *
 * <p>A class, not an interface, as {@link HostData} and {@link ControllerQueues} are: their methods
 * are called for each command, and as long as one kind of each is loaded they are inlined without a
 * look at the type.
 */
public abstract class HostQueue {
  /** The submission queue's identifier; 0 for admin commands. */
  public abstract int id();

  /** The controller that it belongs to. */
  public abstract Controller controller();

  /** How many commands wait, whether or not they can be answered. */
  public abstract int waiting();

  /**
   * How many commands wait and can be answered at once.
   *
   * @param most how many are wanted, more than 0
   */
  public abstract int available(int most);

  /** Whether something was wrong in {@link #waiting} or {@link #available}, not yet taken. */
  public abstract boolean hasTrouble();

  /**
   * Takes what {@link #hasTrouble} tells.
   *
   * @return whether the host stored a doorbell that cannot be; else the queue is broken
   */
  public abstract boolean takeTrouble();

  /** Whether the host cannot be reached through it any more. */
  public abstract boolean isBroken();

  /**
   * Takes a command that {@link #waiting} counted. It is read once, here: nothing that looks at a
   * command sees the host's memory, in which it could change between a check and its use.
   *
   * @param entry where its 64 bytes are copied to, the drive's own
   * @return false if it cannot be read: the queue is broken
   */
  public abstract boolean take(long entry);

  /** Undoes the last {@link #take}: the command is taken, and read, another time. */
  public abstract void putBack();

  /**
   * Undoes the last {@link #take} if the command behind that one is on its way: both are taken when
   * both are here.
   *
   * @param entry the drive's copy of the one that was taken
   * @return whether it did; a failure to look is told by {@link #hasTrouble}
   */
  public abstract boolean awaitNext(long entry);

  /**
   * For how many answers there is room.
   *
   * @param wanted what is enough
   */
  public abstract int room(int wanted);

  /**
   * Answers a command.
   *
   * @return false if there is no room now; a queue that is {@link #isBroken broken} takes all
   */
  public abstract boolean answer(int commandId, int status, int result);

  /** The way to the data of its commands. */
  public abstract HostData data();
}
