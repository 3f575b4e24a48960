package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import sluice.nvme.IoQueue;

/** Resets and ends in the middle of work: nothing is lost silently, nothing lands late. */
class RecoveryTest extends ConformanceTest {
  private final Bench bench = new Bench();

  @Test
  void aResetReportsWhatWasOutAndTheQueueGoesOn() {
    bench.begin(open(TestDrive.BLOCKS_OF_512, options()));
    for (int round = 0; round < 10; round++) {
      bench.submitReads(bench.pump(), round * 100L);
      bench.controller().reset();
      bench.assertReported(bench.pump(), round * 100L);
      bench.assertWorks(bench.pump());
    }
  }

  @Test
  void nothingLandsAfterAReset() {
    bench.begin(open(TestDrive.BLOCKS_OF_512, options()));
    for (int round = 0; round < 10; round++) {
      bench.submitReads(bench.pump(), round * 100L);
      bench.controller().reset();
      Bytes.fill(bench.memory(), 0, bench.memory().size(), 7);
      bench.assertReported(bench.pump(), round * 100L);
      for (int i = 0; i < 10; i++) {
        assertThat(bench.controller().admin().activeNamespaces()).containsExactly(1);
      }
      assertThat(Bytes.mismatch(bench.memory(), 0, bench.memory().size(), 7)).isEqualTo(Bytes.NONE);
    }
  }

  @Test
  void everyQueueLivesThroughAReset() {
    bench.begin(open(TestDrive.BLOCKS_OF_512, options()));
    Pump second = pump(bench.controller(), Bench.DEPTH);
    Pump idle = pump(bench.controller(), 4);
    bench.submitReads(bench.pump(), 0);
    bench.submitReads(second, 0);
    bench.controller().reset();
    bench.assertReported(second, 0);
    bench.assertReported(bench.pump(), 0);
    bench.assertWorks(bench.pump());
    bench.assertWorks(second);
    bench.assertWorks(idle);
    assertThat(bench.controller().createIoQueue(4).id()).isEqualTo(4);
  }

  @Test
  void aQueueIsClosedAfterAResetThatItHasNotSeen() {
    bench.begin(open(TestDrive.BLOCKS_OF_512, options()));
    bench.submitReads(bench.pump(), 0);
    bench.controller().reset();
    bench.pump().queue().close();
    bench.assertWorks(pump(bench.controller(), 4));
  }

  @Test
  void theControllerIsClosedWithCommandsOut() {
    for (int i = 0; i < 5; i++) {
      bench.begin(open(TestDrive.BLOCKS_OF_512, options()));
      bench.submitReads(bench.pump(), 0);
      bench.controller().close();
    }
    bench.begin(open(TestDrive.BLOCKS_OF_512, options()));
    bench.assertWorks(bench.pump());
  }

  @Test
  void whatIsClosedSaysSo() {
    bench.begin(open(TestDrive.BLOCKS_OF_512, options()));
    IoQueue closed = bench.controller().createIoQueue(4);
    closed.close();
    assertClosed(closed);
    bench.assertWorks(bench.pump());
    bench.controller().close();
    assertClosed(bench.pump().queue());
    bench.pump().queue().close();
    assertThatThrownBy(() -> bench.controller().admin().smartLog())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith(" is closed");
    assertThatThrownBy(() -> bench.controller().createIoQueue(4))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith(" is closed");
    assertThatThrownBy(() -> bench.controller().reset())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith(" is closed");
    assertThat(bench.controller().poll()).isZero();
  }

  private void assertClosed(IoQueue queue) {
    assertThat(queue.read(bench.namespace(), 0, 1, bench.memory(), 0, 0)).isFalse();
    assertThatThrownBy(() -> queue.ring())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith(" is closed");
    assertThatThrownBy(() -> queue.poll((tag, status) -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith(" is closed");
  }

  @Test
  void resetsFromAnotherThreadWhileAQueueIsBusy() throws Exception {
    bench.begin(open(TestDrive.BLOCKS_OF_512, options()));
    AtomicBoolean ends = new AtomicBoolean();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread resetter =
        Thread.ofPlatform()
            .start(() -> {
              try {
                for (int i = 0; i < 10; i++) {
                  bench.controller().reset();
                }
              } catch (Throwable e) {
                failure.set(e);
              } finally {
                ends.set(true);
              }
            });
    long tag = 0;
    while (!ends.get()) {
      long first = tag;
      bench.submitReads(bench.pump(), first);
      bench.pump().finish();
      for (int i = 0; i < Bench.DEPTH; i++) {
        Bench.assertDoneOrAborted(bench.pump().status(first + i));
      }
      tag += Bench.DEPTH;
    }
    resetter.join();
    assertThat(failure.get()).isNull();
    bench.assertWorks(bench.pump());
  }
}
