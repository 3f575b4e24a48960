package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SluiceTest {
  @Test
  void whatIsNotEvenAnExceptionIsToldInOneLine() {
    PrintStream err = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      int status =
          new Sluice()
              .guard(() -> {
                throw new UnsatisfiedLinkError("the C library has no memfd_create");
              });
      assertThat(status).isEqualTo(ExitStatus.FAILURE);
    } finally {
      System.setErr(err);
    }
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .contains("sluice: ")
        .endsWith(
            "unexpected java.lang.UnsatisfiedLinkError: the C library has no memfd_create;"
                + " --debug shows more\n");
  }
}
