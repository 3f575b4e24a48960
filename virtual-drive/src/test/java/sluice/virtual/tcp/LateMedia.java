package sluice.virtual.tcp;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import sluice.nvme.spec.StatusCode;
import sluice.support.memory.OffHeap;
import sluice.virtual.media.Media;

/**
 * Media that does what it is asked at once or later, in any order, and fails now and then. Each
 * block has always the same bytes: what is read is known, and what is written is checked, at the
 * last moment.
 */
final class LateMedia implements Media {
  private record Request(Runnable work, int tag) {}

  private final Random random;
  private final long size;
  private final List<Request> out = new ArrayList<>();

  /** Whether nothing ends. */
  boolean isStuck;

  LateMedia(Random random, long size) {
    this.random = random;
    this.size = size;
  }

  /** What is at an offset, of whole words. */
  static long word(long offset) {
    return offset * 0x9e37_79b9_7f4a_7c15L + 1;
  }

  private static void fill(long offset, long address, long length) {
    for (long at = 0; at < length; at += Long.BYTES) {
      OffHeap.putLong(address + at, word(offset + at));
    }
  }

  private static void check(long offset, long address, long length) {
    for (long at = 0; at < length; at += Long.BYTES) {
      if (OffHeap.getLong(address + at) != word(offset + at)) {
        throw new AssertionError("other data is written at " + (offset + at));
      }
    }
  }

  private int ask(Runnable work, int tag) {
    switch (random.nextInt(8)) {
      case 0 -> {
        work.run();
        return DONE;
      }
      case 1 -> {
        if (random.nextInt(20) == 0) {
          return StatusCode.UNRECOVERED_READ_ERROR.status();
        }
      }
      default -> {}
    }
    out.add(new Request(work, tag));
    return LATER;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int readNow(long offset, long address, long length) {
    if (random.nextInt(3) > 0) {
      return LATER;
    }
    fill(offset, address, length);
    return DONE;
  }

  @Override
  public int writeNow(long offset, long address, long length) {
    if (random.nextInt(3) > 0) {
      return LATER;
    }
    check(offset, address, length);
    return DONE;
  }

  @Override
  public int read(long offset, long address, long length, int tag) {
    return ask(() -> fill(offset, address, length), tag);
  }

  @Override
  public int write(long offset, long address, long length, int tag) {
    return ask(() -> check(offset, address, length), tag);
  }

  @Override
  public int zero(long offset, long length, int tag) {
    return ask(() -> {}, tag);
  }

  @Override
  public int deallocate(long offset, long length, int tag) {
    return ask(() -> {}, tag);
  }

  @Override
  public int flush(long offset, long length, int tag) {
    return ask(() -> {}, tag);
  }

  @Override
  public int poll(Completions completions) {
    int count = isStuck || out.isEmpty() ? 0 : random.nextInt(Math.min(out.size(), 6) + 1);
    for (int i = 0; i < count; i++) {
      Request request = out.remove(random.nextInt(out.size()));
      request.work.run();
      boolean isGood = random.nextInt(100) > 0;
      completions.completed(
          request.tag, isGood ? DONE : StatusCode.UNRECOVERED_READ_ERROR.status());
    }
    return count;
  }

  /** How much is under way. */
  int out() {
    return out.size();
  }

  @Override
  public void close() {
    // Nothing is kept.
  }
}
