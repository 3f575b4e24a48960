package sluice.nvme.drive;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.nvme.spec.StatusCode;

class RetryRuleTest {
  @ParameterizedTest
  @CsvSource({
    // The first at once, then later each time.
    "NAMESPACE_NOT_READY, 1, 0, 0",
    "NAMESPACE_NOT_READY, 2, 0, 1000000",
    "NAMESPACE_NOT_READY, 5, 0, 8000000",
    "NAMESPACE_NOT_READY, 50, 9999, 250000000",
    "NAMESPACE_NOT_READY, 1, 10000, -1",
    "INVALID_FIELD, 1, 0, -1",
    "UNRECOVERED_READ_ERROR, 3, 0, 2000000",
    "UNRECOVERED_READ_ERROR, 4, 0, -1",
    // A reset may take longer than that, and another one may follow.
    "ABORTED_BY_HOST, 2, 15000, 1000000",
    "ABORTED_BY_HOST, 3, 3600000, 2000000",
    "ABORTED_BY_HOST, 9, 119999, 128000000",
    "ABORTED_BY_HOST, 4, 120000, -1",
  })
  void howLongIsWaited(StatusCode status, int failures, long sinceMillis, long nanos) {
    long since = Duration.ofMillis(sinceMillis).toNanos();
    assertThat(RetryRule.waitNanos(null, status.status(), failures, since)).isEqualTo(nanos);
  }
}
