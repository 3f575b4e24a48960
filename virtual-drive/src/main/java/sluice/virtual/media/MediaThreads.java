package sluice.virtual.media;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import sluice.nvme.spec.StatusCode;
import sluice.support.linux.LinuxException;

/**
 * A few threads that do what waits for a file. Requests go to them through one ring, from which
 * each takes the next, and come back through another, in any order; both are made once. A ring
 * holds tags: a request that takes long is overtaken by any number of others. {@link #submit} and
 * {@link #poll} are used in the drive's turns.
 */
final class MediaThreads {
  // What is asked for.
  static final byte READ = 0;
  static final byte WRITE = 1;
  static final byte ZERO = 2;
  static final byte DEALLOCATE = 3;

  private static final int THREADS = 8;
  private static final int SPINS = 50;

  private final Backend file;
  private final Runnable changed;
  private final int mask;

  // By tag: no other request has it until this one is told of.
  private final byte[] ops;
  private final long[] offsets;
  private final long[] addresses;
  private final long[] lengths;
  private final int[] statuses;

  // The request ring: who stores the tail has filled what is before it.
  private final AtomicIntegerArray requests;
  private final AtomicLong tail = new AtomicLong();
  private final AtomicLong head = new AtomicLong();

  // The way back: a place is filled when it is not 0, with the request's tag and 1.
  private final AtomicIntegerArray ended;
  private final AtomicLong endedTail = new AtomicLong();
  private long endedHead;

  /** Threads that sleep, a bit for each. */
  private final AtomicInteger sleeping = new AtomicInteger();

  private final Thread[] threads = new Thread[THREADS];
  private boolean isStarted;
  private volatile boolean isClosing;

  /**
   * @param changed told in the drive's turns that something else than a read has ended
   * @param capacity above all tags, a power of two
   */
  MediaThreads(Backend file, Runnable changed, int capacity) {
    this.file = file;
    this.changed = changed;
    this.mask = capacity - 1;
    ops = new byte[capacity];
    offsets = new long[capacity];
    addresses = new long[capacity];
    lengths = new long[capacity];
    statuses = new int[capacity];
    requests = new AtomicIntegerArray(capacity);
    ended = new AtomicIntegerArray(capacity);
  }

  /**
   * Asks for something.
   *
   * @param tag less than the capacity, and of no request that is under way
   * @throws OutOfMemoryError if the system has no thread at all
   */
  void submit(byte op, long offset, long address, long length, int tag) {
    if (!isStarted) {
      start();
    }
    ops[tag] = op;
    offsets[tag] = offset;
    addresses[tag] = address;
    lengths[tag] = length;
    long place = tail.getPlain();
    requests.setPlain((int) place & mask, tag);
    // Volatile, as is the look at who sleeps: a thread that goes to sleep does both the other way.
    tail.set(place + 1);
    wakeOne();
  }

  private void start() {
    for (int i = 0; i < THREADS; i++) {
      int number = i;
      try {
        threads[i] = Thread.ofPlatform().name("drive-io-" + i).daemon().start(() -> run(number));
      } catch (OutOfMemoryError e) {
        threads[i] = null;
        if (i == 0) {
          throw e;
        }
        // The system has no more, and these do.
        return;
      }
      isStarted = true;
    }
  }

  private void wakeOne() {
    int asleep = sleeping.get();
    while (asleep != 0) {
      int bit = Integer.lowestOneBit(asleep);
      if (sleeping.compareAndSet(asleep, asleep & ~bit)) {
        LockSupport.unpark(threads[Integer.numberOfTrailingZeros(bit)]);
        return;
      }
      asleep = sleeping.get();
    }
  }

  /** Tells what has ended by now; not of what ends meanwhile, which may never stop. */
  int poll(Media.Completions completions) {
    int count = 0;
    long most = endedTail.get();
    while (endedHead < most) {
      int at = (int) endedHead & mask;
      int tag = ended.getAcquire(at) - 1;
      if (tag < 0) {
        return count;
      }
      ended.setPlain(at, 0);
      endedHead++;
      count++;
      if (ops[tag] != READ) {
        changed.run();
      }
      completions.completed(tag, statuses[tag]);
    }
    return count;
  }

  private void run(int number) {
    int bit = 1 << number;
    int spins = 0;
    while (true) {
      long next = head.get();
      if (isClosing) {
        return;
      } else if (next < tail.get()) {
        // Before the head moves: then the place may be another request's.
        int tag = requests.getPlain((int) next & mask);
        if (head.compareAndSet(next, next + 1)) {
          execute(tag);
        }
        spins = 0;
      } else if (++spins < SPINS) {
        Thread.onSpinWait();
      } else {
        sleep(bit);
        spins = 0;
      }
    }
  }

  private void sleep(int bit) {
    int _ = sleeping.getAndUpdate(bits -> bits | bit);
    if (head.get() >= tail.get() && !isClosing) {
      LockSupport.park(this);
    }
    int _ = sleeping.getAndUpdate(bits -> bits & ~bit);
  }

  private void execute(int tag) {
    int status = status(tag);
    statuses[tag] = status;
    int place = (int) endedTail.getAndIncrement() & mask;
    ended.setRelease(place, tag + 1);
  }

  private int status(int tag) {
    boolean isRead = ops[tag] == READ;
    try {
      switch (ops[tag]) {
        case READ -> file.read(offsets[tag], addresses[tag], lengths[tag]);
        case WRITE -> file.write(offsets[tag], addresses[tag], lengths[tag]);
        case ZERO -> file.zero(offsets[tag], lengths[tag]);
        default -> file.deallocate(offsets[tag], lengths[tag]);
      }
      return Media.DONE;
    } catch (LinuxException | IndexOutOfBoundsException e) {
      return isRead ? MediaStatus.ofRead(e) : MediaStatus.ofWrite(e);
    } catch (RuntimeException | Error e) {
      // Nobody else would hear of it, and the command would never end.
      return StatusCode.INTERNAL_ERROR.status();
    }
  }

  /**
   * Ends when all that was begun has ended; nobody was told of the rest, and it is not begun. A
   * disk that never answers is waited for.
   */
  void close() {
    isClosing = true;
    boolean interrupted = false;
    for (int i = 0; i < THREADS && threads[i] != null; i++) {
      while (threads[i].isAlive()) {
        LockSupport.unpark(threads[i]);
        try {
          threads[i].join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
