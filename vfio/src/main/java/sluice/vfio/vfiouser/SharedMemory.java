package sluice.vfio.vfiouser;

import java.util.Map;
import java.util.TreeMap;
import sluice.support.memory.OffHeap;

/**
 * The memory that was told to a server: what it may reach by messages. A copy and the end of a
 * mapping exclude each other, so that nothing is copied from or to where no memory is any more.
 * Thread-safe; nothing waits in here.
 */
final class SharedMemory {
  private record Piece(long address, long size) {}

  private final TreeMap<Long, Piece> pieces = new TreeMap<>();

  /** How many pieces there are. */
  synchronized int count() {
    return pieces.size();
  }

  /**
   * Adds memory, which must not be unmapped before it is removed.
   *
   * @param address in this process
   */
  synchronized void add(long iova, long address, long size) {
    pieces.put(iova, new Piece(address, size));
  }

  /** Removes what was added. */
  synchronized void remove(long iova) {
    pieces.remove(iova);
  }

  /**
   * Copies out of the memory.
   *
   * @param iova anything
   * @param length 0 or more
   * @return false if not all of it is in one piece of the memory: nothing was copied
   */
  synchronized boolean read(long iova, long to, long length) {
    long from = find(iova, length);
    if (from != 0) {
      OffHeap.copy(from, to, length);
    }
    return from != 0;
  }

  /**
   * Copies into the memory.
   *
   * @param iova anything
   * @param length 0 or more
   * @return false if not all of it is in one piece of the memory: nothing was copied
   */
  synchronized boolean write(long iova, long from, long length) {
    long to = find(iova, length);
    if (to != 0) {
      OffHeap.copy(from, to, length);
    }
    return to != 0;
  }

  /** The address of a range; 0 if it is not there. */
  private long find(long iova, long length) {
    Map.Entry<Long, Piece> piece = pieces.floorEntry(iova);
    if (piece == null) {
      return 0;
    }
    // Both are of 63 bits: an IOVA with the highest bit set is below all others, and not found.
    long offset = iova - piece.getKey();
    long size = piece.getValue().size;
    return offset > size || length > size - offset ? 0 : piece.getValue().address + offset;
  }
}
