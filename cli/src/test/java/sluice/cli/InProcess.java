package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Runs a command in this process, where a test has hundreds of them to run. */
record InProcess(int status, String out, String err, String command) {
  static InProcess run(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
    try {
      int status = Sluice.run(arguments);
      return new InProcess(
          status,
          outBytes.toString(StandardCharsets.UTF_8),
          errBytes.toString(StandardCharsets.UTF_8),
          String.join(" ", arguments));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  InProcess expect(int expected) {
    assertThat(status).as("status of %s", this).isEqualTo(expected);
    return this;
  }

  /** Expects a failure of one clear line that contains a text. */
  InProcess expectError(int expected, String text) {
    expect(expected);
    assertThat(err.strip().lines()).as("standard error of %s", this).hasSize(1);
    assertThat(err).as("standard error of %s", this).contains(text);
    return this;
  }
}
