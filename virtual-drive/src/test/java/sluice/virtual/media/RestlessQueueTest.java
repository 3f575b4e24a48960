package sluice.virtual.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.nvme.CompletionHandler;
import sluice.nvme.drive.DriveQueue;
import sluice.vfio.DmaMemory;

class RestlessQueueTest {
  private final List<Runnable> waits = new ArrayList<>();
  private final Away drive = new Away();
  private int threadsRefused;
  private final RestlessQueue queue = new RestlessQueue(drive, "away", this::start);

  private void start(Runnable wait) {
    if (threadsRefused > 0) {
      threadsRefused--;
      throw new OutOfMemoryError("unable to create native thread");
    }
    waits.add(wait);
  }

  /** A queue of a drive that has to be waited for once, and lost one request. */
  private static final class Away implements DriveQueue {
    private boolean isBack;

    @Override
    public int depth() {
      return 4;
    }

    @Override
    public int outstanding() {
      return isBack ? 0 : 1;
    }

    @Override
    public boolean read(long address, int length, DmaMemory memory, long offset, long tag) {
      return true;
    }

    @Override
    public boolean write(
        long address, int length, DmaMemory memory, long offset, boolean durable, long tag) {
      return true;
    }

    @Override
    public boolean flush(long tag) {
      return true;
    }

    @Override
    public void ring() {}

    @Override
    public int poll(CompletionHandler handler) {
      isBack = true;
      handler.completed(7, 5);
      return 1;
    }

    @Override
    public int pollNow(CompletionHandler handler) {
      return isBack ? 0 : MUST_WAIT;
    }

    @Override
    public void close() {}
  }

  private List<Long> poll() {
    List<Long> tags = new ArrayList<>();
    assertThat(queue.poll((tag, _) -> tags.add(tag))).isEqualTo(tags.size());
    return tags;
  }

  @Test
  void anotherThreadWaitsForTheDrive() {
    assertThat(poll()).isEmpty();
    assertThat(queue.isAway()).isTrue();
    assertThat(queue.flush(1)).isFalse();
    assertThat(poll()).isEmpty();
    waits.getFirst().run();
    assertThat(poll()).containsExactly(7L);
    assertThat(queue.isAway()).isFalse();
    assertThat(queue.flush(1)).isTrue();
  }

  @Test
  void withoutAThreadItIsTriedAgain() {
    threadsRefused = 2;
    assertThat(poll()).isEmpty();
    assertThat(poll()).isEmpty();
    assertThat(queue.isAway()).isFalse();
    assertThat(poll()).isEmpty();
    assertThat(queue.isAway()).isTrue();
    waits.getFirst().run();
    assertThat(poll()).containsExactly(7L);
  }
}
