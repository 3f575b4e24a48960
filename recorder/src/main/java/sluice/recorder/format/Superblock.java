package sluice.recorder.format;

import java.lang.foreign.MemorySegment;
import java.util.UUID;

/**
 * What a volume is and where its regions are (FORMAT.md, "Superblock"). Copy A is at address 0,
 * copy B in the last block of the layout.
 *
 * <pre>
 *   0  "SLUICVOL"
 *   8  version u32        | copy u32
 *  16  volume uuid
 *  32  created i64 ns     | drive bytes u64
 *  48  features u64       | block size u32, catalogue entries u32
 *  64  catalogue address  | index address
 *  80  index bytes        | data address
 *  96  data bytes         | second catalogue address
 * 112  zero to the end
 * </pre>
 *
 * @param volume the volume's own name
 * @param createdNanos nanoseconds since the epoch
 * @param driveBytes bytes that the layout covers
 * @param blockSize bytes of a logical block when it was made, for information
 * @param catalogueEntries recordings that the catalogue has room for
 * @param catalogueAddress of the first copies of its entries; bytes, as are all below
 * @param secondCatalogueAddress of the second copies, far from the first ones
 */
public record Superblock(
    UUID volume,
    long createdNanos,
    long driveBytes,
    int blockSize,
    int catalogueEntries,
    long catalogueAddress,
    long indexAddress,
    long indexBytes,
    long dataAddress,
    long dataBytes,
    long secondCatalogueAddress) {

  public static final String MAGIC = "SLUICVOL";
  public static final int VERSION = 1;

  /** The generation of both copies: a superblock is written once. */
  public static final int GENERATION = 1;

  private static final int VERSION_AT = 8;
  private static final int COPY = 12;
  private static final int VOLUME = 16;
  private static final int CREATED = 32;
  private static final int DRIVE_BYTES = 40;
  private static final int FEATURES = 48;
  private static final int BLOCK_SIZE = 56;
  private static final int CATALOGUE_ENTRIES = 60;
  private static final int CATALOGUE_ADDRESS = 64;
  private static final int INDEX_ADDRESS = 72;
  private static final int INDEX_BYTES = 80;
  private static final int DATA_ADDRESS = 88;
  private static final int DATA_BYTES = 96;
  private static final int SECOND_CATALOGUE_ADDRESS = 104;

  /** Where a copy belongs, in bytes. */
  public long addressOf(int copy) {
    return copy == 0 ? 0 : driveBytes - SealedBlock.SIZE;
  }

  /** Bytes of the catalogue's first or second copies: one of each entry. */
  public long catalogueBytes() {
    return (long) SealedBlock.SIZE * catalogueEntries;
  }

  /** Where a copy (0 or 1) of an entry of the catalogue is. */
  public long catalogueAddress(int number, int copy) {
    return (copy == 0 ? catalogueAddress : secondCatalogueAddress)
        + (long) number * SealedBlock.SIZE;
  }

  /** Writes the payload of a copy (0 for A, 1 for B) into zeroed memory. */
  public void encode(MemorySegment payload, int copy) {
    Fields.magic(payload, MAGIC);
    Fields.u32(payload, VERSION_AT, VERSION);
    Fields.u32(payload, COPY, copy);
    Fields.uuid(payload, VOLUME, volume);
    Fields.u64(payload, CREATED, createdNanos);
    Fields.u64(payload, DRIVE_BYTES, driveBytes);
    Fields.u32(payload, BLOCK_SIZE, blockSize);
    Fields.u32(payload, CATALOGUE_ENTRIES, catalogueEntries);
    Fields.u64(payload, CATALOGUE_ADDRESS, catalogueAddress);
    Fields.u64(payload, INDEX_ADDRESS, indexAddress);
    Fields.u64(payload, INDEX_BYTES, indexBytes);
    Fields.u64(payload, DATA_ADDRESS, dataAddress);
    Fields.u64(payload, DATA_BYTES, dataBytes);
    Fields.u64(payload, SECOND_CATALOGUE_ADDRESS, secondCatalogueAddress);
  }

  /**
   * Reads the payload of a copy.
   *
   * @throws FormatException if it is none, of another version, or says what cannot be
   */
  public static Superblock decode(MemorySegment payload, int copy) {
    if (!Fields.magic(payload).equals(MAGIC)) {
      throw new FormatException("this is no superblock of a recorder's layout");
    }
    int version = Fields.u32(payload, VERSION_AT);
    if (version != VERSION) {
      throw new FormatException(
          "the layout is of version " + version + ", and this program knows version " + VERSION);
    }
    long features = Fields.u64(payload, FEATURES);
    if (features != 0) {
      throw new FormatException(
          "the layout has features that this program does not know: 0x%x".formatted(features));
    }
    if (Fields.u32(payload, COPY) != copy) {
      throw new FormatException("superblock copy " + "AB".charAt(copy) + " is not in its place");
    }
    Superblock superblock =
        new Superblock(
            Fields.uuid(payload, VOLUME),
            Fields.u64(payload, CREATED),
            Fields.u64(payload, DRIVE_BYTES),
            Fields.u32(payload, BLOCK_SIZE),
            Fields.u32(payload, CATALOGUE_ENTRIES),
            Fields.u64(payload, CATALOGUE_ADDRESS),
            Fields.u64(payload, INDEX_ADDRESS),
            Fields.u64(payload, INDEX_BYTES),
            Fields.u64(payload, DATA_ADDRESS),
            Fields.u64(payload, DATA_BYTES),
            Fields.u64(payload, SECOND_CATALOGUE_ADDRESS));
    if (!superblock.isSound()) {
      throw new FormatException("the superblock's regions overlap or leave the drive");
    }
    return superblock;
  }

  private boolean isSound() {
    return isMultiple(driveBytes)
        && isMultiple(catalogueAddress)
        && isMultiple(indexAddress)
        && isMultiple(indexBytes)
        && isMultiple(dataAddress)
        && isMultiple(dataBytes)
        && isMultiple(secondCatalogueAddress)
        && catalogueEntries > 0
        && catalogueAddress >= SealedBlock.SIZE
        && isWithin(catalogueAddress, catalogueBytes(), indexAddress)
        && isWithin(indexAddress, indexBytes, dataAddress)
        && isWithin(dataAddress, dataBytes, secondCatalogueAddress)
        && isWithin(secondCatalogueAddress, catalogueBytes(), driveBytes - SealedBlock.SIZE);
  }

  private static boolean isMultiple(long value) {
    return value > 0 && value % SealedBlock.SIZE == 0;
  }

  private static boolean isWithin(long address, long bytes, long limit) {
    return bytes <= limit && address <= limit - bytes;
  }
}
