package sluice.recorder;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import sluice.nvme.CompletionHandler;
import sluice.nvme.NvmeException;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveQueue;
import sluice.nvme.spec.StatusCode;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;

/**
 * A drive in memory whose every step a test decides: with a volatile cache that loses what was not
 * flushed when the power is cut, requests that complete in any order, and failures by choice.
 *
 * <p>Requests take effect when they complete. Until a test says {@link #hold}, each poll completes
 * some; with a seed, in random order and number.
 */
public final class MemoryDrive implements Drive {
  private static final int SECTOR = 512;
  private static final int UNREADABLE = StatusCode.UNRECOVERED_READ_ERROR.status();
  private static final int UNWRITABLE = StatusCode.WRITE_FAULT.status();

  private final int blockSize;
  private final long bytes;
  private final MemorySegment medium;
  private final SplittableRandom random;

  /** Written but not flushed: by sector address, what a power cut may bring back. */
  private final TreeMap<Long, Unflushed> unflushed = new TreeMap<>();

  private long versions;

  private final List<Write> writes = new ArrayList<>();
  private final ArrayDeque<Integer> failures = new ArrayDeque<>();
  private final ArrayDeque<Integer> readFailures = new ArrayDeque<>();

  /** Places that cannot be read, or written. */
  private final List<Bad> bad = new ArrayList<>();

  private Runnable onRing = () -> {};
  private boolean hold;
  private boolean powered = true;
  private boolean refuseWrites;
  private long stepsUntilCut = Long.MAX_VALUE;
  private int steps;
  private long largestAllocation;
  private boolean log;

  private record Bad(Kind kind, long address, long length) {}

  /** A write that reached the drive, or {@link #FLUSH}. */
  public record Write(long address, int length) {}

  public static final Write FLUSH = new Write(-1, 0);

  /** A sector that was written and not flushed. */
  private static final class Unflushed {
    /** The bytes that are on the medium for sure. */
    private final byte[] before;

    /** Changes with each write of the sector. */
    private final long version;

    Unflushed(byte[] before, long version) {
      this.before = before;
      this.version = version;
    }
  }

  /** A sector's bytes and version when a flush was requested: what that flush makes durable. */
  private static final class Flushed {
    private final long sector;
    private final long version;
    private final byte[] content;

    Flushed(long sector, long version, byte[] content) {
      this.sector = sector;
      this.version = version;
      this.content = content;
    }
  }

  private enum Kind {
    READ,
    WRITE,
    FLUSH
  }

  private record Request(
      Kind kind,
      long address,
      int length,
      DmaMemory memory,
      long offset,
      boolean durable,
      long tag,
      List<Flushed> flushes) {}

  private MemoryDrive(long bytes, int blockSize, SplittableRandom random) {
    this.bytes = bytes;
    this.blockSize = blockSize;
    this.medium = Arena.ofAuto().allocate(bytes, 4096);
    this.random = random;
  }

  /** A drive that completes everything in order at the next poll. */
  public static MemoryDrive of(long bytes) {
    return new MemoryDrive(bytes, 512, null);
  }

  /** A drive that completes in random order. */
  public static MemoryDrive random(long bytes, SplittableRandom random) {
    return new MemoryDrive(bytes, 512, random);
  }

  /** The bytes as a read would find them. */
  public MemorySegment medium() {
    return medium;
  }

  /** What happens when a queue is rung with something to do. */
  public void onRing(Runnable action) {
    onRing = action;
  }

  /** Completes nothing until {@link #release}. */
  public void hold() {
    hold = true;
  }

  public void release() {
    hold = false;
  }

  /** The next write or flush fails with a status, or not if that is 0; calls queue up. */
  public void failNext(int status) {
    failures.add(status);
  }

  /** The next read fails with a status, or not if that is 0; calls queue up. */
  public void failNextRead(int status) {
    readFailures.add(status);
  }

  /** No read of anything in this range succeeds from now on. */
  public void failReads(long address, long length) {
    bad.add(new Bad(Kind.READ, address, length));
  }

