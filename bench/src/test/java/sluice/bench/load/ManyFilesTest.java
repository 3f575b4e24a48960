package sluice.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.bench.job.Place;
import sluice.bench.result.Direction;

/** Jobs with several files. */
class ManyFilesTest {
  private static final int BLOCK = 4096;
  private static final List<Place> FILES =
      List.of(
          new Place(0, 3 * BLOCK),
          new Place(100 * BLOCK, 2 * BLOCK),
          new Place(200 * BLOCK, BLOCK));

  private static List<Long> blocks(Offsets offsets, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> {
          offsets.next(Direction.WRITE, BLOCK);
          return offsets.offset() / BLOCK;
        })
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "roundrobin, '0 100 200 1 101 2'",
    "roundrobin:2, '0 1 100 101 200 2'",
    "sequential, '0 1 2 100 101 200'",
  })
  void filesTakeTurns(String service, String order) {
    Offsets offsets =
        new ManyFiles(Jobs.of("rw=write", "bs=4k", "file_service_type=" + service), FILES, 1);
    for (int pass = 0; pass < 2; pass++) {
      assertThat(blocks(offsets, 5)).containsExactlyElementsOf(longs(order).subList(0, 5));
      assertThat(offsets.isAtEndOfPass()).isFalse();
      assertThat(blocks(offsets, 1)).containsExactly(longs(order).getLast());
      assertThat(offsets.isAtEndOfPass()).isTrue();
    }
  }

  private static List<Long> longs(String text) {
    return List.of(text.split(" ")).stream().map(Long::valueOf).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"roundrobin", "sequential", "random"})
  void aPassComesToEachBlockOnce(String service) {
    Offsets offsets =
        new ManyFiles(Jobs.of("rw=randwrite", "bs=4k", "file_service_type=" + service), FILES, 1);
    List<Long> first = blocks(offsets, 6);
    assertThat(first).containsExactlyInAnyOrder(0L, 1L, 2L, 100L, 101L, 200L);
    assertThat(blocks(offsets, 6)).containsExactlyInAnyOrderElementsOf(first);
    offsets.restart(1);
    assertThat(blocks(offsets, 6)).isEqualTo(first);
  }

  @Test
  void withoutAMapFilesTakeTurnsForEver() {
    Offsets offsets = new ManyFiles(Jobs.of("rw=randwrite", "bs=4k", "norandommap"), FILES, 1);
    assertThat(blocks(offsets, 300).stream().map(block -> block / 100))
        .startsWith(0L, 1L, 2L, 0L, 1L, 2L)
        .filteredOn(file -> file == 2)
        .hasSize(100);
  }
}
