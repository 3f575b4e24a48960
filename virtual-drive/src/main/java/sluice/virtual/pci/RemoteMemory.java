package sluice.virtual.pci;

/**
 * Host memory that this process has no mapping of: its bytes are asked for and sent. Used in the
 * drive's turns, which wait meanwhile.
 */
public interface RemoteMemory {
  /**
   * Fetches bytes of one region.
   *
   * @param iova the drive's address of the first
   * @param address where to put them in this process
   * @param length more than 0
   * @return false if the host does not give them
   */
  boolean read(long iova, long address, long length);

  /**
   * Sends bytes to one region; on return the host has them.
   *
   * @param address of the bytes in this process
   * @return false if the host does not take them
   */
  boolean write(long iova, long address, long length);
}
