package sluice.recorder.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * A block of 4096 bytes whose 8 sectors each carry a generation and a CRC, so that a write that was
 * cut short can be told from damage (FORMAT.md, "Sealed blocks").
 *
 * <pre>
 *        +-----------------------------------------+------------+--------+
 * sector | payload, 504 bytes                      | generation | crc32c |  x 8
 *        +-----------------------------------------+------------+--------+
 *        0                                         504          508      512
 * </pre>
 */
public final class SealedBlock {
  /** Bytes of a block on the drive. */
  public static final int SIZE = 4096;

  public static final int SECTOR = 512;
  public static final int SECTORS = SIZE / SECTOR;

  /** Payload bytes of a sector, and of the block. */
  public static final int SECTOR_PAYLOAD = 504;

  public static final int PAYLOAD = SECTORS * SECTOR_PAYLOAD;

  private static final int GENERATION = 504;
  private static final int CRC = 508;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** What a block is, as it was found. */
  public enum Condition {
    /** Every sector is right and of one generation. */
    WHOLE,
    /** Never written: all zeros. */
    BLANK,
    /** A write of it was cut short: sectors of different writes, each of them right. */
    TORN,
    /** None of these: not what any write would leave behind. */
    DAMAGED
  }

  private final Condition condition;
  private final int generation;
  private final MemorySegment payload;
  private final boolean firstWrite;

  private SealedBlock(Condition condition, int generation, MemorySegment payload) {
    this(condition, generation, payload, false);
  }

  private SealedBlock(
      Condition condition, int generation, MemorySegment payload, boolean firstWrite) {
    this.firstWrite = firstWrite;
    this.condition = condition;
    this.generation = generation;
    this.payload = payload;
  }

  /**
   * Writes a block.
   *
   * @param payload {@link #PAYLOAD} bytes
   * @param generation 1 or more
   * @param block {@link #SIZE} bytes, as they shall be on the drive
   */
  public static void seal(MemorySegment payload, int generation, MemorySegment block) {
    if (generation < 1) {
      throw new IllegalArgumentException("generation " + generation + " is not 1 or more");
    }
    for (int i = 0; i < SECTORS; i++) {
      MemorySegment sector = block.asSlice((long) i * SECTOR, SECTOR);
      MemorySegment.copy(payload, (long) i * SECTOR_PAYLOAD, sector, 0, SECTOR_PAYLOAD);
      sector.set(INT, GENERATION, generation);
      sector.set(INT, CRC, crc(sector));
    }
  }

  /** Reads a block; its payload is copied, so {@code block} may be reused. */
  public static SealedBlock open(MemorySegment block) {
    MemorySegment payload = Arena.ofAuto().allocate(PAYLOAD, Long.BYTES);
    int generation = 0;
    int blank = 0;
    boolean sameGeneration = true;
    for (int i = 0; i < SECTORS; i++) {
      MemorySegment sector = block.asSlice((long) i * SECTOR, SECTOR);
      if (isZero(sector)) {
        blank++;
        continue;
      }
      int g = sector.get(INT, GENERATION);
      if (sector.get(INT, CRC) != crc(sector) || g < 1) {
        return new SealedBlock(Condition.DAMAGED, 0, null);
      }
      sameGeneration &= generation == 0 || g == generation;
      generation = g;
      MemorySegment.copy(sector, 0, payload, (long) i * SECTOR_PAYLOAD, SECTOR_PAYLOAD);
    }
    if (blank == SECTORS) {
      return new SealedBlock(Condition.BLANK, 0, null);
    }
    if (blank > 0 || !sameGeneration) {
      return new SealedBlock(Condition.TORN, 0, null, blank > 0 && sameGeneration);
    }
    return new SealedBlock(Condition.WHOLE, generation, payload);
  }

  public Condition condition() {
    return condition;
  }

  public boolean isWhole() {
    return condition == Condition.WHOLE;
  }

  /** Whether a torn block was blank before the write that was cut short. */
  public boolean isFirstWrite() {
    return firstWrite;
  }

  /** The generation of a whole block; 0 of any other. */
  public int generation() {
    return generation;
  }

  /** The payload of a whole block; null of any other. */
  public MemorySegment payload() {
    return payload;
  }

  private static int crc(MemorySegment sector) {
    CRC32C crc = new CRC32C();
    crc.update(sector.asSlice(0, CRC).asByteBuffer());
    return (int) crc.getValue();
  }

  private static boolean isZero(MemorySegment sector) {
    for (long i = 0; i < sector.byteSize(); i++) {
      if (sector.get(JAVA_BYTE, i) != 0) {
        return false;
      }
    }
    return true;
  }
}
