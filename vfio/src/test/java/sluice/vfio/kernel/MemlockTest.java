package sluice.vfio.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MemlockTest {
  private static final List<String> STATUS =
      List.of("Name:\tjava", "VmLck:\t      64 kB", "VmPin:\t     256 kB", "CapEff:\t0");

  @Test
  void eachWayOfMappingHasItsOwnCount() {
    assertThat(Memlock.ofProcess().used(STATUS)).isEqualTo(64 << 10);
    assertThat(Memlock.ofUser().used(STATUS)).isEqualTo(256 << 10);
  }

  @Test
  void whatThisProcessKnowsOfCountsToo() {
    Memlock memlock = Memlock.ofProcess();
    memlock.add(100 << 10);
    assertThat(memlock.used(STATUS)).isEqualTo(100 << 10);
    assertThat(memlock.used(List.of())).isEqualTo(100 << 10);
    memlock.add(-(90 << 10));
    assertThat(memlock.used(STATUS)).isEqualTo(64 << 10);
  }
}
