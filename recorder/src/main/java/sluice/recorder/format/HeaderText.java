package sluice.recorder.format;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** A recording's header as text: a line {@code key=value} each, in the order of the keys. */
final class HeaderText {
  private HeaderText() {}

  static byte[] encode(Map<String, String> header) {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(header)
        .forEach((key, value) -> {
          if (key.isEmpty() || key.indexOf('=') >= 0 || hasLineEnd(key) || hasLineEnd(value)) {
            throw new IllegalArgumentException(
                "a header's key has no '=', and no line ends are in it: \"%s=%s\""
                    .formatted(key, value));
          }
          text.append(key).append('=').append(value).append('\n');
        });
    byte[] utf8 = text.toString().getBytes(StandardCharsets.UTF_8);
    if (utf8.length > CatalogueEntry.MAX_HEADER) {
      throw new IllegalArgumentException(
          "the header has %d bytes, and %d is the most"
              .formatted(utf8.length, CatalogueEntry.MAX_HEADER));
    }
    return utf8;
  }

  static Map<String, String> decode(String text) {
    Map<String, String> header = new LinkedHashMap<>();
    text.lines()
        .forEach(line -> {
          int at = line.indexOf('=');
          if (at > 0) {
            header.put(line.substring(0, at), line.substring(at + 1));
          }
        });
    return header;
  }

  private static boolean hasLineEnd(String text) {
    return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
  }
}
