package sluice.nvme.pcie;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import sluice.nvme.CompletionMode;
import sluice.vfio.Bar;
import sluice.vfio.ConfigSpace;
import sluice.vfio.DmaSpace;
import sluice.vfio.PciFunction;

class InterruptVectorsTest {
  private static InterruptVectors vectors(int available, int processors) {
    return new InterruptVectors(
        new VectorsOnly(available), CompletionMode.INTERRUPTS, 129, processors);
  }

  private static int[] vectorsOf(InterruptVectors vectors, int queues) {
    return IntStream.range(0, queues).map(vectors::vectorOf).toArray();
  }

  @Test
  void eachQueueHasItsOwnWhileThereAreEnough() {
    assertThat(vectorsOf(vectors(65, 2), 12))
        .as("as many as a small machine needs, not all 65")
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3);
    assertThat(vectorsOf(vectors(65, 64), 66)).endsWith(63, 64, 1);
    assertThat(vectorsOf(vectors(2048, 256), 130)).as("of 129 queues").endsWith(127, 128, 1);
  }

  @Test
  void aFunctionWithFewSharesThem() {
    assertThat(vectorsOf(vectors(3, 2), 6)).containsExactly(0, 1, 2, 1, 2, 1);
    assertThat(vectorsOf(vectors(2, 2), 4)).containsExactly(0, 1, 1, 1);
    assertThat(vectorsOf(vectors(1, 2), 3)).containsExactly(0, 0, 0);
  }

  @Test
  void thereAreNoneWithoutAWish() {
    VectorsOnly function = new VectorsOnly(65);
    InterruptVectors polled = new InterruptVectors(function, CompletionMode.POLLED, 129, 2);
    assertThat(polled.areEnabled()).isFalse();
    assertThat(polled.newWait(1)).isNull();
    assertThat(vectors(0, 2).areEnabled()).isFalse();
  }

  private record VectorsOnly(int interruptVectors) implements PciFunction {
    @Override
    public int enableInterrupts(int wanted) {
      assertThat(wanted).isBetween(1, interruptVectors);
      return wanted;
    }

    @Override
    public String address() {
      return "vectors";
    }

    @Override
    public ConfigSpace config() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Bar bar(int index) {
      throw new UnsupportedOperationException();
    }

    @Override
    public DmaSpace dma() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void reset() {}

    @Override
    public int poll() {
      return 0;
    }

    @Override
    public boolean isPresent() {
      return true;
    }

    @Override
    public void close() {}
  }
}
