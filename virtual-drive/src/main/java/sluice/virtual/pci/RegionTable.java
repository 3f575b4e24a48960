package sluice.virtual.pci;

import java.util.Arrays;

/**
 * The regions that are mapped to the drive, in ascending order of their start; none overlaps
 * another. Never changed: each change makes another table, which shares with this one all but what
 * is near the change, for a guest behind an IOMMU may map tens of thousands of pages, and change
 * one or two of them for each of its I/Os.
 *
 * <p>Two levels: leaves of up to {@value #LEAF_REGIONS} regions, and an array of leaves. A region
 * is named by an index that is good for this table only.
 */
final class RegionTable {
  /** The most regions of a leaf. */
  private static final int LEAF_REGIONS = 256;

  private static final int LEAF_SHIFT = 8;

  static final RegionTable EMPTY = new RegionTable(new long[0], new Leaf[0]);

  /** By leaf: where its first region starts. */
  private final long[] firsts;

  private final Leaf[] leaves;

  private RegionTable(long[] firsts, Leaf[] leaves) {
    this.firsts = firsts;
    this.leaves = leaves;
  }

  /** Neighbours, one at least; never changed. */
  private static final class Leaf {
    private final long[] starts;
    private final long[] sizes;
    private final long[] addresses;
    private final long[] flags;

    /** For regions that are put in before it is used. */
    Leaf(int count) {
      starts = new long[count];
      sizes = new long[count];
      addresses = new long[count];
      flags = new long[count];
    }

    int count() {
      return starts.length;
    }

    void set(int at, long start, long size, long address, long flag) {
      starts[at] = start;
      sizes[at] = size;
      addresses[at] = address;
      flags[at] = flag;
    }

    /** Copies regions into a leaf that is being made. */
    void copyTo(Leaf to, int from, int count, int at) {
      System.arraycopy(starts, from, to.starts, at, count);
      System.arraycopy(sizes, from, to.sizes, at, count);
      System.arraycopy(addresses, from, to.addresses, at, count);
      System.arraycopy(flags, from, to.flags, at, count);
    }

    Leaf part(int from, int to) {
      Leaf part = new Leaf(to - from);
      copyTo(part, from, to - from, 0);
      return part;
    }
  }

  long start(int region) {
    return leaf(region).starts[slot(region)];
  }

  long size(int region) {
    return leaf(region).sizes[slot(region)];
  }

  long address(int region) {
    return leaf(region).addresses[slot(region)];
  }

  long flags(int region) {
    return leaf(region).flags[slot(region)];
  }

  private Leaf leaf(int region) {
    return leaves[region >>> LEAF_SHIFT];
  }

  private static int slot(int region) {
    return region & (LEAF_REGIONS - 1);
  }

  /** The index of the region that holds an address, or -1. */
  int find(long iova) {
    int region = floor(iova);
    return region >= 0 && iova - start(region) < size(region) ? region : -1;
  }

  /**
   * Whether a region holds any of a range's bytes.
   *
   * @param size more than 0
   */
  boolean overlaps(long iova, long size) {
    int region = floor(iova + size - 1);
    return region >= 0 && start(region) + size(region) > iova;
  }

  /** The region that starts at an address, or the last before it; -1 if there is none. */
  private int floor(long iova) {
    int at = floor(firsts, iova);
    return at < 0 ? -1 : at << LEAF_SHIFT | floor(leaves[at].starts, iova);
  }

  private static int floor(long[] ascending, long value) {
    int at = Arrays.binarySearch(ascending, value);
    return at >= 0 ? at : -at - 2;
  }

  /** This and one region more, which overlaps none. */
  RegionTable with(long start, long size, long address, long flags) {
    int at = Math.max(0, floor(firsts, start));
    Leaf old = leaves.length == 0 ? new Leaf(0) : leaves[at];
    int slot = floor(old.starts, start) + 1;
    Leaf leaf = new Leaf(old.count() + 1);
    old.copyTo(leaf, 0, slot, 0);
    leaf.set(slot, start, size, address, flags);
    old.copyTo(leaf, slot, old.count() - slot, slot + 1);
    int behind = leaves.length == 0 ? 0 : at + 1;
    if (leaf.count() <= LEAF_REGIONS) {
      return replaced(at, behind, leaf);
    }
    int half = leaf.count() / 2;
    return replaced(at, behind, leaf.part(0, half), leaf.part(half, leaf.count()));
  }

  /** This without the regions that lie wholly in a range. */
  RegionTable without(long iova, long size) {
    int from = Math.max(0, floor(firsts, iova));
    int to = from;
    int kept = 0;
    Leaf[] rest = new Leaf[2];
    while (to < leaves.length && firsts[to] < iova + size) {
      Leaf leaf = leaves[to++];
      // Of the leaves in the middle nothing stays; of the outer ones what is before or behind.
      int first = floor(leaf.starts, iova - 1) + 1;
      int last = first;
      while (last < leaf.count() && leaf.starts[last] + leaf.sizes[last] <= iova + size) {
        last++;
      }
      if (last - first < leaf.count()) {
        Leaf left = new Leaf(leaf.count() - (last - first));
        leaf.copyTo(left, 0, first, 0);
        leaf.copyTo(left, last, leaf.count() - last, first);
        rest[kept++] = left;
      }
    }
    return replaced(from, to, Arrays.copyOf(rest, kept));
  }

  /** With other leaves, none of them empty, instead of those from one to before another. */
  private RegionTable replaced(int from, int to, Leaf... by) {
    int count = leaves.length - (to - from) + by.length;
    long[] newFirsts = new long[count];
    Leaf[] newLeaves = new Leaf[count];
    System.arraycopy(firsts, 0, newFirsts, 0, from);
    System.arraycopy(leaves, 0, newLeaves, 0, from);
    for (int i = 0; i < by.length; i++) {
      newFirsts[from + i] = by[i].starts[0];
      newLeaves[from + i] = by[i];
    }
    System.arraycopy(firsts, to, newFirsts, from + by.length, firsts.length - to);
    System.arraycopy(leaves, to, newLeaves, from + by.length, leaves.length - to);
    return new RegionTable(newFirsts, newLeaves);
  }

  /** Bytes of the regions that lie wholly in a range. */
  long bytesWithin(long iova, long size) {
    long bytes = 0;
    for (int at = Math.max(0, floor(firsts, iova)); at < leaves.length; at++) {
      if (firsts[at] >= iova + size) {
        break;
      }
      Leaf leaf = leaves[at];
      for (int i = floor(leaf.starts, iova - 1) + 1; i < leaf.count(); i++) {
        if (leaf.starts[i] + leaf.sizes[i] > iova + size) {
          break;
        }
        bytes += leaf.sizes[i];
      }
    }
    return bytes;
  }
}
