package sluice.recorder;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.IndexEntry;
import sluice.recorder.format.SealedBlock;
import sluice.recorder.format.Superblock;

/**
 * Changes the image of a volume: as failing drives and stray writes do, and as somebody does who
 * knows the format, with right checksums and chains.
 */
final class ImageMutator {
  private static final int CHAIN_IN_ENTRY = 112;
  private static final int ENTRY_FIELDS = 28;
  private static final int SUPERBLOCK_FIELDS = 13;

  private final MemorySegment image;
  private final Superblock layout;
  private final List<CatalogueEntry> entries;
  private final SplittableRandom random;
  private final StringBuilder what = new StringBuilder();
  private boolean forged;

  /**
   * @param entries the recordings as they are in the image
   */
  ImageMutator(
      MemorySegment image,
      Superblock layout,
      List<CatalogueEntry> entries,
      SplittableRandom random) {
    this.image = image;
    this.layout = layout;
    this.entries = entries;
    this.random = random;
  }

  /** Whether somebody did it who knows how. */
  boolean isForged() {
    return forged;
  }

  /** What was done, for people. */
  @Override
  public String toString() {
    return what.toString();
  }

  void mutate() {
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      switch (random.nextInt(14)) {
        case 0 -> flipBit();
        case 1 -> changeWord();
        case 2 -> zero(SealedBlock.SECTOR);
        case 3 -> zero(SealedBlock.SIZE);
        case 4 -> copy(SealedBlock.SIZE);
        case 5 -> copy(SealedBlock.SECTOR);
        case 6 -> changeByteAnywhere();
        case 7 -> forgeSuperblock();
        case 8, 9 -> forgeCatalogue();
        case 10, 11, 12 -> forgeIndex();
        default -> forgeTwin();
      }
    }
  }

  private long metadata(int unit) {
    return random.nextLong(layout.dataAddress() / unit) * unit;
  }

  private CatalogueEntry anyEntry() {
    return entries.get(random.nextInt(entries.size()));
  }

  private void note(String text) {
    what.append(text).append("; ");
  }

  private void flipBit() {
    long at = metadata(1);
    image.set(JAVA_BYTE, at, (byte) (image.get(JAVA_BYTE, at) ^ 1 << random.nextInt(8)));
    note("a bit at %d".formatted(at));
  }

  private void changeWord() {
    long at = metadata(Long.BYTES);
    image.set(JAVA_LONG_UNALIGNED, at, interesting(random, image.get(JAVA_LONG_UNALIGNED, at)));
    note("the word at %d".formatted(at));
  }

  private void zero(int bytes) {
    long at = metadata(bytes);
    image.asSlice(at, bytes).fill((byte) 0);
    note("%d zeros at %d".formatted(bytes, at));
  }

  private void copy(int bytes) {
    long from = metadata(bytes);
    long to = metadata(bytes);
    MemorySegment.copy(image, from, image, to, bytes);
    note("%d bytes from %d to %d".formatted(bytes, from, to));
  }

  private void changeByteAnywhere() {
    long at = random.nextLong(image.byteSize());
    image.set(JAVA_BYTE, at, (byte) random.nextInt());
    note("the byte at %d".formatted(at));
  }

  /** A value that a program may not have thought of. */
  private static long interesting(SplittableRandom random, long old) {
    return switch (random.nextInt(16)) {
      case 0 -> 0;
      case 1 -> -1;
      case 2 -> Long.MAX_VALUE;
      case 3 -> Long.MIN_VALUE;
      case 4 -> old + 1;
      case 5 -> old - 1;
      case 6 -> old + SealedBlock.SIZE;
      case 7 -> old - SealedBlock.SIZE;
      case 8 -> 1L << random.nextInt(63);
      case 9 -> random.nextLong();
      case 10 -> Integer.MAX_VALUE;
      case 11 -> old ^ 1L << random.nextInt(64);
      case 12 -> old * 2;
      case 13 -> random.nextLong(8 << 20) & -SealedBlock.SIZE;
      default -> random.nextLong(8 << 20);
    };
  }

  private MemorySegment payload(long address) {
    MemorySegment payload = Arena.ofAuto().allocate(SealedBlock.PAYLOAD, Long.BYTES);
    for (int i = 0; i < SealedBlock.SECTORS; i++) {
      MemorySegment.copy(
          image,
          address + (long) i * SealedBlock.SECTOR,
          payload,
          (long) i * SealedBlock.SECTOR_PAYLOAD,
          SealedBlock.SECTOR_PAYLOAD);
    }
    return payload;
  }

  private int generation(long address) {
    return image.get(JAVA_INT_UNALIGNED, address + SealedBlock.SECTOR_PAYLOAD);
  }

  private void seal(long address, MemorySegment payload, int generation) {
    SealedBlock.seal(payload, Math.max(1, generation), image.asSlice(address, SealedBlock.SIZE));
  }

  /** Sets the same field of one copy or of both. */
  private void forge(long first, long second, int offset, boolean isShort) {
    int which = random.nextInt(3);
    long seed = random.nextLong();
    for (int copy = 0; copy < 2; copy++) {
      if (which == copy || which == 2) {
        long address = copy == 0 ? first : second;
        MemorySegment payload = payload(address);
        SplittableRandom same = new SplittableRandom(seed);
        if (isShort) {
          int old = payload.get(JAVA_INT_UNALIGNED, offset);
          payload.set(JAVA_INT_UNALIGNED, offset, (int) interesting(same, old));
        } else {
          long old = payload.get(JAVA_LONG_UNALIGNED, offset);
          payload.set(JAVA_LONG_UNALIGNED, offset, interesting(same, old));
        }
        seal(address, payload, generation(address));
      }
    }
    forged = true;
    note("offset %d of copy %s".formatted(offset, which == 2 ? "0 and 1" : which));
  }

  private void forgeSuperblock() {
    note("superblock:");
    forge(
        layout.addressOf(0),
        layout.addressOf(1),
        random.nextInt(SUPERBLOCK_FIELDS) * Long.BYTES,
        false);
  }

  private void forgeCatalogue() {
    CatalogueEntry entry = anyEntry();
    boolean isShort = random.nextBoolean();
    int offset =
        (random.nextInt(4) == 0 ? random.nextInt(500) : random.nextInt(ENTRY_FIELDS)) * Long.BYTES;
    note("entry of '%s':".formatted(entry.name()));
    forge(
        layout.catalogueAddress(entry.number(), 0),
        layout.catalogueAddress(entry.number(), 1),
        isShort && random.nextBoolean() ? offset + Integer.BYTES : offset,
        isShort);
  }

  private void forgeIndex() {
    CatalogueEntry entry = anyEntry();
    long written = Math.min(entry.indexEntries(), 60);
    if (written == 0) {
      return;
    }
    long address = entry.indexAddress() + random.nextLong(written) * IndexEntry.SIZE;
    long field = address + (1 + random.nextInt(7)) * (long) Long.BYTES;
    image.set(
        JAVA_LONG_UNALIGNED, field, interesting(random, image.get(JAVA_LONG_UNALIGNED, field)));
    int how = random.nextInt(3);
    if (how == 0) {
      seal(address);
    } else {
      chain(entry, how == 2);
    }
    forged = true;
    note(
        "index of '%s' at %d, %s"
            .formatted(
                entry.name(),
                field,
                how == 0 ? "checksum" : how == 1 ? "chain" : "chain, as the catalogue tells"));
  }

  private static int crc(MemorySegment bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.asByteBuffer());
    return (int) crc.getValue();
  }

  private void seal(long entry) {
    image.set(JAVA_INT_UNALIGNED, entry, crc(image.asSlice(entry + 4, IndexEntry.SIZE - 4)));
  }

  private void chain(CatalogueEntry recording, boolean inCatalogue) {
    int chain = 0;
    MemorySegment chained = Arena.ofAuto().allocate(IndexEntry.SIZE - 4);
    for (long i = 0; i < Math.min(recording.indexEntries(), 400); i++) {
      long entry = recording.indexAddress() + i * IndexEntry.SIZE;
      chained.set(JAVA_INT_UNALIGNED, 0, chain);
      MemorySegment.copy(image, entry + 4, chained, 4, IndexEntry.SIZE - 8);
      chain = crc(chained);
      image.set(JAVA_INT_UNALIGNED, entry + IndexEntry.SIZE - 4, chain);
      seal(entry);
    }
    for (int copy = 0; inCatalogue && copy < 2; copy++) {
      long address = layout.catalogueAddress(recording.number(), copy);
      MemorySegment payload = payload(address);
      payload.set(JAVA_INT_UNALIGNED, CHAIN_IN_ENTRY, chain);
      seal(address, payload, generation(address));
    }
  }

  /** An entry of the catalogue in the place of another, or of itself. */
  private void forgeTwin() {
    CatalogueEntry from = anyEntry();
    CatalogueEntry to = anyEntry();
    for (int copy = 0; copy < 2; copy++) {
      MemorySegment payload = payload(layout.catalogueAddress(from.number(), copy));
      payload.set(JAVA_INT_UNALIGNED, 8, to.number());
      long address = layout.catalogueAddress(to.number(), copy);
      seal(address, payload, generation(address));
    }
    forged = true;
    note("entry of '%s' over that of '%s'".formatted(from.name(), to.name()));
  }
}
