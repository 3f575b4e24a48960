package sluice.nvme;

import sluice.vfio.DmaMemory;

/**
 * The way of one queue's commands to the controller, and of their completions back: two rings in
 * memory and their doorbells, or a connection. What is sent, how often it is tried, and what is
 * reported to whom, is {@link IoQueue}'s matter.
 *
 * <pre>
 *   claim ─▶ fill the entry ─▶ describe its data ─▶ post     … as often as there is room
 *   ring                                                     one for a batch: now it goes out
 *   poll                                                     the device, or the connection, moves on
 *   peek ─▶ pop ─▶ completed                                 … as long as there is one
 *   giveBack                                                 one for a batch
 * </pre>
 *
 * <p>A command has a slot, 0 to less than the queue's depth, and an identifier; a transport may
 * keep what it knows of a command in arrays by slot. An entry is one of 64 bytes, and a completion
 * one of 16, as NVM Express lays them out, in memory off the heap ({@link
 * sluice.queues.SubmissionEntry}, {@link sluice.queues.CompletionEntry}): a transport that sends
 * other bytes around them, or makes a completion of less, does so behind this.
 *
 * <p>Where {@link #claim}, {@link #describe} or {@link #post} throws, the command is not taken, and
 * never sent: its memory is its owner's. What was described of it is forgotten at the next claim,
 * and its slot may be another command's.
 *
 * <p>{@link #create} and {@link #delete} are called under the controller's lock, all else by the
 * queue's owner; of the admin queue all is called under the lock.
 *
 * <p>A class, not an interface: its methods are called for each command, and as long as one kind of
 * transport is loaded they are inlined without a look at the type.
 */
public abstract class QueueTransport implements AutoCloseable {
  /**
   * Creates the queue in the controller, which does not have it (yet, or any more), and begins
   * anew: nothing is out, nothing is posted, and no memory that was described before is touched
   * again, because its owners are told so next.
   *
   * @throws CommandFailedException if the controller refuses; it has nothing of the queue then
   * @throws StuckQueueException if it refuses, and keeps a part of it
   * @throws ConnectionLostException if the way to it was lost meanwhile
   * @throws NvmeException if it does not answer
   */
  public abstract void create(TransportHost host);

  /**
   * Deletes the queue in the controller, which then reaches no memory of it any more.
   *
   * @throws CommandFailedException if the controller refuses
   * @throws CommandTimeoutException if it does not answer
   */
  public abstract void delete(TransportHost host);

  /**
   * Where the next command is written. Claiming takes nothing: until {@link #post}, the next claim
   * is the same.
   *
   * @return the entry's address; 0 when there is no room, which cannot be while fewer commands are
   *     out than the queue is deep
   */
  public abstract long claim();

  /**
   * Tells where the claimed command's data is: written into its entry, or kept for when it is sent
   * or comes. The entry's opcode says which way it goes, and is written before. A command that is
   * not described moves none.
   *
   * @param slot the command's
   * @param offset where in the memory the data begins, a multiple of 4
   * @param bytes 1 to the most that a command of this queue moves
   */
  public abstract void describe(long entry, int slot, DmaMemory memory, long offset, long bytes);

  /** Takes the claimed entry. The controller need not see it before {@link #ring}. */
  public abstract void post(int slot);

  /** Sends what was posted; does nothing if there is nothing. Never waits. */
  public abstract void ring();

  /**
   * Gives whatever moves the queue's bytes its turn: nothing for hardware, a virtual drive that
   * shares this thread, a connection that is read. Never waits.
   *
   * @return how much was done; less than 0 if it is known that nothing will complete any more until
   *     the controller was reset, which {@link ControllerTransport#status} shows too
   */
  public abstract int poll();

  /**
   * The next completion, whole, as it has come: whether such a command is out is not the
   * transport's to know. Its submission queue's identifier is this queue's where the transport has
   * no such word.
   *
   * @return its address, valid until {@link #giveBack}; 0 when there is none
   * @throws ConnectionLostException of the admin queue alone, if none will come any more until the
   *     controller was reset
   */
  public abstract long peek();

  /** Takes the completion that {@link #peek} showed out. */
  public abstract void pop();

  /** The command in a slot has completed: its entry, and what is known of its data, are free. */
  public abstract void completed(int slot);

  /** All completions that were popped have been read: the controller may have their place again. */
  public abstract void giveBack();

  /** Whether a thread can sleep until there is a completion; otherwise it has to look. */
  public abstract boolean canWait();

  /**
   * Waits until there may be a completion or the time is up, as {@link
   * ControllerOptions#completions} says; not at all where that is not possible.
   *
   * @return false if the time was up
   */
  public abstract boolean await(long timeoutNanos);

  /** Lets go of all but memory, which belongs to whose space it was taken from. */
  @Override
  public abstract void close();

  /** How it stands, for people; exact on the owner's thread. Touches no memory of the drive's. */
  @Override
  public abstract String toString();
}