  /** No write of anything in this range succeeds from now on. */
  public void failWrites(long address, long length) {
    bad.add(new Bad(Kind.WRITE, address, length));
  }

  /** All places are good again, and no failure is to come. */
  public void heal() {
    bad.clear();
    failures.clear();
    readFailures.clear();
  }

  private boolean isBad(Request request) {
    for (Bad place : bad) {
      if (place.kind == request.kind
          && request.address < place.address + place.length
          && place.address < request.address + request.length) {
        return true;
      }
    }
    return false;
  }

  /** Any write from now on is an error of the test. */
  public void refuseWrites() {
    refuseWrites = true;
  }

  /** Keeps a list of all writes and flushes from now on. */
  public void logWrites() {
    log = true;
  }

  public List<Write> writes() {
    return writes;
  }

  /** The largest piece of memory that was asked for. */
  public long largestAllocation() {
    return largestAllocation;
  }

  /** How many requests have completed. */
  public int steps() {
    return steps;
  }

  /** Cuts the power when so many more requests have completed. */
  public void cutAfter(long requests) {
    stepsUntilCut = requests;
  }

  public boolean isPowered() {
    return powered;
  }

  /** The power goes: each sector that was not flushed is as it was before, or as it was written. */
  private void cut(List<Request> underWay) {
    powered = false;
    // Writes that were under way may have reached any of their sectors.
    for (Request request : underWay) {
      if (request.kind == Kind.WRITE) {
        for (int i = 0; i < request.length; i += SECTOR) {
          if (random.nextBoolean()) {
            remember(request.address + i);
            copyIn(request, i, SECTOR);
          }
        }
      }
    }
    unflushed.forEach((sector, state) -> {
      if (random.nextBoolean()) {
        MemorySegment.copy(state.before, 0, medium, JAVA_BYTE, sector, SECTOR);
      }
    });
    unflushed.clear();
  }

  /** The power is back. Queues of before the cut are dead; open new ones. */
  public void powerUp() {
    powered = true;
    stepsUntilCut = Long.MAX_VALUE;
  }

  /** A drive of fewer bytes with the same content, as a truncated image is. */
  public MemoryDrive truncated(long newBytes) {
    MemoryDrive drive = new MemoryDrive(newBytes, blockSize, random);
    MemorySegment.copy(medium, 0, drive.medium, 0, Math.min(bytes, newBytes));
    return drive;
  }

  private void remember(long sector) {
    Unflushed known = unflushed.get(sector);
    byte[] before = known == null ? content(sector) : known.before;
    unflushed.put(sector, new Unflushed(before, ++versions));
  }

  private byte[] content(long sector) {
    return medium.asSlice(sector, SECTOR).toArray(JAVA_BYTE);
  }

  /** A sector that was written again meanwhile is not durable as it is, but as it was then. */
  private void makeDurable(Flushed flushed) {
    Unflushed state = unflushed.get(flushed.sector);
    if (state == null) {
      return;
    }
    if (state.version == flushed.version) {
      unflushed.remove(flushed.sector);
    } else {
      unflushed.put(flushed.sector, new Unflushed(flushed.content, state.version));
    }
  }

  private void copyIn(Request request, long at, long length) {
    OffHeap.copy(
        request.memory.address() + request.offset + at,
        medium.address() + request.address + at,
        length);
  }

