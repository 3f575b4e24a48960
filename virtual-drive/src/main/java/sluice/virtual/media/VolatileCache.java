package sluice.virtual.media;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import sluice.support.memory.OffHeap;

/**
 * A drive's volatile write cache, made visible: what was written and not flushed is kept apart from
 * the media, and is lost when the power is cut, but for what happens to have landed.
 *
 * <p>For tests of programs that must survive that; it is slow and allocates. Blocks are written
 * whole or not at all (an AWUPF of one block), each for itself, so that a command can be torn
 * between its blocks and later writes can land before earlier ones.
 */
public final class VolatileCache implements Backend {
  private final Backend media;
  private final int blockBytes;

  /** All that was written since it was last flushed, in order. */
  private List<Write> writes = new ArrayList<>();

  private final Map<Long, Write> newest = new HashMap<>();
  private boolean isCut;

  /** One block's write; no data means zeros. */
  private record Write(long block, MemorySegment data) {}

  /**
   * @param media where flushed blocks go
   * @param blockBytes bytes in a logical block
   */
  public VolatileCache(Backend media, int blockBytes) {
    this.media = media;
    this.blockBytes = blockBytes;
  }

  @Override
  public long size() {
    return media.size();
  }

  /** How many block writes are in the cache. */
  public int unflushed() {
    return writes.size();
  }

  @Override
  public void read(long offset, long address, long length) {
    media.read(offset, address, length);
    for (long done = 0; done < length; done += blockBytes) {
      Write write = newest.get((offset + done) / blockBytes);
      if (write != null) {
        copy(write, address + done);
      }
    }
  }

  private void copy(Write write, long to) {
    if (write.data == null) {
      OffHeap.zero(to, blockBytes);
    } else {
      OffHeap.copy(write.data.address(), to, blockBytes);
    }
  }

  @Override
  public void write(long offset, long address, long length) {
    checkBlocks(offset, length);
    MemorySegment data = Arena.ofAuto().allocate(length);
    OffHeap.copy(address, data.address(), length);
    for (long done = 0; done < length; done += blockBytes) {
      add((offset + done) / blockBytes, data.asSlice(done, blockBytes));
    }
  }

  @Override
  public void zero(long offset, long length) {
    checkBlocks(offset, length);
    for (long done = 0; done < length; done += blockBytes) {
      add((offset + done) / blockBytes, null);
    }
  }

  private void checkBlocks(long offset, long length) {
    Backend.checkRange(offset, length, size());
    if (offset % blockBytes != 0 || length % blockBytes != 0) {
      throw new IllegalArgumentException(length + " bytes at " + offset + " are not whole blocks");
    }
  }

  private void add(long block, MemorySegment data) {
    Write write = new Write(block, data);
    writes.add(write);
    newest.put(block, write);
  }

  /** Moves the blocks of a range to the media, and no others. */
  @Override
  public long requestFlush(long offset, long length) {
    long first = offset / blockBytes;
    long behind = Math.ceilDiv(offset + length, (long) blockBytes);
    List<Write> rest = new ArrayList<>();
    for (Write write : writes) {
      if (write.block >= first && write.block < behind) {
        land(write);
        newest.remove(write.block);
      } else {
        rest.add(write);
      }
    }
    writes = rest;
    return media.requestFlush(offset, length);
  }

  private void land(Write write) {
    long offset = write.block * blockBytes;
    if (write.data == null) {
      media.zero(offset, blockBytes);
    } else {
      media.write(offset, write.data.address(), blockBytes);
    }
  }

  @Override
  public long flushed() {
    return media.flushed();
  }

  @Override
  public RuntimeException flushFailure() {
    return media.flushFailure();
  }

  /**
   * Cuts the power: a random part of what was not flushed lands, from nothing to everything, and
   * the rest is lost. The cache is of no use after that, and the media the caller's.
   *
   * @param seed of what lands
   * @return the media with the bytes that survived
   */
  public Backend cut(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    // Nothing and everything are cases of their own, which a plain chance would hardly ever meet.
    double chance = Math.clamp(random.nextDouble(-0.25, 1.25), 0, 1);
    for (Write write : writes) {
      if (random.nextDouble() < chance) {
        land(write);
      }
    }
    writes.clear();
    newest.clear();
    isCut = true;
    return media;
  }

  /**
   * Flushes, unless the power was cut: a drive that is switched off in good order loses nothing.
   */
  @Override
  public void close() {
    if (!isCut) {
      requestFlush(0, size());
      media.close();
    }
  }
}
