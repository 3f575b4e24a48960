package sluice.virtual.pci;

/**
 * Host memory that this process has no mapping of: its bytes are asked for and sent, and come and
 * go in their time. Used in the drive's turns, none of which waits.
 */
public interface RemoteMemory {
  /** Whose bytes are on the way; told between two turns, or in the call that asks. */
  interface User {
    /**
     * One of the things that were asked for has ended.
     *
     * @param isGood false if the host does not give the bytes, or does not take them
     */
    void moved(boolean isGood);

    /** Whether it is a queue, whose entries do not wait behind the data of commands. */
    default boolean isQueue() {
      return false;
    }
  }

  /** The most bytes to ask for at once. */
  int maxTransfer();

  /**
   * Asks for bytes of one region.
   *
   * @param iova the drive's address of the first
   * @param address where to put them in this process, until the end or {@link #forget}
   * @param length 1 to {@link #maxTransfer}
   * @return false if there is too much under way: nothing was asked for
   */
  boolean read(long iova, long address, long length, User user);

  /**
   * Sends bytes to one region; the host has them when the user is told.
   *
   * @param address of the bytes in this process, which are copied
   * @return as {@link #read}
   */
  boolean write(long iova, long address, long length, User user);

  /**
   * A user wants to know of nothing any more that it asked for: its memory is not touched again.
   */
  void forget(User user);
}
