package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.result.BenchResult;
import sluice.bench.result.JobResult;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;

/** Random I/Os over drives so large that a map of where they have been has no room. */
@Timeout(60)
class RandomMapTest {
  private static final String LARGE = "virtual:null?size=64T&thread=shared";

  private static BenchResult run(String... options) {
    try (NvmeController controller = Drives.open(LARGE)) {
      return new Bench(
              CommandLineJobs.read(
                  Stream.concat(Stream.of("rw=randread", "number_ios=100"), Stream.of(options))
                      .map(each -> "--" + each)
                      .toList()),
              controller,
              controller.namespaces().getFirst(),
              RunOptions.standard())
          .run();
    }
  }

  @Test
  void aMapThatHasNoRoomIsRefusedBeforeAnythingIsDone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run("bsrange=4k-16k"))
        .withMessageMatching(
            "command line: job fio: its random map takes 2 GiB of memory, and there are .* for it;"
                + " give norandommap, or softrandommap to go without a map that is too large");
  }

  @Test
  void manyClonesShareTheRoom() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run("bsrange=4k-16k", "size=512G", "numjobs=64"))
        .withMessageContaining("its random map takes 16 MiB of memory, and there are");
  }

  @Test
  void whoSaysSoGoesWithoutOne() {
    BenchResult result = run("bsrange=4k-16k", "softrandommap=1");
    assertThat(result.jobs()).hasSize(1).allMatch(JobResult::isClean);
    assertThat(result.jobs().getFirst().ios()).isEqualTo(100);
    assertThat(result.warnings())
        .containsExactly(
            "job fio: without a random map, which would take 2 GiB of memory: some blocks come twice");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bs=4k",
        "bsrange=4k-16k norandommap",
        "bsrange=4k-16k size=1G",
        "bsrange=4k-16k zonemode=strided zonesize=1G zoneskip=1T"
      })
  void whatNeedsNoneOrASmallOneGoes(String options) {
    BenchResult result = run(options.split(" "));
    assertThat(result.jobs()).allMatch(JobResult::isClean);
    assertThat(result.warnings()).isEqualTo(List.of());
  }
}
