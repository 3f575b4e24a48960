package sluice.queues;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import sluice.support.memory.OffHeap;
import sluice.vfio.Bar;

/**
 * One doorbell: the register by which a queue's new tail or head is told to the device (NVM Express
 * 1.4, sections 3.1.16 and 3.1.17).
 *
 * <p>It lies at {@code 0x1000 + (2 * queue + (completion ? 1 : 0)) * (4 << CAP.DSTRD)}. With shadow
 * doorbells (Doorbell Buffer Config, section 5.7) the value goes to memory first, and the register
 * is written only when the device has asked to be told at this value.
 *
 * <p>Used by the queue's owner thread alone.
 *
 * <p>On arm64 the release store orders within the inner shareable domain ({@code dmb ish}, {@code
 * stlr}), where Linux takes {@code dmb oshst} between memory and a device's register. Java has none
 * of the outer domain; on the cores that PCI Express is used with, both are one. x86-64 needs
 * neither.
 */
public final class Doorbell {
  private static final long REGISTERS = 0x1000;

  private final Bar bar;
  private final long offset;

  /** The register's address; 0 if the BAR is not mapped, and the store goes through it. */
  private final long register;

  private long shadow;
  private long eventIndex;

  private Doorbell(Bar bar, long offset) {
    this.bar = bar;
    this.offset = offset;
    Optional<MemorySegment> mapping = bar.mapping(offset, Integer.BYTES);
    this.register = mapping.isPresent() ? mapping.get().address() : 0;
  }

  /**
   * The tail doorbell of a submission queue.
   *
   * @param queueId 0 to 65535
   * @param stride CAP.DSTRD, 0 to 15
   * @throws IllegalArgumentException if the BAR is too small for it
   */
  public static Doorbell ofSubmissionQueue(Bar bar, int queueId, int stride) {
    return at(bar, queueId, 0, stride);
  }

  /** The head doorbell of a completion queue; as {@link #ofSubmissionQueue}. */
  public static Doorbell ofCompletionQueue(Bar bar, int queueId, int stride) {
    return at(bar, queueId, 1, stride);
  }

  private static Doorbell at(Bar bar, int queueId, int completion, int stride) {
    if (queueId < 0 || queueId > 0xffff) {
      throw new IllegalArgumentException("a queue's id is 0 to 65535, not " + queueId);
    }
    if (stride < 0 || stride > 15) {
      throw new IllegalArgumentException("a doorbell stride is 0 to 15, not " + stride);
    }
    long index = 2L * queueId + completion;
    long offset = REGISTERS + ((index * Integer.BYTES) << stride);
    if (offset + Integer.BYTES > bar.size()) {
      throw new IllegalArgumentException(
          String.format(
              "doorbell %d (stride %d) lies behind the BAR's %d bytes", index, stride, bar.size()));
    }
    return new Doorbell(bar, offset);
  }

  /**
   * From now on tells new values through memory. Both words hold 0 or the value last rung.
   *
   * @param shadow address of this doorbell's word in the shadow doorbell buffer
   * @param eventIndex address of its word in the EventIdx buffer
   */
  public void useShadow(long shadow, long eventIndex) {
    this.shadow = shadow;
    this.eventIndex = eventIndex;
  }

  /** From now on tells new values by the register alone, as at first. */
  public void useRegister() {
    shadow = 0;
    eventIndex = 0;
  }

  /** Tells the device the queue's new tail or head. What was stored before is seen before. */
  public void ring(int value) {
    if (shadow != 0 && !wantsEvent(value)) {
      return;
    }
    if (register != 0) {
      // Release: the entries, and for completions our reads of them, come before the doorbell.
      OffHeap.putIntRelease(register, value);
    } else {
      VarHandle.releaseFence();
      bar.write32(offset, value);
    }
  }

  private boolean wantsEvent(int value) {
    int old = OffHeap.getInt(shadow);
    OffHeap.putIntRelease(shadow, value);
    // A full fence, because a store before a load is just what the processor may turn around: the
    // device stores EventIdx and then loads the shadow, we store the shadow and then load EventIdx,
    // and without fences both could miss the other's store, and sleep.
    VarHandle.fullFence();
    return crosses(OffHeap.getIntAcquire(eventIndex), old, value);
  }

  /**
   * Whether moving from {@code old} to {@code value} passes the event index, all counted modulo
   * 2^16 (NVM Express 1.4, section 7.13).
   */
  static boolean crosses(int eventIndex, int old, int value) {
    return ((value - eventIndex - 1) & 0xffff) < ((value - old) & 0xffff);
  }
}