  private int perform(Request request) {
    if (request.kind != Kind.READ && !failures.isEmpty()) {
      int status = failures.poll();
      if (status != 0) {
        return status;
      }
    }
    if (request.kind == Kind.READ && !readFailures.isEmpty()) {
      int status = readFailures.poll();
      if (status != 0) {
        return status;
      }
    }
    if (isBad(request)) {
      return request.kind == Kind.READ ? UNREADABLE : UNWRITABLE;
    }
    switch (request.kind) {
      case READ ->
          OffHeap.copy(
              medium.address() + request.address,
              request.memory.address() + request.offset,
              request.length);
      case WRITE -> {
        if (random != null && !request.durable) {
          for (int i = 0; i < request.length; i += SECTOR) {
            remember(request.address + i);
          }
        }
        copyIn(request, 0, request.length);
        if (request.durable) {
          for (int i = 0; i < request.length; i += SECTOR) {
            unflushed.remove(request.address + i);
          }
        }
        if (log) {
          writes.add(new Write(request.address, request.length));
        }
      }
      case FLUSH -> {
        request.flushes.forEach(this::makeDurable);
        if (log) {
          writes.add(FLUSH);
        }
      }
    }
    return 0;
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public int blockSize() {
    return blockSize;
  }

  @Override
  public DmaSpace dma() {
    return new DmaSpace() {
      @Override
      public DmaMemory allocate(long size) {
        largestAllocation = Math.max(largestAllocation, size);
        return new DmaMemory(Arena.ofAuto().allocate(size, 4096), 0x10000);
      }

      @Override
      public void free(DmaMemory memory) {}
    };
  }

  @Override
  public int maxQueueDepth() {
    return 1023;
  }

  @Override
  public DriveQueue openQueue(int depth) {
    return new Queue(depth);
  }

  @Override
  public void close() {}

  private final class Queue implements DriveQueue {
    private final int depth;
    private final List<Request> requests = new ArrayList<>();

    Queue(int depth) {
      this.depth = depth;
    }

    @Override
    public int depth() {
      return depth;
    }

    @Override
    public int outstanding() {
      return requests.size();
    }

    private boolean submit(Request request) {
      if (requests.size() == depth) {
        return false;
      }
      if (request.kind != Kind.FLUSH) {
        assertWhole(request);
      }
      requests.add(request);
      return true;
    }

    private void assertWhole(Request request) {
      if (request.address % 4096 != 0
          || request.length % 4096 != 0
          || request.length <= 0
          || request.address < 0
          || request.address + request.length > bytes
          || request.offset + request.length > request.memory.size()) {
        throw new AssertionError("no such transfer: " + request);
      }
      for (Request other : requests) {
        if (request.kind == Kind.WRITE
            && other.kind == Kind.WRITE
            && request.address < other.address + other.length
            && other.address < request.address + request.length) {
          throw new AssertionError("two writes at once: " + request + " and " + other);
        }
      }
    }

    @Override
    public boolean read(long address, int length, DmaMemory memory, long offset, long tag) {
      return submit(new Request(Kind.READ, address, length, memory, offset, false, tag, null));
    }

    @Override
    public boolean write(
        long address, int length, DmaMemory memory, long offset, boolean durable, long tag) {
      if (refuseWrites) {
        throw new AssertionError("a write at " + address + ", where nothing may be written");
      }
      return submit(new Request(Kind.WRITE, address, length, memory, offset, durable, tag, null));
    }

    @Override
    public boolean flush(long tag) {
      // A flush covers what had completed when it was submitted, and promises nothing of the rest.
      List<Flushed> flushes = new ArrayList<>();
      unflushed.forEach(
          (sector, state) -> flushes.add(new Flushed(sector, state.version, content(sector))));
      return submit(new Request(Kind.FLUSH, 0, 0, null, 0, false, tag, flushes));
    }

    @Override
    public void ring() {
      if (!requests.isEmpty()) {
        onRing.run();
      }
    }

    @Override
    public int poll(CompletionHandler handler) {
      if (!powered) {
        throw new NvmeException("memory is gone");
      }
      if (hold) {
        return 0;
      }
      int count = random == null ? requests.size() : random.nextInt(requests.size() + 1);
      for (int i = 0; i < count; i++) {
        if (stepsUntilCut-- == 0) {
          cut(requests);
          throw new NvmeException("memory is gone");
        }
        Request request = requests.remove(random == null ? 0 : random.nextInt(requests.size()));
        steps++;
        handler.completed(request.tag, perform(request));
      }
      return count;
    }

    @Override
    public void close() {}
  }
}
