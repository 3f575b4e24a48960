package sluice.virtual.pci;

import java.lang.invoke.VarHandle;
import sluice.support.memory.OffHeap;

/**
 * Where the drive reads one doorbell: the register, or, after Doorbell Buffer Config (NVMe 1.4,
 * section 5.7), a word in host memory, with another word (EventIdx) to say at which value the host
 * shall write the register too.
 *
 * <p>This drive looks at the shadow in every turn and so does not depend on being told; it moves
 * EventIdx when it has nothing to do, as a drive must that sleeps then.
 */
public final class ShadowDoorbell {
  private final long register;
  private final VirtualIommu iommu;
  private final DmaWindow shadowWindow;
  private final DmaWindow eventWindow;
  private long shadow;
  private long event;
  private boolean hasShadow;
  private boolean isLost;

  /** What the shadow held when it was last in reach. */
  private int last;

  private int announced = -1;

  ShadowDoorbell(long register, VirtualIommu iommu) {
    this.register = register;
    this.iommu = iommu;
    this.shadowWindow = new DmaWindow(iommu, VirtualIommu.READ | VirtualIommu.WRITE);
    this.eventWindow = new DmaWindow(iommu, VirtualIommu.WRITE);
  }

  /**
   * From now on reads the shadow. For a queue that exists already it is given the value that counts
   * now; for a new one the host has zeroed it.
   *
   * @param shadow IOVA of the word
   * @param event IOVA of its EventIdx
   */
  void useShadow(long shadow, long event, boolean isNewQueue) {
    int now = OffHeap.getIntAcquire(register) & 0xffff;
    this.shadow = shadow;
    this.event = event;
    hasShadow = true;
    last = now;
    long word = shadowWindow.translate(shadow, Integer.BYTES);
    if (!isNewQueue && word >= 0) {
      OffHeap.putInt(word, now);
    }
    announce(now);
  }

  /**
   * The doorbell's value, 16 bits. Acquire: what the host stored before it is seen after. A shadow
   * that is out of reach because nothing is, as while bus mastering is off, keeps its value. One
   * whose memory was unmapped reads as 65535, which no queue takes, and then {@link #isLost}.
   */
  int value() {
    if (!hasShadow) {
      return OffHeap.getIntAcquire(register) & 0xffff;
    }
    long word = shadowWindow.translate(shadow, Integer.BYTES);
    if (word < 0) {
      isLost = !iommu.isOff();
      return isLost ? 0xffff : last;
    }
    last = OffHeap.getIntAcquire(word) & 0xffff;
    return last;
  }

  /**
   * Whether the host has taken the shadow's memory away, though it lets the drive reach others: the
   * drive cannot know any more what is in the queue.
   */
  public boolean isLost() {
    return isLost;
  }

  /**
   * Asks the host to write the register at its next change from the given value, and looks again,
   * because the host may have stored between.
   */
  int announceAndRead(int value) {
    if (!hasShadow || value == announced) {
      return value;
    }
    announce(value);
    // Store EventIdx, then load the shadow: the host does the reverse, and both need the fence.
    VarHandle.fullFence();
    return value();
  }

  private void announce(int value) {
    announced = value;
    long word = eventWindow.translate(event, Integer.BYTES);
    if (word >= 0) {
      OffHeap.putIntRelease(word, value);
    }
  }
}
