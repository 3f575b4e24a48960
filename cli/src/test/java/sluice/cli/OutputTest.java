package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class OutputTest {
  @Test
  void columnsAreAsWideAsTheirWidestCell() {
    Output.Table table = new Output.Table("name", ">bytes", "state");
    table.row("a", "1", "closed");
    table.row("a long name", "1234567", "");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    table.print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            name           bytes  state
            a                  1  closed
            a long name  1234567
            """);
  }
}
