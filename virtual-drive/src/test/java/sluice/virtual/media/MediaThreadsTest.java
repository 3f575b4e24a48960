package sluice.virtual.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import sluice.nvme.spec.StatusCode;

class MediaThreadsTest {
  private static final int CAPACITY = 64;
  private static final long SLOW = 512;

  private final CountDownLatch goOn = new CountDownLatch(1);
  private final AtomicInteger changes = new AtomicInteger();
  private final List<String> ended = new ArrayList<>();
  private final Disk disk = new Disk();
  private final MediaThreads threads = new MediaThreads(disk, changes::incrementAndGet, CAPACITY);

  /** One block of it is read when it is told to, and cannot be. */
  private final class Disk implements Backend {
    private final AtomicInteger reads = new AtomicInteger();

    @Override
    public long size() {
      return 1 << 20;
    }

    @Override
    public void read(long offset, long address, long length) {
      reads.incrementAndGet();
      if (offset == SLOW) {
        try {
          goOn.await();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
        throw new IndexOutOfBoundsException("this block");
      }
    }

    @Override
    public void write(long offset, long address, long length) {}

    @Override
    public void zero(long offset, long length) {}

    @Override
    public long requestFlush(long offset, long length) {
      return 0;
    }

    @Override
    public long flushed() {
      return 0;
    }

    @Override
    public RuntimeException flushFailure() {
      return null;
    }

    @Override
    public void close() {}
  }

  private void awaitOne() {
    int before = ended.size();
    while (ended.size() == before) {
      if (threads.poll((tag, status) -> ended.add(tag + ":" + status)) == 0) {
        LockSupport.parkNanos(10_000);
      }
    }
  }

  @Test
  void aRequestThatTakesLongKeepsItsTagWhileManyOvertakeIt() {
    threads.submit(MediaThreads.READ, SLOW, 0, 512, 1);
    for (int i = 0; i < 3 * CAPACITY; i++) {
      threads.submit(MediaThreads.WRITE, 0, 0, 512, 2 + i % 2);
      awaitOne();
      assertThat(ended.removeLast()).isEqualTo((2 + i % 2) + ":" + Media.DONE);
    }
    assertThat(changes.get()).isEqualTo(3 * CAPACITY);
    goOn.countDown();
    awaitOne();
    assertThat(ended).containsExactly("1:" + StatusCode.INTERNAL_ERROR.statusDnr());
    threads.close();
  }

  @Test
  void aPollTellsOfNothingThatEndsMeanwhile() {
    threads.submit(MediaThreads.READ, 0, 0, 512, 0);
    int[] told = {0};
    Media.Completions goesOn =
        (tag, status) -> {
          told[0]++;
          int before = disk.reads.get();
          threads.submit(MediaThreads.READ, 0, 0, 512, tag);
          while (disk.reads.get() == before) {
            Thread.onSpinWait();
          }
          LockSupport.parkNanos(1_000_000);
        };
    for (int i = 0; i < 20; i++) {
      told[0] = 0;
      while (threads.poll(goesOn) == 0) {
        LockSupport.parkNanos(10_000);
      }
      assertThat(told[0]).isEqualTo(1);
    }
    threads.close();
  }

  @Test
  void closingEndsWhatIsBegunAndBeginsNothing() throws Exception {
    for (int tag = 0; tag < CAPACITY; tag++) {
      threads.submit(MediaThreads.READ, SLOW, 0, 512, tag);
    }
    while (disk.reads.get() < 8) {
      Thread.onSpinWait();
    }
    Thread closing = Thread.ofPlatform().start(threads::close);
    while (closing.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertThat(closing.isAlive()).as("it waits for what is begun").isTrue();
    goOn.countDown();
    closing.join();
    assertThat(threads.poll((tag, status) -> ended.add(tag + ":" + status))).isEqualTo(8);
    assertThat(disk.reads.get()).isEqualTo(8);
  }
}
