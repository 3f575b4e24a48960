package sluice.support.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AgentRunnerTest {
  /** Counts its turns, and fails at one of them if told so. */
  private static final class Counting implements Agent {
    private final CountDownLatch turns;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final boolean failing;
    private volatile Thread thread;

    Counting(int turns, boolean failing) {
      this.turns = new CountDownLatch(turns);
      this.failing = failing;
    }

    @Override
    public int doWork() {
      thread = Thread.currentThread();
      turns.countDown();
      if (failing && turns.getCount() == 0) {
        throw new IllegalArgumentException("enough");
      }
      return 0;
    }

    @Override
    public String name() {
      return "counting";
    }

    @Override
    public void close() {
      assertThat(Thread.currentThread()).isSameAs(thread);
      closed.countDown();
    }
  }

  @Test
  void asksAgainUntilClosedAndClosesTheAgentOnItsThread() throws Exception {
    Counting agent = new Counting(1_000, false);
    AgentRunner runner = AgentRunner.start(agent, IdleStrategy.backingOff(), OptionalInt.of(0));
    assertThat(agent.turns.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(runner.isRunning()).isTrue();
    runner.close();
    assertThat(runner.isRunning()).isFalse();
    assertThat(agent.closed.getCount()).isZero();
    assertThat(agent.thread.getName()).isEqualTo("counting");
  }

  @Test
  void keepsWhatEndedTheAgentAndThrowsItOnClose() throws Exception {
    Counting agent = new Counting(3, true);
    AgentRunner runner = AgentRunner.start(agent, IdleStrategy.yielding());
    assertThat(agent.closed.await(10, TimeUnit.SECONDS)).isTrue();
    assertThatIllegalStateException()
        .isThrownBy(runner::close)
        .withMessage("counting failed: enough");
    assertThat(runner.failure()).hasMessage("enough");
  }

  /** Its memory is taken away in the third turn, and again in the sixth. */
  private static final class Faulting implements Agent {
    private final CountDownLatch turns = new CountDownLatch(6);
    private int faults;

    @Override
    public int doWork() {
      turns.countDown();
      if (turns.getCount() == 3 || turns.getCount() == 0) {
        throw new InternalError("a fault");
      }
      return 0;
    }

    @Override
    public boolean outlives(InternalError memoryFault) {
      return ++faults < 2;
    }

    @Override
    public String name() {
      return "faulting";
    }
  }

  @Test
  void anAgentMayOutliveThatItsMemoryIsTakenAway() throws Exception {
    Faulting agent = new Faulting();
    AgentRunner runner = AgentRunner.start(agent, IdleStrategy.yielding());
    assertThat(agent.turns.await(10, TimeUnit.SECONDS)).isTrue();
    assertThatIllegalStateException()
        .isThrownBy(runner::close)
        .withMessage("faulting failed: a fault");
  }

  @Test
  void aProcessorThatIsNotThereEndsTheAgent() {
    AgentRunner runner =
        AgentRunner.start(new Counting(1, false), IdleStrategy.spinning(), OptionalInt.of(1023));
    assertThatIllegalStateException()
        .isThrownBy(runner::close)
        .withMessageContaining("sched_setaffinity(processor 1023)");
  }

  @Test
  void isNotWaitedForLongerThanTheCallerWants() {
    CountDownLatch goOn = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    Agent stuck =
        new Agent() {
          @Override
          public int doWork() {
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            return 0;
          }

          @Override
          public String name() {
            return "stuck";
          }

          @Override
          public void close() {
            closed.countDown();
          }
        };
    AgentRunner runner = AgentRunner.start(stuck, IdleStrategy.yielding());
    assertThat(runner.tryClose(Duration.ZERO)).isFalse();
    assertThat(closed.getCount()).isOne();
    goOn.countDown();
    assertThat(runner.tryClose(Duration.ofSeconds(10))).isTrue();
    assertThat(closed.getCount()).isZero();
  }
}
