package sluice.virtual.array;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import sluice.nvme.spec.StatusCode;
import sluice.support.memory.OffHeap;
import sluice.virtual.media.Media;

/**
 * Media of known bytes that does what it is asked at once or later, in any order, sector by sector
 * at any moment of the time that it takes, and fails now and then, with a part of it done.
 */
final class LateModel implements Media {
  private static final int SECTOR = 512;

  /** What can be asked of it. */
  private enum Op {
    READ,
    WRITE,
    ZERO,
    DEALLOCATE,
    FLUSH
  }

  /** One request; its sectors are moved one by one. */
  private final class Request {
    final Op op;
    final long offset;
    final long address;
    final long length;
    final int tag;
    long done;

    Request(Op op, long offset, long address, long length, int tag) {
      this.op = op;
      this.offset = offset;
      this.address = address;
      this.length = length;
      this.tag = tag;
    }

    /** Moves some more of it. */
    void move(long sectors) {
      long until = Math.min(length, done + sectors * SECTOR);
      for (; done < until; done += SECTOR) {
        long at = bytes.address() + offset + done;
        switch (op) {
          case READ -> OffHeap.copy(at, address + done, SECTOR);
          case WRITE -> OffHeap.copy(address + done, at, SECTOR);
          case ZERO -> OffHeap.zero(at, SECTOR);
          case DEALLOCATE -> {
            // Advice, which is taken or not.
            if (random.nextBoolean()) {
              OffHeap.zero(at, SECTOR);
            }
          }
          case FLUSH -> {}
        }
      }
    }
  }

  private final Random random;
  private final MemorySegment bytes;
  private final List<Request> out = new ArrayList<>();
  private final Set<Integer> tags = new HashSet<>();

  /** In so many requests one fails; 0 for none. */
  int failsOneIn;

  boolean failsFlushes;
  boolean isClosed;
  int reads;

  LateModel(Random random, long size) {
    this.random = random;
    this.bytes = Arena.ofAuto().allocate(size, 4096);
  }

  /** Where a byte is. */
  long address(long offset) {
    return bytes.address() + offset;
  }

  private int ask(Op op, long offset, long address, long length, int tag) {
    reads += op == Op.READ ? 1 : 0;
    if (offset < 0 || length <= 0 || offset + length > bytes.byteSize()) {
      throw new AssertionError(op + " of " + length + " at " + offset);
    }
    Request request = new Request(op, offset, address, length, tag);
    if (random.nextInt(3) == 0) {
      if (fails(op)) {
        request.move(random.nextLong(length / SECTOR + 1));
        return StatusCode.WRITE_FAULT.status();
      }
      request.move(length);
      return DONE;
    }
    if (!tags.add(tag)) {
      throw new AssertionError("tag " + tag + " is used twice");
    }
    out.add(request);
    return LATER;
  }

  private boolean fails(Op op) {
    return op == Op.FLUSH ? failsFlushes : failsOneIn > 0 && random.nextInt(failsOneIn) == 0;
  }

  @Override
  public long size() {
    return bytes.byteSize();
  }

  @Override
  public int readNow(long offset, long address, long length) {
    Request request = new Request(Op.READ, offset, address, length, 0);
    return now(request);
  }

  @Override
  public int writeNow(long offset, long address, long length) {
    Request request = new Request(Op.WRITE, offset, address, length, 0);
    return now(request);
  }

  private int now(Request request) {
    boolean isWhole = random.nextInt(3) == 0;
    request.move(isWhole ? request.length : random.nextLong(request.length / SECTOR + 1));
    if (request.op == Op.WRITE) {
      // A host may change its memory as soon as it has been read.
      OffHeap.zero(request.address, request.length);
    }
    if (isWhole) {
      return DONE;
    }
    return fails(request.op) ? StatusCode.WRITE_FAULT.status() : LATER;
  }

  @Override
  public int read(long offset, long address, long length, int tag) {
    return ask(Op.READ, offset, address, length, tag);
  }

  @Override
  public int write(long offset, long address, long length, int tag) {
    return ask(Op.WRITE, offset, address, length, tag);
  }

  @Override
  public int zero(long offset, long length, int tag) {
    return ask(Op.ZERO, offset, 0, length, tag);
  }

  @Override
  public int deallocate(long offset, long length, int tag) {
    return ask(Op.DEALLOCATE, offset, 0, length, tag);
  }

  @Override
  public int flush(long offset, long length, int tag) {
    return ask(Op.FLUSH, offset, 0, length, tag);
  }

  /** How much is under way. */
  int out() {
    return out.size();
  }

  @Override
  public int poll(Completions completions) {
    for (Request request : out) {
      request.move(random.nextInt(4));
    }
    int count = out.isEmpty() ? 0 : random.nextInt(Math.min(out.size(), 4) + 1);
    for (int i = 0; i < count; i++) {
      Request request = out.remove(random.nextInt(out.size()));
      tags.remove(request.tag);
      boolean fails = fails(request.op);
      request.move(fails ? random.nextInt(4) : request.length / SECTOR);
      completions.completed(request.tag, fails ? StatusCode.WRITE_FAULT.status() : DONE);
    }
    return count;
  }

  @Override
  public void close() {
    isClosed = true;
  }
}
