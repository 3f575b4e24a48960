package sluice.nvme;

import java.time.Duration;
import sluice.nvme.spec.IdentifyController;
import sluice.vfio.DmaSpace;

/**
 * How a controller is reached: its properties, its queues, the memory that its data goes through,
 * and how it is cut off and reset from outside. PCI Express is one ({@code sluice.nvme.pcie}); a
 * network with a connection for each queue is another. {@link NvmeController} and {@link IoQueue}
 * know this and {@link QueueTransport}, and nothing of what is behind.
 *
 * <p>A controller's way, each time it is brought up: {@link #attach}, {@code CC.EN} cleared and
 * {@code CSTS.RDY} awaited (if that is in vain: {@link #reset}, {@link #attach}, once more), the
 * admin queue {@linkplain QueueTransport#create created}, {@code CC.EN} set, identified, number of
 * queues asked for, {@link #setUp}. So the admin queue exists whenever the controller is enabled; a
 * transport that needs it to reach properties has it from {@link #attach} on.
 *
 * <p>Called under the controller's lock, where nothing else is said.
 */
public interface ControllerTransport extends AutoCloseable {
  /** The drive's address, as a person would give it. From any thread. */
  String address();

  /**
   * Gives whatever moves bytes for the controller its turn, keeps it alive where it wants that, and
   * notices when it is gone. Never waits. From any thread.
   *
   * @return how much was done
   */
  int poll();

  /** Whether the controller can still be reached. Once false, never true again. From any thread. */
  boolean isPresent();

  /**
   * Why it cannot be reached, for good or until it is attached anew, as the end of a sentence that
   * begins with its address. From any thread.
   */
  String absence();

  /**
   * What is to be made of a fault of memory that was the drive's or shared with it: it is as good
   * as gone. From any thread.
   *
   * @return what to throw
   */
  NvmeException lost(InternalError fault);

  /** Where memory for the drive's data is taken from. From any thread. */
  DmaSpace dma();

  /** Reads a property of four bytes; see {@link sluice.nvme.spec.Registers}. */
  int read32(int property);

  /** Reads a property of eight bytes. */
  long read64(int property);

  /** Writes a property of four bytes. */
  void write32(int property, int value);

  /**
   * The property CSTS, as it is or, where to ask for it takes a while, as it was when last seen. A
   * connection that has ended, of whichever queue, shows as a controller that is not ready: the
   * queue that looks has it reset, which {@linkplain #attach attaches} it anew. Never waits. From
   * any thread.
   */
  int status();

  /** The page size that is set by CC.MPS, in bytes. */
  int pageBytes();

  /** Entries that a queue can have: CAP.MQES + 1, or what is known better. From any thread. */
  int maxQueueEntries();

  /** I/O queues that can be reached, whatever the controller grants. */
  int maxIoQueues();

  /**
   * Whether threads can sleep until a queue has a completion, if options ask for it. From any
   * thread.
   */
  boolean canWait();

  /**
   * How long a drive in software of this process did not run in all, as the machine had no time for
   * it, or nobody polled. 0 for all else. From any thread.
   */
  default long stalledNanos() {
    return 0;
  }

  /** For how long properties must be left alone after CC.EN was cleared. */
  default Duration silenceWhenDisabled() {
    return Duration.ZERO;
  }

  /**
   * Whether a controller that did not come back from a reset is tried again.
   *
   * @param attempts that were in vain
   */
  default boolean isWorthAnother(int attempts) {
    return attempts < 3;
  }

  /** Whether Write Zeroes must not be used though it is offered. */
  default boolean hasBrokenWriteZeroes() {
    return false;
  }

  /**
   * Makes the controller reachable, and our memory for it: before it is brought up for the first
   * time and after whatever may have cut it off.
   */
  void attach();

  /**
   * Cuts the controller off: it reaches no memory of ours any more.
   *
   * @return whether that is certain
   */
  boolean detach();

  /**
   * Resets the controller from outside, without its help. It is disabled then.
   *
   * @throws RuntimeException if that is not possible, or did not work
   */
  void reset();

  /**
   * A queue on this side; the controller does not have it before it is {@linkplain
   * QueueTransport#create created}.
   *
   * @param id 0 for the admin queue
   * @param depth commands that can be out at once
   * @param maxTransfer bytes of data of one command
   * @param memory where all memory is taken from that the controller reaches because it has the
   *     queue; freed by the caller when it does not any more, also if this fails
   */
  QueueTransport newQueue(int id, int depth, long maxTransfer, DmaSpace memory);

  /**
   * As {@link #newQueue}, of an I/O queue that has to be looked at whatever options say, and that
   * has no part in interrupts; where a transport knows no such, one as others.
   */
  default QueueTransport newPolledQueue(int id, int depth, long maxTransfer, DmaSpace memory) {
    return newQueue(id, depth, maxTransfer, memory);
  }

  /**
   * Sets what of this transport the controller forgets in a reset. What it refuses costs that and a
   * {@linkplain TransportHost#notice word}.
   */
  void setUp(TransportHost host, IdentifyController identify);

  /**
   * The controller is about to be closed: who waits in {@link #attach} on another thread fails
   * soon. From any thread.
   */
  default void closing() {}

  /** Cuts the controller off, frees all memory that was taken from {@link #dma}, and lets go. */
  @Override
  void close();
}
