package sluice.qemu;

import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import sluice.vfio.PciFunction;

/**
 * QEMU's NVMe controller as a JUnit extension.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final QemuNvme qemu =
 *     QemuNvme.withDrive(drive -> drive.size("64M").lba(4096).property("mdts", 5));
 *
 * @Test
 * void readsCapabilities(PciFunction drive) {
 *   long capabilities = drive.bar(0).read64(0);
 * }
 * }</pre>
 *
 * <p>In a static field QEMU is started once for the class, in an instance field once for every
 * test. A test gets the function as a parameter or from {@link #open}; it is closed, and thereby
 * reset, after the test at the latest. The drive's bytes stay from test to test of a class. A
 * {@link QemuMachine} or {@link Qmp} parameter is resolved too. Not for tests of one class that run
 * in parallel.
 */
public final class QemuNvme
    implements BeforeAllCallback,
        BeforeEachCallback,
        AfterEachCallback,
        AfterAllCallback,
        ParameterResolver {
  private final QemuDrive drive;
  private QemuMachine machine;
  private PciFunction function;

  /** How many classes, one nested in the other, run with the machine; 0 when it is a test's. */
  private int classes;

  private QemuNvme(QemuDrive drive) {
    this.drive = drive;
  }

  /**
   * @param describe says what the drive shall be
   */
  public static QemuNvme withDrive(UnaryOperator<QemuDrive> describe) {
    return new QemuNvme(describe.apply(new QemuDrive()));
  }

  /** Opens the NVMe function for this test; closed after it unless the test does. */
  public PciFunction open() {
    function = machine().open();
    return function;
  }

  /** The running machine. */
  public QemuMachine machine() {
    if (machine == null) {
      throw new IllegalStateException("QEMU runs only during a test");
    }
    return machine;
  }

  /** QEMU's monitor. */
  public Qmp qmp() {
    return machine().qmp();
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    if (classes++ == 0) {
      machine = QemuMachine.start(drive);
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    if (classes == 0) {
      machine = QemuMachine.start(drive);
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    try {
      if (function != null) {
        function.close();
      }
    } finally {
      function = null;
      if (classes == 0) {
        stop();
      }
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (--classes == 0) {
      stop();
    }
  }

  private void stop() {
    if (machine != null) {
      machine.close();
      machine = null;
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return context.getTestMethod().isPresent()
        && (type == PciFunction.class || type == QemuMachine.class || type == Qmp.class);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    if (type == PciFunction.class) {
      return open();
    }
    return type == Qmp.class ? qmp() : machine();
  }
}
