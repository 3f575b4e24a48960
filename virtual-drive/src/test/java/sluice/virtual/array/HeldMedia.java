package sluice.virtual.array;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import sluice.support.memory.OffHeap;
import sluice.virtual.media.Media;

/** Media that ends what it is asked for when a test says so. It reads at once, and writes late. */
final class HeldMedia implements Media {
  private final MemorySegment bytes;
  private final Map<Integer, Runnable> held = new LinkedHashMap<>();
  private final Map<Integer, Integer> ended = new LinkedHashMap<>();

  /** Whether it is done at once with everything. */
  boolean isPrompt;

  /** What it answers then. */
  int answer;

  int requests;
  RuntimeException failureOfClose;

  HeldMedia(long size) {
    bytes = Arena.ofAuto().allocate(size, 4096);
  }

  /** Fills a range. */
  void set(long offset, long length, int value) {
    bytes.asSlice(offset, length).fill((byte) value);
  }

  private int ask(int tag, Runnable work) {
    requests++;
    if (isPrompt) {
      if (answer == DONE) {
        work.run();
      }
      return answer;
    }
    held.put(tag, work);
    return LATER;
  }

  /** Ends a request. */
  void end(int tag, int status) {
    Runnable work = held.remove(tag);
    if (status == DONE) {
      work.run();
    }
    ended.put(tag, status);
  }

  @Override
  public long size() {
    return bytes.byteSize();
  }

  @Override
  public int readNow(long offset, long address, long length) {
    if (isPrompt) {
      requests++;
      OffHeap.copy(bytes.address() + offset, address, length);
    }
    return isPrompt ? DONE : LATER;
  }

  @Override
  public int writeNow(long offset, long address, long length) {
    if (isPrompt) {
      requests++;
      OffHeap.copy(address, bytes.address() + offset, length);
    }
    return isPrompt ? DONE : LATER;
  }

  @Override
  public int read(long offset, long address, long length, int tag) {
    OffHeap.copy(bytes.address() + offset, address, length);
    return ask(tag, () -> {});
  }

  @Override
  public int write(long offset, long address, long length, int tag) {
    return ask(tag, () -> OffHeap.copy(address, bytes.address() + offset, length));
  }

  @Override
  public int zero(long offset, long length, int tag) {
    return ask(tag, () -> OffHeap.zero(bytes.address() + offset, length));
  }

  @Override
  public int deallocate(long offset, long length, int tag) {
    return zero(offset, length, tag);
  }

  @Override
  public int flush(long offset, long length, int tag) {
    return ask(tag, () -> {});
  }

  @Override
  public int poll(Completions completions) {
    Map<Integer, Integer> now = new LinkedHashMap<>(ended);
    ended.clear();
    now.forEach(completions::completed);
    return now.size();
  }

  @Override
  public void close() {
    if (failureOfClose != null) {
      throw failureOfClose;
    }
  }
}
