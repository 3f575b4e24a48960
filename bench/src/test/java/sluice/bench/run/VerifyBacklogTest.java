package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.bench.result.Direction;
import sluice.bench.result.JobResult;

/** What is verified between writes. */
@Timeout(60)
class VerifyBacklogTest {
  private static final String DRIVE = "virtual:memory?size=64M&thread=shared";

  /** As {@code wwwwrrrr}. */
  private static String order(Rig rig) {
    StringBuilder order = new StringBuilder();
    for (KeptLogs.Line line : rig.logs.files().get("x_lat.1.log")) {
      order.append(line.direction() == Direction.READ ? 'r' : 'w');
    }
    return order.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "4, 0, 1, wwwwrrrrwwwwrrrrwwrr",
    "4, 1, 1, wwwwrwrwrwrwrwrwrrrr",
    "4, 9, 1, wwwwrrrrwwwwrrrrwwrr",
    "1, 0, 1, wrwrwrwrwrwrwrwrwrwr",
    "10, 0, 1, wwwwwwwwwwrrrrrrrrrr",
    "99, 0, 1, wwwwwwwwwwrrrrrrrrrr",
    "4, 0, 3, wwwwrrrrwwwwrrrrwwrr"
  })
  void soManyAreVerifiedAfterSoMany(int every, int batch, int depth, String order) {
    try (Rig rig =
        new Rig(
            DRIVE,
            100,
            "rw=randwrite",
            "bs=4k",
            "size=40k",
            "verify=crc32c",
            "verify_backlog=" + every,
            "verify_backlog_batch=" + batch,
            "iodepth=" + depth,
            "write_lat_log=x",
            "log_avg_msec=0")) {
      JobResult job = rig.run();
      assertThat(job.isClean()).isTrue();
      assertThat(rig.worker.verified().blocks()).isEqualTo(10);
      assertThat(order(rig)).isEqualTo(order);
    }
  }

  /** What was written is read where it was, and each once. */
  @Test
  void whatIsReadIsWhatWasWritten() {
    try (Rig rig =
        new Rig(
            DRIVE,
            100,
            "rw=randrw",
            "bsrange=4k-16k",
            "size=2m",
            "verify=crc32c",
            "verify_backlog=8",
            "verify_backlog_batch=3",
            "iodepth=4",
            "loops=2",
            "write_lat_log=x",
            "log_offset=1",
            "log_avg_msec=0")) {
      assertThat(rig.run().isClean()).isTrue();
      List<KeptLogs.Line> lines = rig.logs.files().get("x_lat.1.log");
      long written =
          lines.stream()
              .filter(line -> line.direction() == Direction.WRITE)
              .mapToLong(KeptLogs.Line::blockBytes)
              .sum();
      assertThat(rig.worker.verified().blocks()).isEqualTo(written / 4096);
    }
  }

  /** What the drive spoils is told of before more is written. */
  @Test
  void aFaultIsFoundSoonAfterTheWrite() {
    try (Rig rig =
        new Rig(
            DRIVE + "&flip=lba:80",
            100,
            "rw=write",
            "bs=4k",
            "size=1m",
            "verify=crc32c",
            "verify_fatal=1",
            "verify_backlog=4")) {
      JobResult job = rig.run();
      assertThat(job.errorText()).startsWith("verify failed");
      assertThat(job.direction(Direction.WRITE).ios()).isEqualTo(12);
    }
  }
}
