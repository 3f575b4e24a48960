package sluice.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.bench.job.CommandLineJobs;
import sluice.bench.job.JobOptions;

/** Who has which of a drive's queues. */
class QueueMapTest {
  private static JobOptions job(boolean hipri) {
    return CommandLineJobs.read(List.of("--rw=randrw", "--hipri=" + (hipri ? 1 : 0)))
        .jobs()
        .getFirst();
  }

  private static QueueMap map(String layout, int most, String users) {
    List<JobOptions> jobs = Stream.of(users.split("")).map(user -> job(user.equals("h"))).toList();
    return QueueMap.of(
        layout.isEmpty() ? QueueLayout.ONE_EACH : QueueLayout.parse(layout), most, jobs);
  }

  /** Users are {@code u}, or {@code h} with hipri; queues as reads/others, p if polled. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      emptyValue = "",
      textBlock =
          """
          ''    | 8 | uuu   | 0/0 1/1 2/2
          ''    | 2 | uuu   | 0/0 1/1 0/0
          4/0/0 | 8 | uuuuu | 0/0 1/1 2/2 3/3 0/0
          1/0/0 | 8 | uuu   | 0/0 0/0 0/0
          1/1/0 | 8 | uu    | 1/0 1/0
          2/1/0 | 8 | uuu   | 2/0 2/1 2/0
          0/0/1 | 8 | uu    | 0p/0p 0p/0p
          0/0/2 | 8 | uuu   | 0p/0p 1p/1p 0p/0p
          # Who is polled is by itself; queues of nobody are not made.
          2/0/1 | 8 | uhuh  | 0/0 2p/2p 1/1 2p/2p
          4/2/2 | 8 | hu    | 2p/2p 1/0
          4/0/0 | 8 | hh    | 0/0 1/1
          """)
  void queuesAreGivenOutInTurns(String layout, int most, String users, String expected) {
    QueueMap map = map(layout, most, users);
    String all =
        String.join(
            " ",
            IntStream.range(0, users.length())
                .mapToObj(
                    user -> shown(map, map.readsOf(user)) + "/" + shown(map, map.othersOf(user)))
                .toList());
    assertThat(all).isEqualTo(expected);
    assertThat(
            IntStream.range(0, users.length())
                .flatMap(user -> IntStream.of(map.readsOf(user), map.othersOf(user)))
                .distinct())
        .hasSize(map.count());
  }

  private static String shown(QueueMap map, int queue) {
    return queue + (map.isPolled(queue) ? "p" : "");
  }

  @Test
  void aDriveWithFewerQueuesIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> map("4/4/0", 7, "u"))
        .withMessage("4/4/0 are 8 queues, and the drive has 7");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "4", "4/0", "a/0/0", "-1/0/0", "0/0/0", "0/1/1", "99999/0/0"})
  void oddLayoutsAreRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> QueueLayout.parse(text));
  }

  @Test
  void aLayoutIsWrittenAsItIsRead() {
    assertThat(QueueLayout.parse("4/2/1")).isEqualTo(new QueueLayout(4, 2, 1)).hasToString("4/2/1");
  }
}
