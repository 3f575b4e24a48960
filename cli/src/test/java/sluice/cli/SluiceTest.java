package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
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

  /** As when its disk is full, or who was to read it has gone. */
  @Test
  void aResultThatStandardOutputDoesNotTakeIsNotASuccess() {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(new FullDisk(), true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertThat(Sluice.run("--version")).isEqualTo(ExitStatus.FAILURE);
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .hasLineCount(1)
        .contains("standard output does not take what came of it");
  }

  private static final class FullDisk extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      throw new IOException("No space left on device");
    }
  }
}
