package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code sluice bench chunks}: from a command line to a table. */
class BenchChunksIT {
  private static InProcess chunks(String... arguments) {
    String[] all = new String[arguments.length + 4];
    all[0] = "bench";
    all[1] = "chunks";
    all[2] = "--warm-up=200ms";
    all[3] = "--repeats=3";
    System.arraycopy(arguments, 0, all, 4, arguments.length);
    return InProcess.run(all);
  }

  @Test
  void aTableAndTheWholeDrive() {
    InProcess run = chunks("--drive", "virtual:memory?size=32M", "--allow-write");
    assertThat(run.expect(ExitStatus.OK).out())
        .contains("chunks of 131072 bytes, 32 out at a time, medians of 3 sessions")
        .containsPattern("(?m)^ +256 +32 MiB ")
        .doesNotContainPattern("(?m)^ +512 ")
        .contains("full: 32 MiB written with ", "last byte written 33554431")
        .contains("every byte that was read is as it was written");
  }

  @Test
  void jsonHasTheSame() throws IOException {
    InProcess run =
        chunks("--drive", "virtual:memory?size=8M", "--allow-write", "--most=4", "-o", "json");
    Map<String, Object> result = JSON.std.mapFrom(run.expect(ExitStatus.OK).out());
    assertThat((List<?>) result.get("sessions")).hasSize(3);
    assertThat((Map<?, ?>) result.get("full")).extracting("differentBlocks").isEqualTo(0);
  }

  @Test
  void aByteThatDiffersIsAFailure() {
    InProcess run =
        chunks(
            "--drive",
            "virtual:memory?size=8M&flip=lba:5000",
            "--allow-write",
            "--force",
            "--most=1");
    assertThat(run.expect(ExitStatus.FAILURE).err())
        .contains("what was read is not what was written: ");
    assertThat(run.out()).contains("1 blocks are not as they were written");
  }

  @Test
  void theDriveMayBeLeftOut() {
    InProcess run =
        chunks("--drive", "virtual:memory?size=8M", "--allow-write", "--sessions-only", "--most=2");
    assertThat(run.expect(ExitStatus.OK).out()).doesNotContain("full:");
  }

  @Test
  void itWritesOnlyWhereItMay() {
    assertThat(chunks("--drive", "virtual:memory?size=8M").expect(ExitStatus.FAILURE).err())
        .contains("give --allow-write if that may be lost");
  }
}
