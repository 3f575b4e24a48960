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
  private static final int CAPACITY = 4;
  private static final long SLOW = 512;

  private final CountDownLatch goOn = new CountDownLatch(1);
  private final AtomicInteger changes = new AtomicInteger();
  private final List<String> ended = new ArrayList<>();
  private final MediaThreads threads =
      new MediaThreads(new Disk(), changes::incrementAndGet, CAPACITY);

  /** One block of it is read when it is told to, and cannot be. */
  private final class Disk implements Backend {
    @Override
    public long size() {
      return 1 << 20;
    }

    @Override
    public void read(long offset, long address, long length) {
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
    for (int i = 0; i < 10 * CAPACITY; i++) {
      threads.submit(MediaThreads.WRITE, 0, 0, 512, 2 + i % 2);
      awaitOne();
      assertThat(ended.removeLast()).isEqualTo((2 + i % 2) + ":" + Media.DONE);
    }
    assertThat(changes.get()).isEqualTo(10 * CAPACITY);
    goOn.countDown();
    awaitOne();
    assertThat(ended).containsExactly("1:" + StatusCode.INTERNAL_ERROR.statusDnr());
    threads.close();
  }
}
