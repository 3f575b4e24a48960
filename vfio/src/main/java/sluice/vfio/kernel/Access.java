package sluice.vfio.kernel;

import sluice.vfio.DmaSpace;
import sluice.vfio.ResetFailedException;

/**
 * A function that was opened in one of the ways that there are: its descriptors, and its memory.
 */
interface Access {
  /** The way's name, for people. */
  IommuChoice way();

  /** The device's descriptor. */
  int device();

  /** Where memory for the device is taken from. */
  DmaSpace dma();

  /**
   * The groups that prove to the kernel that this process owns all that a hot reset concerns.
   *
   * @throws ResetFailedException if it does not; the message says what is in the way
   */
  int[] groupsForReset(HotReset reset);

  /**
   * Closes the descriptors, the device's first: the kernel has the function back, and unmaps its
   * memory from it. The memory itself stays where it is in this process. Doing it twice does
   * nothing.
   */
  void release();

  /**
   * Frees the memory and closes the descriptors. The device must have been stopped. Doing it twice
   * does nothing.
   */
  void close();

  /**
   * As {@link #close}, for a device that could not be stopped: the kernel takes it back first, and
   * memory that nothing but the device's goodwill protects is kept for as long as this process
   * lives.
   */
  void abandon();
}
