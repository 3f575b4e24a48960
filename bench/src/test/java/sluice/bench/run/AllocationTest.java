package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An I/O allocates nothing, from its choice to what is recorded of it. */
class AllocationTest {
  private static final int TURNS = 20_000;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rw=randread bs=4k iodepth=32",
        "rw=randrw bssplit=4k/50:16k iodepth=8 rate_iops=1000000 rate_process=poisson",
        "rw=randwrite bs=4k iodepth=4 refill_buffers fsync=8",
        "rw=randwrite bs=4k random_distribution=zipf:1.1 iodepth=4 buffer_compress_percentage=50",
        "rw=randtrim bs=4k iodepth=4",
        "rw=write bs=4k verify=crc32c do_verify=0",
        "rw=randread bs=4k thinktime=1us latency_target=1ms latency_window=10ms",
      })
  void nothing(String options) {
    String[] all = (options + " time_based runtime=1d").split(" ");
    // So slow a clock that no second goes by: once a second, something is kept for the plots.
    // A turn reads it four times at the most, each time 100 ns.
    try (Rig rig = new Rig("virtual:null?size=16M&thread=shared", 100, all)) {
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long bytes = Long.MAX_VALUE;
      for (int round = 0; round < 50 && bytes > 1024; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        rig.steps(TURNS);
        bytes = threads.getCurrentThreadAllocatedBytes() - before;
      }
      assertThat(rig.worker.meter().ios()).isGreaterThan(1000);
      assertThat(bytes).as("bytes for %d turns", TURNS).isLessThanOrEqualTo(1024);
    }
  }
}
