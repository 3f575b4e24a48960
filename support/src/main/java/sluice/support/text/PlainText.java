package sluice.support.text;

/**
 * Text that can be shown on a terminal as it is: names, headers and messages come from drives,
 * processes and mounts that others have named, and a control character among them could clear the
 * screen or break a line.
 */
public final class PlainText {
  private static final int LAST_OF_ONE_BYTE = 0xff;

  private PlainText() {}

  /** Whether all of it can be shown as it is. */
  public static boolean isPlain(String text) {
    return text.codePoints().allMatch(PlainText::isPlain);
  }

  /** The same text, with {@code \x1b} or {@code \u202e} for what cannot be shown as it is. */
  public static String escape(String text) {
    if (isPlain(text)) {
      return text;
    }
    StringBuilder plain = new StringBuilder();
    text.codePoints()
        .forEach(c -> {
          if (isPlain(c)) {
            plain.appendCodePoint(c);
          } else {
            plain.append((c <= LAST_OF_ONE_BYTE ? "\\x%02x" : "\\u%04x").formatted(c));
          }
        });
    return plain.toString();
  }

  /** The same text, with a question mark for each character that cannot be shown as it is. */
  public static String mask(String text) {
    return text.codePoints()
        .map(c -> isPlain(c) ? c : '?')
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  /** Neither a control character nor the end of a line, nor what turns the direction of writing. */
  private static boolean isPlain(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          false;
      case Character.FORMAT -> !((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069));
      default -> true;
    };
  }
}
