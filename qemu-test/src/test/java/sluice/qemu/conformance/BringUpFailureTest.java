package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import sluice.nvme.CommandTimeoutException;
import sluice.nvme.ControllerOptions;
import sluice.nvme.NvmeException;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.Registers;
import sluice.vfio.PciFunction;

/**
 * Controllers that do not come up: the driver says why, in the time that CAP.TO names, and gives
 * the function back. Time is the test's: every look at the clock is a tick.
 */
class BringUpFailureTest extends PciConformanceTest {
  private static final Duration TICK = Duration.ofMillis(10);

  private final AtomicLong now = new AtomicLong();

  private AbstractThrowableAssert<?, ?> assertFails(WatchedFunction function) {
    ControllerOptions options =
        ControllerOptions.defaults()
            .withIdle(() -> work -> {})
            .withNanoClock(() -> now.getAndAdd(TICK.toNanos()));
    var thrown = assertThatThrownBy(() -> PcieTransport.open(function, options));
    assertThat(function.isClosed()).as("the function was given back").isTrue();
    return thrown;
  }

  private void assertElapsed(Duration named) {
    assertThat(Duration.ofNanos(now.get())).isBetween(named, named.plus(TICK.multipliedBy(10)));
  }

  private PciFunction open() {
    return own(rig.function(TestDrive.BLOCKS_OF_512));
  }

  @Test
  void registersThatReadAllOnes() {
    assertFails(
            new WatchedFunction(open()) {
              @Override
              int read(long offset, int value) {
                return -1;
              }
            })
        .isInstanceOf(NvmeException.class)
        .hasMessageEndingWith(" does not answer: its registers read all ones");
  }

  @Test
  void aControllerWithoutTheNvmCommandSet() {
    int none = 1 << 7;
    assertFails(new Disguised(open(), Cap.css(Cap.to(0, 1), none)))
        .isInstanceOf(NvmeException.class)
        .hasMessageEndingWith(" does not have the NVM command set");
  }

  @Test
  void neverReady() {
    assertFails(new Disguised(open(), Cap.css(Cap.to(0, 3), Cap.CSS_NVM), 0, 0))
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining(" did not become ready within 2000 ms")
        .hasMessageContaining("CAP.TO");
    assertElapsed(Duration.ofSeconds(2));
  }

  @Test
  void neverReadyWhenATimeoutOfZeroIsNamed() {
    assertFails(new Disguised(open(), Cap.css(0, Cap.CSS_NVM), 0, 0))
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining(" did not become ready within 500 ms");
    assertElapsed(Duration.ofMillis(500));
  }

  @Test
  void enabledAndNeverReadySoThatItCannotBeDisabled() {
    int enabled = Cc.en(0, true);
    assertFails(new Disguised(open(), Cap.css(Cap.to(0, 3), Cap.CSS_NVM), enabled, 0))
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining(" did not become ready before it is disabled within 2000 ms");
    // Once as it was found, and once more after a reset of the function.
    assertElapsed(Duration.ofSeconds(4));
  }

  @Test
  void neverStops() {
    int enabled = Cc.en(0, true);
    int ready = Csts.rdy(0, true);
    assertFails(new Disguised(open(), Cap.css(Cap.to(0, 3), Cap.CSS_NVM), enabled, ready))
        .isInstanceOf(NvmeException.class)
        .hasMessageContaining(" did not stop within 2000 ms");
    // Once as it was found, and once more after a reset of the function.
    assertElapsed(Duration.ofSeconds(4));
  }

  @Test
  void fatalWhenEnabled() {
    assertFails(
            new WatchedFunction(open()) {
              private boolean enabled;

              @Override
              boolean passes(long offset, int value) {
                enabled |= offset == Registers.CC && Cc.en(value);
                return !enabled;
              }

              @Override
              int read(long offset, int value) {
                return enabled && offset == Registers.CSTS ? Csts.cfs(value, true) : value;
              }
            })
        .isInstanceOf(NvmeException.class)
        .hasMessageEndingWith(" reports a fatal status (CSTS.CFS) when enabled");
  }

  @Test
  void goneWhileItIsAwaited() {
    assertFails(
            new WatchedFunction(open()) {
              private boolean enabled;

              @Override
              boolean passes(long offset, int value) {
                enabled |= offset == Registers.CC && Cc.en(value);
                return true;
              }

              @Override
              int read(long offset, int value) {
                return enabled ? -1 : value;
              }
            })
        .isInstanceOf(NvmeException.class)
        .hasMessageEndingWith(" is gone");
  }

  @Test
  void adminCommandsThatAreNeverTaken() {
    assertFails(
            new WatchedFunction(open()) {
              @Override
              boolean passes(long offset, int value) {
                return offset != Registers.DOORBELLS;
              }
            })
        .isInstanceOf(CommandTimeoutException.class)
        .hasMessageContaining("Identify");
    Duration timeout = ControllerOptions.defaults().adminTimeout();
    assertThat(Duration.ofNanos(now.get())).isGreaterThanOrEqualTo(timeout);
  }

  /** Says what the test wants of CAP, CC and CSTS, and takes no write. */
  private static final class Disguised extends WatchedFunction {
    private final long cap;
    private final int cc;
    private final int csts;

    Disguised(PciFunction inner, long cap) {
      this(inner, cap, 0, 0);
    }

    Disguised(PciFunction inner, long cap, int cc, int csts) {
      super(inner);
      this.cap = cap;
      this.cc = cc;
      this.csts = csts;
    }

    @Override
    int read(long offset, int value) {
      return switch ((int) offset) {
        case Registers.CAP -> (int) cap;
        case Registers.CAP + 4 -> (int) (cap >>> 32);
        case Registers.CC -> cc;
        case Registers.CSTS -> csts;
        default -> value;
      };
    }

    @Override
    boolean passes(long offset, int value) {
      return false;
    }
  }
}
