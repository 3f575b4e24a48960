package sluice.vfio;

import java.util.List;

/**
 * What translates a device's addresses: the kernel's IOMMU, a vfio-user server, a virtual drive.
 */
public interface Iommu {
  /** The IOVAs that may be mapped, in ascending order and apart from each other. */
  List<IovaRange> ranges();

  /**
   * From where on addresses are taken as long as there are any: what is below is only taken when
   * nothing else is left.
   */
  default long preferredStart() {
    return 0;
  }

  /** What it is, in a word or two; empty where there is no device of hardware behind it. */
  default String kind() {
    return "";
  }

  /**
   * Lets the device read and write memory.
   *
   * @param fd the file behind the memory, open during the call only
   * @param fdOffset where in the file the memory begins
   * @param address the memory's address in this process
   * @param iova where the device shall find it, a multiple of the page size
   * @param size bytes, a multiple of the page size
   * @throws RuntimeException if it cannot be mapped; nothing is mapped then
   */
  void map(int fd, long fdOffset, long address, long iova, long size);

  /**
   * Takes memory away from the device.
   *
   * @return how many bytes were unmapped; anything but {@code size} is an error of the caller's or
   *     of the translator's
   */
  long unmap(long iova, long size);
}
