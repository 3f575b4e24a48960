package sluice.recorder.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class IndexRangeTest {
  private static final int PIECE = IndexRange.PIECE_BYTES;
  private static final long ADDRESS = 1 << 20;

  private static IndexRange range(long entries, Integer... leftOut) {
    return new IndexRange(ADDRESS, entries, 0, 0, List.of(leftOut));
  }

  @Test
  void hasItsPiecesOneBehindTheOther() {
    assertThat(range(5000).pieceAddress(0)).isEqualTo(ADDRESS);
    assertThat(range(5000).pieceAddress(3)).isEqualTo(ADDRESS + 3 * PIECE);
    assertThat(range(65).extent()).isEqualTo(new Extent(ADDRESS, 8192));
  }

  @Test
  void goesRoundThePiecesThatAreLeftOut() {
    IndexRange range = range(2048, 0, 2, 3, 7);
    assertThat(range.pieceAddress(0)).isEqualTo(ADDRESS + PIECE);
    assertThat(range.pieceAddress(1)).isEqualTo(ADDRESS + 4 * PIECE);
    assertThat(range.pieceAddress(3)).isEqualTo(ADDRESS + 6 * PIECE);
    assertThat(range.pieceAddress(4)).isEqualTo(ADDRESS + 8 * PIECE);
    assertThat(range.extent()).isEqualTo(new Extent(ADDRESS, 6 * PIECE));
  }

  @Test
  void endsWhereTheDriveEnds() {
    assertThat(range(2000).reachable(Long.MAX_VALUE)).isEqualTo(2048);
    assertThat(range(2000).reachable(ADDRESS + 4096 + 512)).isEqualTo(64);
    assertThat(range(2000).reachable(ADDRESS - 1)).isZero();
    assertThat(range(2000, 0).reachable(ADDRESS + PIECE)).isZero();
    assertThat(range(2000, 0).reachable(ADDRESS + PIECE + 4096)).isEqualTo(64);
    assertThat(range(2000, 1).reachable(ADDRESS + PIECE + 8192)).isEqualTo(1024);
    assertThat(range(2000, 1).reachable(ADDRESS + 2 * PIECE + 8192)).isEqualTo(1152);
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatThrownBy(() -> range(1, 3, 3)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> range(1, -1)).isInstanceOf(IllegalArgumentException.class);
    Integer[] many = new Integer[17];
    Arrays.setAll(many, i -> i);
    assertThatThrownBy(() -> range(1, many)).isInstanceOf(IllegalArgumentException.class);
  }
}
