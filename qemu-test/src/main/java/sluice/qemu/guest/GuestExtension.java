package sluice.qemu.guest;

import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import sluice.qemu.Qmp;

/**
 * A guest as a JUnit extension.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final GuestExtension guests = GuestExtension.with(machine -> machine.drive(drive -> drive.size("64M")));
 *
 * @Test
 * void isSeenByTheKernel(Guest guest) {
 *   assertThat(guest.check("cat /sys/block/nvme0n1/size")).isEqualTo("131072");
 * }
 * }</pre>
 *
 * <p>In a static field the guest is booted once for the class, in an instance field once for every
 * test. A test gets the {@link Guest} or its {@link Qmp} as a parameter. Not for tests of one class
 * that run in parallel.
 */
public final class GuestExtension
    implements BeforeAllCallback,
        BeforeEachCallback,
        AfterEachCallback,
        AfterAllCallback,
        ParameterResolver {
  private final UnaryOperator<GuestMachine> describe;
  private Guest guest;

  /** How many classes, one nested in the other, run with the guest; 0 when it is a test's. */
  private int classes;

  private GuestExtension(UnaryOperator<GuestMachine> describe) {
    this.describe = describe;
  }

  /**
   * @param describe says what the machine shall be
   */
  public static GuestExtension with(UnaryOperator<GuestMachine> describe) {
    return new GuestExtension(describe);
  }

  /** The running guest. */
  public Guest guest() {
    if (guest == null) {
      throw new IllegalStateException("the guest runs only during a test");
    }
    return guest;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    if (classes++ == 0) {
      boot();
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    if (classes == 0) {
      boot();
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (classes == 0) {
      stop();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (--classes == 0) {
      stop();
    }
  }

  private void boot() {
    guest = Guest.boot(describe.apply(new GuestMachine()));
  }

  private void stop() {
    if (guest != null) {
      guest.close();
      guest = null;
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return context.getTestMethod().isPresent() && (type == Guest.class || type == Qmp.class);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Qmp.class ? guest().qmp() : guest();
  }
}
