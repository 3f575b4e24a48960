package sluice.bench.load;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import sluice.bench.job.DataPattern;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.job.Verification;
import sluice.support.memory.OffHeap;

/**
 * Writes blocks that can be known again, and knows them: by {@link VerifyHeader}s, or by a pattern
 * that is all there is. Used by one thread.
 */
public final class BlockCheck {
  /** For {@link #check}: which I/O wrote the block is not known. */
  public static final long ANY_NUMBER = -1;

  private final Verification kind;
  private final int interval;
  private final PatternFiller pattern;
  private final RandomNumbers random = new RandomNumbers(0);
  private final CRC32C crc = new CRC32C();
  private final MemorySegment scratch;
  private long blocks;
  private String difference = "";

  /**
   * @param job with a verification other than none
   */
  public BlockCheck(JobOptions job) {
    kind = job.get(Options.VERIFY);
    interval = interval(job);
    if (kind.hasHeader() && (interval < VerifyHeader.BYTES || interval % Long.BYTES != 0)) {
      throw new IllegalArgumentException(
          "blocks of %d bytes have no room for a header of %d"
              .formatted(interval, VerifyHeader.BYTES));
    }
    DataPattern given = job.get(Options.VERIFY_PATTERN);
    pattern = given == null ? null : new PatternFiller(given);
    scratch = Arena.ofAuto().allocate(interval, Long.BYTES);
  }

  /** How long the pieces are that are checked by themselves: each I/O is made of whole ones. */
  private static int interval(JobOptions job) {
    int asked = job.get(Options.VERIFY_INTERVAL);
    return asked == 0
        ? job.leastBlock()
        : job.directions().stream()
            .map(way -> BigInteger.valueOf(job.blockSizes().of(way).least()))
            .reduce(BigInteger.valueOf(asked), BigInteger::gcd)
            .intValueExact();
  }

  /** How many blocks were checked. */
  public long blocks() {
    return blocks;
  }

  /** What the last check found, in a line; for after it has found something. */
  public String difference() {
    return difference;
  }

  /**
   * Makes what a write writes.
   *
   * @param buffer the memory
   * @param length bytes, a multiple of the interval
   * @param driveOffset where on the drive it goes
   * @param number of the I/O
   */
  public void write(ByteBuffer buffer, long address, int length, long driveOffset, long number) {
    for (int at = 0; at < length; at += interval) {
      int bytes = Math.min(interval, length - at);
      writeBlock(buffer, at, address + at, bytes, driveOffset + at, number);
    }
  }

  private void writeBlock(
      ByteBuffer buffer, int at, long address, int bytes, long driveOffset, long number) {
    if (kind == Verification.PATTERN) {
      pattern.fill(address, bytes, driveOffset);
      return;
    }
    long data = address + VerifyHeader.BYTES;
    int dataBytes = bytes - VerifyHeader.BYTES;
    long seed = VerifyHeader.seedOf(driveOffset, number);
    if (pattern != null) {
      pattern.fill(data, dataBytes, driveOffset);
    } else {
      random.seed(seed);
      for (long i = 0; i + Long.BYTES <= dataBytes; i += Long.BYTES) {
        OffHeap.putLong(data + i, random.nextLong());
      }
    }
    VerifyHeader.magic(address, VerifyHeader.MAGIC);
    VerifyHeader.offset(address, driveOffset);
    VerifyHeader.number(address, number);
    VerifyHeader.seed(address, seed);
    VerifyHeader.length(address, bytes);
    int dataCrc = kind == Verification.CRC32C ? crc(buffer, at + VerifyHeader.BYTES, dataBytes) : 0;
    VerifyHeader.dataCrc(address, dataCrc);
    VerifyHeader.headerCrc(address, crc(buffer, at, VerifyHeader.CHECKED_BYTES));
  }

  private int crc(ByteBuffer buffer, int from, int bytes) {
    buffer.limit(from + bytes).position(from);
    crc.reset();
    crc.update(buffer);
    buffer.clear();
    return (int) crc.getValue();
  }

