package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import sluice.nvme.spec.StatusCode;
import sluice.support.memory.OffHeap;
import sluice.virtual.media.Media;

/**
 * Media that does what it is asked at once, later in any order, or not before it is told to; and
 * moves the bytes at the last moment, so that memory that is not the media's any more shows.
 */
final class FakeMedia implements Media {
  private final SplittableRandom random;
  private final MemorySegment bytes;
  private final MemorySegment host;
  private final List<Request> out = new ArrayList<>();
  private final Set<Integer> tags = new HashSet<>();

  /** Whether some requests do not end. */
  boolean isStuck;

  int failures;

  private record Request(Runnable work, int tag, boolean isStuck) {}

  /**
   * @param host memory that must never be named for later
   */
  FakeMedia(SplittableRandom random, long size, MemorySegment host) {
    this.random = random;
    this.bytes = Arena.ofAuto().allocate(size, 4096);
    this.host = host;
  }

  private long at(long offset, long length) {
    assertThat(offset).isNotNegative();
    assertThat(offset + length).isLessThanOrEqualTo(bytes.byteSize());
    return bytes.address() + offset;
  }

  private int ask(Runnable work, int tag) {
    int answer = random.nextInt(8);
    if (answer < 2) {
      work.run();
      return DONE;
    }
    if (answer == 2 && random.nextInt(10) == 0) {
      failures++;
      return StatusCode.WRITE_FAULT.status();
    }
    assertThat(tags.add(tag)).as("tag %d is used twice", tag).isTrue();
    out.add(new Request(work, tag, isStuck && random.nextInt(20) == 0));
    return LATER;
  }

  private void checkOwn(long address, long length) {
    boolean isHosts =
        address < host.address() + host.byteSize() && host.address() < address + length;
    assertThat(isHosts).as("memory of a host, for later").isFalse();
  }

  @Override
  public long size() {
    return bytes.byteSize();
  }

  @Override
  public int readNow(long offset, long address, long length) {
    if (random.nextInt(3) > 0) {
      return LATER;
    }
    OffHeap.copy(at(offset, length), address, length);
    return DONE;
  }

  @Override
  public int writeNow(long offset, long address, long length) {
    if (random.nextInt(3) > 0) {
      return LATER;
    }
    OffHeap.copy(address, at(offset, length), length);
    return DONE;
  }

  @Override
  public int read(long offset, long address, long length, int tag) {
    checkOwn(address, length);
    return ask(() -> OffHeap.copy(at(offset, length), address, length), tag);
  }

  @Override
  public int write(long offset, long address, long length, int tag) {
    checkOwn(address, length);
    return ask(() -> OffHeap.copy(address, at(offset, length), length), tag);
  }

  @Override
  public int zero(long offset, long length, int tag) {
    return ask(() -> OffHeap.zero(at(offset, length), length), tag);
  }

  @Override
  public int deallocate(long offset, long length, int tag) {
    return zero(offset, length, tag);
  }

  @Override
  public int flush(long offset, long length, int tag) {
    return ask(() -> {}, tag);
  }

  /** How much is under way. */
  int out() {
    return out.size();
  }

  @Override
  public int poll(Completions completions) {
    int count = out.isEmpty() ? 0 : random.nextInt(Math.min(out.size(), 6) + 1);
    int ended = 0;
    for (int i = 0; i < count && !out.isEmpty(); i++) {
      int at = random.nextInt(out.size());
      if (out.get(at).isStuck && isStuck) {
        continue;
      }
      Request request = out.remove(at);
      tags.remove(request.tag);
      ended++;
      if (random.nextInt(50) == 0) {
        failures++;
        completions.completed(request.tag, StatusCode.UNRECOVERED_READ_ERROR.status());
      } else {
        request.work.run();
        completions.completed(request.tag, DONE);
      }
    }
    return ended;
  }

  @Override
  public void close() {}
}
