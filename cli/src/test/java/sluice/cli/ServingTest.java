package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import sluice.support.agent.Agent;
import sluice.support.agent.AgentRunner;
import sluice.support.agent.IdleStrategy;

class ServingTest {
  private final CountDownLatch durable = new CountDownLatch(1);
  private final List<String> lines = new ArrayList<>();
  private volatile boolean isClosed;
  private RuntimeException failure;

  private final class Slow implements Agent {
    @Override
    public int doWork() {
      return 0;
    }

    @Override
    public String name() {
      return "slow";
    }

    @Override
    public void close() {
      try {
        durable.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      isClosed = true;
      if (failure != null) {
        throw failure;
      }
    }
  }

  private void end() {
    AgentRunner runner = AgentRunner.start(new Slow(), IdleStrategy.backingOff());
    Serving.end(
        runner,
        line -> {
          lines.add(line);
          durable.countDown();
        });
  }

  /** A process that ends before would leave it to a power cut. */
  @Test
  void anEndThatTakesLongIsWaitedForAndTold() {
    end();
    assertThat(isClosed).isTrue();
    assertThat(lines).hasSize(1).first().asString().contains("still being made durable");
  }

  @Test
  void anEndThatFailsIsTold() {
    failure = new IllegalStateException("what was written last may not be durable");
    durable.countDown();
    assertThatThrownBy(this::end).hasMessageContaining("may not be durable");
    assertThat(lines).isEmpty();
  }
}
