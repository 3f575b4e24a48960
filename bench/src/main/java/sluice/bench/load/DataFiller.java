package sluice.bench.load;

import sluice.bench.job.DataPattern;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.support.memory.OffHeap;

/** What writes write when nobody verifies it: noise, zeros, a pattern, or some of each. */
public final class DataFiller {
  private static final int SECTOR = 512;

  private final RandomNumbers random;
  private final DataPattern pattern;
  private final PatternFiller patternFiller;
  private final boolean zeros;
  private final boolean refills;
  private final boolean scrambles;
  private final double compressible;
  private final int chunk;

  public DataFiller(JobOptions job, long seed) {
    random = new RandomNumbers(seed);
    pattern = job.get(Options.BUFFER_PATTERN);
    patternFiller = pattern == null ? null : new PatternFiller(pattern);
    zeros = job.get(Options.ZERO_BUFFERS);
    refills = job.get(Options.REFILL_BUFFERS);
    compressible = job.get(Options.BUFFER_COMPRESS_PERCENTAGE);
    chunk = job.get(Options.BUFFER_COMPRESS_CHUNK) / Long.BYTES * Long.BYTES;
    scrambles = job.get(Options.SCRAMBLE_BUFFERS) && !zeros && !refills && pattern == null;
  }

  /**
   * Fills a new buffer.
   *
   * @param address a multiple of 8
   * @param length a multiple of 8
   */
  public void fill(long address, long length) {
    if (zeros) {
      OffHeap.zero(address, length);
    } else if (compressible > 0) {
      fillCompressible(address, length);
    } else if (pattern != null) {
      patternFiller.fill(address, length, 0);
    } else {
      noise(address, length);
    }
  }

  /** Makes a buffer ready for the next write of so many bytes. */
  public void prepare(long address, int length, long driveOffset) {
    if (patternFiller != null && patternFiller.hasOffsets() && compressible == 0 && !zeros) {
      patternFiller.fill(address, length, driveOffset);
    } else if (refills) {
      fill(address, length);
    } else if (scrambles) {
      // No two blocks alike, for drives that would notice.
      for (long at = 0; at + SECTOR <= length; at += SECTOR) {
        OffHeap.putLong(address + at, random.nextLong());
      }
    }
  }

  /** Of each chunk, a part is the pattern or zeros, and the rest noise. */
  private void fillCompressible(long address, long length) {
    for (long at = 0; at < length; at += chunk) {
      long bytes = Math.min(chunk, length - at);
      long plain = (long) (bytes * compressible) / Long.BYTES * Long.BYTES;
      noise(address + at, bytes - plain);
      long from = address + at + bytes - plain;
      if (pattern == null) {
        OffHeap.zero(from, plain);
      } else {
        patternFiller.fill(from, plain, 0);
      }
    }
  }

  private void noise(long address, long length) {
    for (long at = 0; at < length; at += Long.BYTES) {
      OffHeap.putLong(address + at, random.nextLong());
    }
  }
}
