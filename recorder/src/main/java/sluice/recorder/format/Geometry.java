package sluice.recorder.format;

import java.util.UUID;

/** How a drive is divided when a layout is made. */
public final class Geometry {
  /** One index entry per 16 KiB of data fills both regions at once. */
  private static final int INDEX_SHARE = 256;

  /**
   * Small drives have more: slow sources, and small ones, need entries by their time and number and
   * not by their bytes.
   */
  private static final int SMALL_INDEX_SHARE = 32;

  private static final long SMALL_INDEX_BYTES = 32 << 20;

  private static final long BYTES_PER_CATALOGUE_ENTRY = 16 << 20;
  private static final int MIN_CATALOGUE_ENTRIES = 16;
  private static final int MAX_CATALOGUE_ENTRIES = 1024;
  private static final int CATALOGUE_ENTRY_LIMIT = 1 << 20;
  private static final long MIN_INDEX_BYTES = 64 << 10;
  private static final long MIN_DATA_BYTES = 1 << 20;

  /** Drives like writes that begin where their own pages and stripes do. */
  private static final long DATA_ALIGNMENT = 128 << 10;

  private Geometry() {}

  /**
   * Plans a layout.
   *
   * @param driveBytes the namespace's size
   * @param catalogueEntries how many recordings there shall be room for; 0 to choose by the size
   * @param indexBytes the index region's size; 0 to choose by the size
   * @throws IllegalArgumentException if the drive is too small; the message says what it needs
   */
  public static Superblock plan(
      UUID volume,
      long createdNanos,
      long driveBytes,
      int blockSize,
      int catalogueEntries,
      long indexBytes) {
    if (catalogueEntries < 0 || catalogueEntries > CATALOGUE_ENTRY_LIMIT) {
      throw new IllegalArgumentException(
          "a catalogue has 1 to %d entries, not %d"
              .formatted(CATALOGUE_ENTRY_LIMIT, catalogueEntries));
    }
    if (indexBytes < 0) {
      throw new IllegalArgumentException("an index of " + indexBytes + " bytes cannot be");
    }
    long bytes = driveBytes / SealedBlock.SIZE * SealedBlock.SIZE;
    int entries = catalogueEntries > 0 ? catalogueEntries : entriesFor(bytes);
    long catalogue = SealedBlock.SIZE;
    long catalogueBytes = (long) SealedBlock.SIZE * entries;
    long index = catalogue + catalogueBytes;
    long indexSize = roundUp(indexBytes > 0 ? indexBytes : indexFor(bytes), SealedBlock.SIZE);
    long data = roundUp(index + indexSize, DATA_ALIGNMENT);
    long minimum = data + MIN_DATA_BYTES + catalogueBytes + SealedBlock.SIZE;
    if (minimum < 0 || bytes < minimum) {
      throw new IllegalArgumentException(
          "the drive has %d bytes, and this layout needs %d at least"
              .formatted(driveBytes, minimum));
    }
    long secondCatalogue = bytes - SealedBlock.SIZE - catalogueBytes;
    return new Superblock(
        volume,
        createdNanos,
        bytes,
        blockSize,
        entries,
        catalogue,
        index,
        indexSize,
        data,
        secondCatalogue - data,
        secondCatalogue);
  }

  private static long indexFor(long bytes) {
    long small = Math.min(bytes / SMALL_INDEX_SHARE, SMALL_INDEX_BYTES);
    return Math.max(MIN_INDEX_BYTES, Math.max(small, bytes / INDEX_SHARE));
  }

  private static int entriesFor(long bytes) {
    return Math.clamp(
        bytes / BYTES_PER_CATALOGUE_ENTRY, MIN_CATALOGUE_ENTRIES, MAX_CATALOGUE_ENTRIES);
  }

  private static long roundUp(long value, long unit) {
    return Math.ceilDiv(value, unit) * unit;
  }
}
