package sluice.qemu.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import sluice.qemu.QemuException;

/** Tests that run inside a guest, and what is told of them. */
@Order(2)
@Tag("guest")
class GuestTestsTest {
  @RegisterExtension static final GuestExtension guests = GuestExtension.with(machine -> machine);

  @TempDir Path reports;

  /** Runs in the guest only: its name is none that a build looks for. */
  static final class Sample {
    @Test
    void passes() {
      assertThat(System.getProperty("sluice.sample")).isEqualTo("a value, with 'quotes'");
    }

    @Test
    void fails() {
      throw new IllegalStateException("on purpose");
    }

    @Test
    void isSkipped() {
      assumeTrue(false);
    }
  }

  /** Never ends. */
  static final class Hanging {
    @Test
    void hangs() throws InterruptedException {
      Thread.currentThread().join();
    }
  }

  @Test
  void areCountedAndReported(Guest guest) throws IOException {
    GuestTests.Outcome outcome =
        new GuestTests("sample")
            .selectClass(Sample.class.getName())
            .property("sluice.sample", "a value, with 'quotes'")
            .run(guest, reports, _ -> {});

    assertThat(outcome.tests()).isEqualTo(3);
    assertThat(outcome.failed()).isEqualTo(1);
    assertThat(outcome.skipped()).isEqualTo(1);
    assertThat(outcome.output())
        .contains("Sample > passes() SUCCESSFUL", "Sample > fails() FAILED", "on purpose");
    assertThat(Files.readString(reports.resolve("TEST-sample.xml")))
        .contains(
            "<testsuite name=\"sample\" tests=\"3\" skipped=\"1\" failures=\"0\" errors=\"1\"")
        .contains("<testcase name=\"fails()\"");
  }

  @Test
  void thatHangAreNamedWithTheirStack(Guest guest) {
    assertThatThrownBy(() ->
            new GuestTests("hanging")
                .selectClass(Hanging.class.getName())
                .silence(Duration.ofSeconds(25))
                .run(guest, reports, _ -> {}))
        .isInstanceOf(QemuException.class)
        .hasMessageContaining("JUnit in the guest ended with 137 and left no report")
        .hasMessageContaining("Hanging.hangs(");
    assertThat(reports).isEmptyDirectory();
  }
}
