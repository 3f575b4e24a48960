package sluice.nvme.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StatusTest {
  @Test
  void fields() {
    int status = 0x7aab;
    assertThat(Status.sc(status)).isEqualTo(0xab);
    assertThat(Status.sct(status)).isEqualTo(2);
    assertThat(Status.crd(status)).isEqualTo(3);
    assertThat(Status.more(status)).isTrue();
    assertThat(Status.dnr(status)).isTrue();
    assertThat(Status.crd(0, 2)).isEqualTo(0x1000);
    assertThat(StatusCode.LBA_OUT_OF_RANGE.status()).isEqualTo(0x080);
    assertThat(StatusCode.INVALID_QUEUE_SIZE.status()).isEqualTo(0x102);
    assertThat(StatusCode.COMPARE_FAILURE.statusDnr()).isEqualTo(0x4285);
    assertThat(StatusCode.ABORTED_BY_HOST.status()).isEqualTo(0x371);
  }

  @Test
  void success() {
    assertThat(Status.isSuccess(0)).isTrue();
    assertThat(Status.retryClass(0)).isEqualTo(RetryClass.SUCCESS);
    assertThat(Status.retryClass(Status.MORE)).isEqualTo(RetryClass.SUCCESS);
    assertThat(Status.isSuccess(1)).isFalse();
    assertThat(Status.isSuccess(0x100)).isFalse();
  }

  @Test
  void everyCodeIsFoundByItsNumberWhateverItsOtherBits() {
    Set<String> titles = new HashSet<>();
    for (StatusCode code : StatusCode.values()) {
      for (int other = 0; other < 16; other++) {
        int status = code.status() | other << 11;
        assertThat(StatusCode.of(status)).isEqualTo(code);
        assertThat(Status.is(status, code)).isTrue();
      }
      assertThat(titles.add(code.title())).as(code.title()).isTrue();
    }
    assertThat(StatusCode.of(0x17)).isNull();
    assertThat(StatusCode.of(0x7ff)).isNull();
  }

  @Test
  void retryClassOfEveryCode() {
    for (StatusCode code : StatusCode.values()) {
      RetryClass plain = Status.retryClass(code.status());
      RetryClass dnr = Status.retryClass(code.statusDnr());
      assertThat(plain).as(code.title()).isEqualTo(code.retryClass());
      assertThat(dnr)
          .as(code.title())
          .isEqualTo(plain == RetryClass.RETRY ? RetryClass.NO_RETRY : plain);
      assertThat(plain == RetryClass.SUCCESS).isEqualTo(code == StatusCode.SUCCESS);
    }
    assertThat(Status.isRetryable(StatusCode.UNRECOVERED_READ_ERROR.status())).isTrue();
    assertThat(Status.isRetryable(StatusCode.UNRECOVERED_READ_ERROR.statusDnr())).isFalse();
    assertThat(Status.isRetryable(StatusCode.INVALID_FIELD.status())).isFalse();
    assertThat(Status.retryClass(StatusCode.COMMAND_ID_CONFLICT.statusDnr()))
        .isEqualTo(RetryClass.FATAL);
    assertThat(Status.retryClass(0x7c0)).as("a vendor's code").isEqualTo(RetryClass.RETRY);
    assertThat(Status.retryClass(0x47c0)).isEqualTo(RetryClass.NO_RETRY);
  }

  @Test
  void text() {
    assertThat(Status.format(0)).isEqualTo("Successful Completion (generic, 0/0x00)");
    assertThat(Status.format(0x4285))
        .isEqualTo("Compare Failure (media and data integrity, 2/0x85, do not retry)");
    assertThat(Status.format(0x7102))
        .isEqualTo(
            "Invalid Queue Size (command specific, 1/0x02, retry delay 2, more in the error log, do not retry)");
    assertThat(Status.format(0x7c0)).isEqualTo("unknown status (vendor specific, 7/0xc0)");
    assertThat(Status.format(0x4ff)).isEqualTo("unknown status (reserved type 4, 4/0xff)");
  }
}
