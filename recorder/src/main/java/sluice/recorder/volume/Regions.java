package sluice.recorder.volume;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.Extent;
import sluice.recorder.format.IndexEntry;
import sluice.recorder.format.SealedBlock;
import sluice.recorder.format.Superblock;

/** Which parts of a volume's regions are in use, and by whom. */
final class Regions {
  private Regions() {}

  static Extent data(Superblock superblock) {
    return new Extent(superblock.dataAddress(), superblock.dataBytes());
  }

  static Extent index(Superblock superblock) {
    return new Extent(superblock.indexAddress(), superblock.indexBytes());
  }

  /** The pieces of a region that nobody uses, by their address. */
  static List<Extent> free(Extent region, List<Extent> used) {
    List<Extent> free = new ArrayList<>();
    long at = region.address();
    for (Extent extent : sorted(used)) {
      if (extent.address() > at) {
        free.add(new Extent(at, extent.address() - at));
      }
      at = Math.max(at, extent.end());
    }
    if (region.end() > at) {
      free.add(new Extent(at, region.end() - at));
    }
    return free;
  }

  /** The largest of some extents, the first of them if there are several; an empty one if none. */
  static Extent largest(List<Extent> extents) {
    Extent largest = new Extent(0, 0);
    for (Extent extent : extents) {
      largest = extent.bytes() > largest.bytes() ? extent : largest;
    }
    return largest;
  }

  private static List<Extent> sorted(List<Extent> extents) {
    return extents.stream().sorted(Comparator.comparingLong(Extent::address)).toList();
  }

  /** Recordings that are not within their regions, or lie where another one does. */
  static List<Finding> misplaced(Superblock superblock, List<CatalogueEntry> entries) {
    List<Finding> findings = new ArrayList<>();
    for (CatalogueEntry entry : entries) {
      if (!isInPlace(superblock, entry)) {
        findings.add(Finding.damage(nameOf(entry), "its place is not within the volume's regions"));
      }
    }
    for (Overlap overlap : overlaps(superblock, entries)) {
      Finding finding =
          Finding.damage(
              nameOf(overlap.later),
              overlap.earlier.number() == overlap.later.number()
                  ? "it overlaps with itself"
                  : "it overlaps with " + nameOf(overlap.earlier));
      if (!findings.contains(finding)) {
        findings.add(finding);
      }
    }
    return findings;
  }

  /** Two recordings that have a place in common; perhaps twice the same. */
  record Overlap(CatalogueEntry earlier, CatalogueEntry later) {}

  private record Owned(Extent extent, CatalogueEntry owner) {}

  /**
   * Recordings that lie where another one does: not each pair of many, but none where there is
   * none. By their addresses: each is compared with the one before it that reaches farthest.
   */
  static List<Overlap> overlaps(Superblock superblock, List<CatalogueEntry> entries) {
    List<Owned> owned = new ArrayList<>();
    for (CatalogueEntry entry : entries) {
      if (isInPlace(superblock, entry)) {
        entry.extents().forEach(extent -> owned.add(new Owned(extent, entry)));
        owned.add(new Owned(entry.indexExtent(), entry));
      }
    }
    owned.sort(Comparator.comparingLong(each -> each.extent.address()));
    List<Overlap> overlaps = new ArrayList<>();
    Owned farthest = null;
    for (Owned each : owned) {
      if (each.extent.bytes() == 0) {
        continue;
      }
      if (farthest != null && each.extent.overlaps(farthest.extent)) {
        boolean isLater = farthest.owner.number() > each.owner.number();
        overlaps.add(
            isLater
                ? new Overlap(each.owner, farthest.owner)
                : new Overlap(farthest.owner, each.owner));
      }
      if (farthest == null || each.extent.end() > farthest.extent.end()) {
        farthest = each;
      }
    }
    return overlaps;
  }

  private static String nameOf(CatalogueEntry entry) {
    return "recording '" + entry.name() + "'";
  }

  /** Whether a recording is where recordings may be. */
  static boolean isInPlace(Superblock superblock, CatalogueEntry entry) {
    Extent index = index(superblock);
    return entry.extents().stream().allMatch(extent -> isIn(data(superblock), extent))
        && entry.indexEntries() >= 0
        && entry.indexEntries() <= index.bytes() / IndexEntry.SIZE
        && isIn(index, entry.indexExtent());
  }

  /** Where there is nothing, there is nothing in the wrong place. */
  private static boolean isIn(Extent region, Extent extent) {
    return extent.bytes() == 0
        || (extent.bytes() > 0
            && extent.address() % SealedBlock.SIZE == 0
            && extent.bytes() % SealedBlock.SIZE == 0
            && region.contains(extent));
  }
}
