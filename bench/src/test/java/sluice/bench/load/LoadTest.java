package sluice.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.bench.job.Place;
import sluice.bench.result.Direction;

class LoadTest {
  private static final List<Place> WHOLE = List.of(new Place(0, 1 << 20));

  private record Io(Direction way, long offset, int length, long number) {}

  private static List<Io> take(Load load, int count) {
    List<Io> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      load.next();
      list.add(new Io(load.direction(), load.offset(), load.length(), load.number()));
    }
    return list;
  }

  /** What is verified is gone through again. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "rw=randrw bssplit=4k/50:8k",
        "rw=randwrite bs=4k",
        "rw=randwrite bs=4k norandommap",
        "rw=randwrite bs=4k random_distribution=zipf:1.1",
        "rw=write bsrange=4k-16k",
        "rw=randwrite bs=4k percentage_random=50",
        "rw=randtrimwrite bs=4k"
      })
  void aRoundIsTheSameAgain(String options) {
    Load load = new Load(Jobs.of(options.split(" ")), WHOLE, 17);
    List<Io> fresh = take(load, 500);
    load.begin(0);
    assertThat(take(load, 500)).isEqualTo(fresh);
    load.begin(1);
    List<Io> second = take(load, 500);
    assertThat(second.getFirst().number()).isEqualTo(1L << 40);
    load.begin(1);
    assertThat(take(load, 500)).isEqualTo(second);
  }

  @Test
  void blocksAreTrimmedAndThenWritten() {
    List<Io> ios = take(new Load(Jobs.of("rw=trimwrite", "bs=4k"), WHOLE, 1), 4);
    assertThat(ios)
        .containsExactly(
            new Io(Direction.TRIM, 0, 4096, 0),
            new Io(Direction.WRITE, 0, 4096, 1),
            new Io(Direction.TRIM, 4096, 4096, 2),
            new Io(Direction.WRITE, 4096, 4096, 3));
  }
}
