package sluice.vfio;

import java.util.Optional;

/**
 * A PCI function held by this process: its registers, its configuration space, and the memory it
 * can reach.
 *
 * <p>Opening a function gives it to the caller alone. {@link #close} gives it back: bus mastering
 * is turned off before any of its DMA memory is freed, so that a device that still runs cannot
 * write into memory of somebody else.
 */
public interface PciFunction extends AutoCloseable {
  /** The function's name as a person would give it, for example {@code pci:0000:01:00.0}. */
  String address();

  /** The configuration space. */
  ConfigSpace config();

  /**
   * A memory BAR.
   *
   * @param index 0 to 5; a 64-bit BAR has the index of its lower half
   * @throws IllegalArgumentException if the function has no memory BAR of that index
   */
  Bar bar(int index);

  /** Where memory for the device is taken from. */
  DmaSpace dma();

  /**
   * Resets the function (FLR or what stands for it). Its registers are as after power-on, except
   * the BARs' addresses; DMA memory stays mapped.
   *
   * @throws ResetFailedException if the function cannot be reset, or the reset failed
   */
  void reset();

  /**
   * Gives the function a turn on the calling thread, for functions that need one: a virtual drive
   * that shares its driver's thread works here, a transport looks at its socket, and a removal is
   * noticed. Hardware has its own clockwork and does nothing. Called in every wait and every duty
   * cycle of the driver; callable from any thread.
   *
   * @return how much was done; 0 when there was nothing to do
   */
  int poll();

  /** Whether the device is still there. Once false, never true again. */
  boolean isPresent();

  /** Why the device is not there any more, as the end of a sentence that begins with its name. */
  default String absence() {
    return "is gone";
  }

  /**
   * Lets go of a device whose mapped registers fault: it is not present from now on, and nothing of
   * it is touched any more. For functions that are not mapped there is nothing to let go of.
   *
   * @param reason what {@link #absence} says then
   */
  default void giveUp(String reason) {}

  /** The device's own times; from the first call on it takes them. Empty for hardware. */
  default Optional<DeviceStamps> stamps() {
    return Optional.empty();
  }

  /**
   * How long the device did not run in all, as nobody gave its thread a processor or called {@link
   * #poll}: what it did not do then is not its own fault. 0 for hardware. From any thread.
   */
  default long stalledNanos() {
    return 0;
  }

  /**
   * How many interrupt vectors the function can raise for this process; 0 when it must be polled.
   */
  default int interruptVectors() {
    return 0;
  }

  /**
   * Lets the function raise interrupts (MSI-X). Done once, and stays so through resets.
   *
   * @param vectors how many, from vector 0 on; 1 to {@link #interruptVectors}
   * @return how many were enabled, which may be fewer where the system is short of them
   */
  default int enableInterrupts(int vectors) {
    throw new UnsupportedOperationException(address() + " has no interrupts");
  }

  /**
   * A wait for an enabled vector; closed with the function at the latest.
   *
   * @param vector from 0
   */
  default Interrupt interrupt(int vector) {
    throw new UnsupportedOperationException(address() + " has no interrupts");
  }

  /** Stops the device's own memory accesses, frees its DMA memory, and gives the function back. */
  @Override
  void close();
}
