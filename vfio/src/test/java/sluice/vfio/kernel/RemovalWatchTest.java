package sluice.vfio.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.support.linux.Events;

class RemovalWatchTest {
  private final int request = Events.eventfd();
  private final int error = Events.eventfd();
  private final LinkedBlockingQueue<ErrorReport> looks = new LinkedBlockingQueue<>();
  private final LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();
  private volatile ErrorReport report = ErrorReport.SURVIVED;
  private final RemovalWatch watch =
      RemovalWatch.start(request, error, "test", this::look, told::add);

  private ErrorReport look() {
    ErrorReport now = report;
    looks.add(now);
    return now;
  }

  @AfterEach
  void stop() {
    assertThat(watch.stop()).isTrue();
  }

  private void awaitLooks(int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      assertThat(looks.poll(60, TimeUnit.SECONDS)).as("look %d", i).isNotNull();
    }
  }

  @Test
  void anErrorThatWasSurvivedIsNoLossAndTheNextIsLookedAtToo() throws Exception {
    Events.raise(error);
    awaitLooks(4);
    Events.raise(error);
    awaitLooks(4);
    assertThat(told).isEmpty();
    Events.raise(request);
    assertThat(told.poll(60, TimeUnit.SECONDS)).startsWith("is wanted back by the kernel");
  }

  @Test
  void aFatalErrorIsToldAlsoWhenItShowsLate() throws Exception {
    Events.raise(error);
    awaitLooks(1);
    report = ErrorReport.FATAL;
    assertThat(told.poll(60, TimeUnit.SECONDS)).contains("fatal error").contains("AER");
  }

  @Test
  void aDeviceThatDoesNotAnswerAfterAnErrorIsGone() throws Exception {
    report = ErrorReport.GONE;
    Events.raise(error);
    assertThat(told.poll(60, TimeUnit.SECONDS)).startsWith("does not answer any more");
  }
}
