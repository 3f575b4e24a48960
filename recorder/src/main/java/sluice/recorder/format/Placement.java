package sluice.recorder.format;

import java.util.List;
import java.util.stream.IntStream;
import sluice.support.memory.OffHeap;

/**
 * Where the chunks of a recording go (FORMAT.md, "Data"): one after the other, each from a multiple
 * of 4096, in the next extent where this one has no room left. Used by one thread; placing
 * allocates nothing.
 */
public final class Placement {
  private final Extent[] extents;
  private int extent;
  private long next;

  public Placement(List<Extent> extents) {
    this.extents = extents.toArray(Extent[]::new);
    this.next = this.extents.length == 0 ? 0 : this.extents[0].address();
  }

  /** A chunk's bytes on the drive. */
  public static long padded(long length) {
    return (length + SealedBlock.SIZE - 1) & -SealedBlock.SIZE;
  }

  /**
   * Places the next chunk.
   *
   * @param length its bytes, without padding
   * @return its address, or -1 if no extent has room for it
   */
  public long place(long length) {
    long padded = padded(length);
    for (int e = extent; e < extents.length; e++) {
      long address = e == extent ? next : extents[e].address();
      if (padded <= extents[e].end() - address) {
        extent = e;
        next = address + padded;
        return address;
      }
    }
    return -1;
  }

  /**
   * Takes a chunk that was placed by somebody else.
   *
   * @return whether it is in the extents, behind the one before; places between them may be left
   *     out
   */
  public boolean accept(long address, long length) {
    long padded = padded(length);
    for (int e = extent; e < extents.length; e++) {
      long from = e == extent ? next : extents[e].address();
      if (address >= from
          && address % SealedBlock.SIZE == 0
          && padded >= 0
          && padded <= extents[e].end() - address) {
        extent = e;
        next = address + padded;
        return true;
      }
    }
    return false;
  }

  /** Goes back to just behind a chunk that was placed here: the next ones go there. */
  public void resumeBehind(long address, long length) {
    for (int e = 0; e <= extent; e++) {
      if (address >= extents[e].address() && address < extents[e].end()) {
        extent = e;
        next = address + padded(length);
        return;
      }
    }
    throw new IllegalArgumentException("nothing was placed at " + address);
  }

  /** How many bytes fit where the last chunk ended. */
  public long room() {
    return extents.length == 0 ? 0 : extents[extent].end() - next;
  }

  /** Where the last chunk ended, padding included; the start if there was none. */
  public long end() {
    return next;
  }

  /** The parts of the extents that chunks were placed in. */
  public List<Extent> used() {
    return IntStream.range(0, extents.length)
        .filter(e -> e <= extent)
        .mapToObj(e ->
            e == extent
                ? new Extent(extents[e].address(), next - extents[e].address())
                : extents[e])
        .filter(e -> e.bytes() > 0)
        .toList();
  }

  /** Zeros behind the chunk up to a whole block; the slot has room, being whole blocks itself. */
  public static void pad(long slotAddress, int bytes) {
    long at = slotAddress + bytes;
    long end = slotAddress + padded(bytes);
    for (; at < end && (at & 7) != 0; at++) {
      OffHeap.putByte(at, (byte) 0);
    }
    for (; at < end; at += 8) {
      OffHeap.putLong(at, 0);
    }
  }
}
