package sluice.bench.report;

import java.util.Locale;
import sluice.bench.result.Backlog;

/** What a backlog says of the buffer that its stream needs, in words. */
final class BufferText {
  private BufferText() {}

  /** A part of a sentence; of a backlog that is not empty. */
  static String of(Backlog backlog) {
    String end = FioFigures.binaryBytes(backlog.endBytes());
    return switch (backlog.verdict()) {
      case KEPT ->
          "%s, needed at %s"
              .formatted(
                  FioFigures.binaryBytes(backlog.greatestBytes()),
                  seconds(backlog.greatestMillis()));
      case CATCHING_UP ->
          "%s, needed at %s; %s behind after %s and catching up"
              .formatted(
                  FioFigures.binaryBytes(backlog.greatestBytes()),
                  seconds(backlog.greatestMillis()),
                  end,
                  seconds(backlog.endMillis()));
      case GROWING ->
          "none is enough, rate not kept: %s behind after %s and growing"
              .formatted(end, seconds(backlog.endMillis()));
    };
  }

  /** For a table's cell. */
  static String brief(Backlog backlog) {
    return backlog.verdict() == Backlog.Verdict.GROWING
        ? "none is enough"
        : FioFigures.binaryBytes(backlog.greatestBytes());
  }

  private static String seconds(long millis) {
    return String.format(Locale.ROOT, "%.3f s", millis / 1e3);
  }
}
