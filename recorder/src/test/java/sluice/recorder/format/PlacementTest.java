package sluice.recorder.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PlacementTest {
  @Test
  void placesOneBehindTheOther() {
    Placement placement = new Placement(List.of(new Extent(65536, 20480)));
    assertThat(placement.used()).isEmpty();
    assertThat(placement.place(1)).isEqualTo(65536);
    assertThat(placement.place(4096)).isEqualTo(69632);
    assertThat(placement.place(4097)).isEqualTo(73728);
    assertThat(placement.room()).isEqualTo(4096);
    assertThat(placement.place(4097)).as("no room").isEqualTo(-1);
    assertThat(placement.place(4096)).isEqualTo(81920);
    assertThat(placement.place(1)).isEqualTo(-1);
    assertThat(placement.used()).containsExactly(new Extent(65536, 20480));
  }

  @Test
  void goesOnInTheNextExtent() {
    Placement placement =
        new Placement(
            List.of(new Extent(65536, 12288), new Extent(4096, 4096), new Extent(131072, 16384)));
    assertThat(placement.place(8192)).isEqualTo(65536);
    assertThat(placement.place(8192)).isEqualTo(131072);
    assertThat(placement.place(4096)).isEqualTo(139264);
    assertThat(placement.used())
        .containsExactly(
            new Extent(65536, 12288), new Extent(4096, 4096), new Extent(131072, 12288));
  }

  @Test
  void goesOnBehindABadPlace() {
    Placement placement = new Placement(List.of(new Extent(4096, 8192), new Extent(65536, 20480)));
    assertThat(placement.place(8192)).isEqualTo(4096);
    assertThat(placement.place(4096)).isEqualTo(65536);
    placement.resumeBehind(4096, 4096);
    assertThat(placement.place(4096)).isEqualTo(8192);
    assertThat(placement.place(4096)).isEqualTo(65536);
    placement.resumeBehind(65536, 1);
    assertThat(placement.place(1)).isEqualTo(69632);
  }

  @Test
  void acceptsWhatIsInOrder() {
    Placement placement = new Placement(List.of(new Extent(4096, 8192), new Extent(65536, 20480)));
    assertThat(placement.accept(4096, 1)).isTrue();
    assertThat(placement.accept(4096, 1)).as("it is taken").isFalse();
    assertThat(placement.accept(65536, 4096)).isTrue();
    assertThat(placement.accept(8192, 1)).as("behind").isFalse();
    assertThat(placement.accept(77824, 4096)).as("with places left out").isTrue();
    assertThat(placement.accept(81921, 1)).isFalse();
    assertThat(placement.accept(81920, 8192)).as("beyond the end").isFalse();
    assertThat(placement.used()).containsExactly(new Extent(4096, 8192), new Extent(65536, 16384));
  }

  @Test
  void hasNoPlaceWithoutExtents() {
    Placement placement = new Placement(List.of());
    assertThat(placement.place(1)).isEqualTo(-1);
    assertThat(placement.room()).isZero();
    assertThat(placement.used()).isEmpty();
  }
}
