package sluice.recorder.sink;

import java.lang.foreign.Arena;
import sluice.recorder.Sink;
import sluice.recorder.stream.Pattern;

/** A process that writes the pattern to its standard output. */
final class StandardOutputChild {
  private StandardOutputChild() {}

  public static void main(String[] args) {
    int size = Integer.parseInt(args[0]);
    long at = Arena.global().allocate(size, 8).address();
    new Pattern(7).fill(at, size, 0);
    try (Sink sink = Sinks.open("-")) {
      for (long done = 0; done < size; ) {
        done += sink.write(at + done, size - done);
      }
      sink.finish();
    }
  }
}