  /**
   * Checks what a read has read.
   *
   * @param number of the I/O that wrote it or an earlier one; {@link #ANY_NUMBER} if not known
   * @return how many blocks are not as they should be; {@link #difference} tells the first
   */
  public int check(ByteBuffer buffer, long address, int length, long driveOffset, long number) {
    int bad = 0;
    for (int at = 0; at < length; at += interval) {
      int bytes = Math.min(interval, length - at);
      blocks++;
      if (!isGood(buffer, at, address + at, bytes, driveOffset + at, number)) {
        if (bad++ == 0) {
          difference = describe(address + at, bytes, driveOffset + at, number);
        }
      }
    }
    return bad;
  }

  private boolean isGood(
      ByteBuffer buffer, int at, long address, int bytes, long driveOffset, long number) {
    if (kind == Verification.PATTERN) {
      pattern.fill(scratch.address(), bytes, driveOffset);
      return OffHeap.isEqual(scratch.address(), address, bytes);
    }
    return VerifyHeader.magic(address) == VerifyHeader.MAGIC
        && VerifyHeader.headerCrc(address) == crc(buffer, at, VerifyHeader.CHECKED_BYTES)
        && VerifyHeader.offset(address) == driveOffset
        && VerifyHeader.length(address) == bytes
        && VerifyHeader.number(address) >= number
        && (kind != Verification.CRC32C
            || VerifyHeader.dataCrc(address)
                == crc(buffer, at + VerifyHeader.BYTES, bytes - VerifyHeader.BYTES));
  }

  /** Makes the block that should be there, and looks where it differs. */
  private String describe(long address, int bytes, long driveOffset, long number) {
    long expected = scratch.address();
    if (kind == Verification.PATTERN) {
      return difference(expected, address, bytes, driveOffset);
    }
    long stored = VerifyHeader.number(address);
    long fromSeed = VerifyHeader.numberOf(driveOffset, VerifyHeader.seed(address));
    long best = stored;
    int least = Integer.MAX_VALUE;
    // Which I/O wrote it stands there twice: the one of which more is there is believed.
    for (long candidate : new long[] {stored, fromSeed, Math.max(0, number)}) {
      make(bytes, driveOffset, candidate);
      int differences = differences(expected, address, bytes);
      if (differences < least) {
        least = differences;
        best = candidate;
      }
    }
    make(bytes, driveOffset, best);
    if (least == 0 && best < number) {
      return "block of %d bytes at byte %d: holds what I/O %d wrote, though I/O %d wrote it later"
          .formatted(bytes, driveOffset, best, number);
    }
    return difference(expected, address, bytes, driveOffset);
  }

  private void make(int bytes, long driveOffset, long number) {
    ByteBuffer buffer = scratch.asByteBuffer();
    writeBlock(buffer, 0, scratch.address(), bytes, driveOffset, number);
  }

  private int compared(int bytes) {
    return kind == Verification.META ? VerifyHeader.BYTES : bytes;
  }

  private int differences(long expected, long found, int bytes) {
    int count = 0;
    for (int i = 0; i < compared(bytes); i++) {
      count += OffHeap.getByte(expected + i) == OffHeap.getByte(found + i) ? 0 : 1;
    }
    return count;
  }

  private String difference(long expected, long found, int bytes, long driveOffset) {
    int first = 0;
    while (first < compared(bytes) - 1
        && OffHeap.getByte(expected + first) == OffHeap.getByte(found + first)) {
      first++;
    }
    String known =
        kind.hasHeader() && VerifyHeader.magic(found) != VerifyHeader.MAGIC && first == 0
            ? "; it does not begin as a block of a verified write does"
            : "";
    return "byte %d: expected 0x%02x, found 0x%02x (%d of the %d bytes at %d differ)%s"
        .formatted(
            driveOffset + first,
            OffHeap.getByte(expected + first) & 0xff,
            OffHeap.getByte(found + first) & 0xff,
            differences(expected, found, bytes),
            bytes,
            driveOffset,
            known);
  }
}
