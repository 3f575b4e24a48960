package sluice.vfio.vfiouser;

import java.util.List;
import sluice.vfio.Iommu;
import sluice.vfio.IovaRange;

/**
 * What a server knows of this process's memory: it is told the file behind each piece, and where it
 * shall find it. A server that does not take memory back as it was given is believed nothing any
 * more; the memory is this process's own file, which nobody else gets. Thread-safe.
 */
final class UserIommu implements Iommu {
  /** More than any memory; what servers take has never been seen to be less. */
  private static final IovaRange RANGE = new IovaRange(0, (1L << 48) - 1);

  private final ClientRequests requests;
  private final SharedMemory memory;
  private final long maxMappings;

  /**
   * @param memory what is mapped, for the server's own accesses by message
   * @param maxMappings how many the server takes at the same time
   */
  UserIommu(ClientRequests requests, SharedMemory memory, long maxMappings) {
    this.requests = requests;
    this.memory = memory;
    this.maxMappings = maxMappings;
  }

  @Override
  public List<IovaRange> ranges() {
    return List.of(RANGE);
  }

  @Override
  public synchronized void map(int fd, long fdOffset, long address, long iova, long size) {
    int others = memory.count();
    if (others >= maxMappings) {
      throw new VfioUserException(
          requests.name()
              + ": the server takes no more than "
              + maxMappings
              + " pieces of memory at a time (max_dma_maps)");
    }
    // Before it is told: it may use it before we read that it was told.
    memory.add(iova, address, size);
    try {
      requests.map(fd, fdOffset, iova, size, others);
    } catch (RuntimeException | Error e) {
      memory.remove(iova);
      throw e;
    }
  }

  @Override
  public synchronized long unmap(long iova, long size) {
    requests.unmap(iova, size);
    memory.remove(iova);
    return size;
  }
}
