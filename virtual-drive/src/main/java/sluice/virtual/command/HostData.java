package sluice.virtual.command;

/**
 * The data of commands on the host's side. Used in the drive's turns; host memory is touched in
 * these alone.
 *
 * <p>Answers are {@link #DONE}, a status to complete the command with, or {@link #LATER}.
 */
public abstract class HostData {
  public static final int DONE = 0;

  /** It takes the host to go on; {@link #poll} tells the end. */
  public static final int LATER = -1;

  /** Is told what has been moved. */
  @FunctionalInterface
  public interface Moved {
    /**
     * @param slot whose data it is
     * @param status {@link #DONE}, or what to complete the command with
     */
    void moved(int slot, int status);
  }

  /**
   * Finds the data of a command and checks that the host gives it.
   *
   * @param entry the drive's copy of the command
   * @param length bytes, 1 to the largest transfer
   * @param toDrive whether the drive reads the host's memory, and does not write it
   * @return {@link #DONE}: it is in the extents until the end of the turn; {@link #LATER}: it is
   *     not here, and can be had by {@link #fetch} and {@link #deliver} only
   */
  public abstract int describe(long entry, long length, boolean toDrive);

  /** How many extents the last {@link #describe} found. */
  public abstract int count();

  /** An extent's first byte in this process. */
  public abstract long address(int extent);

  /** An extent's bytes. */
  public abstract long length(int extent);

  /** Whether every extent is a multiple of a size. */
  public abstract boolean isAligned(long size);

  /**
   * Copies the data of a command to drive memory.
   *
   * @param to the drive's own; with {@link #LATER} it is written until the end or {@link #forget}
   */
  public abstract int fetch(int slot, long entry, long to, long length);

  /**
   * Copies drive memory to where the data of a command goes.
   *
   * @param from the drive's own; with {@link #LATER} it is read until the end or {@link #forget}
   */
  public abstract int deliver(int slot, long entry, long from, long length);

  /** Tells what has ended that was to come later; returns how much. */
  public abstract int poll(Moved moved);

  /** Nobody wants to know of a slot any more: its memory is not touched again. */
  public abstract void forget(int slot);
}
