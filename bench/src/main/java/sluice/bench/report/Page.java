package sluice.bench.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** What all pages have: a head with the style sheet, and nothing from outside. */
final class Page {
  private Page() {}

  /**
   * The page up to its heading.
   *
   * @param title plain text
   */
  static String begin(String title, String command) {
    return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>%s: %s</title>
    <style>
    %s</style>
    </head>
    <body>
    <h1>%s</h1>
    """
        .formatted(Svg.escaped(title), command, resource("report.css"), Svg.escaped(title));
  }

  static String end() {
    return "<script>\n" + resource("page.js") + "</script>\n</body>\n</html>\n";
  }

  /** A named value for {@link #facts}; empty if the value is. */
  static String fact(String name, String value) {
    return value.isEmpty() ? "" : "<li>" + name + " <b>" + Svg.escaped(value) + "</b></li>";
  }

  /** Data that can be saved as a file, and the link to it. */
  static String data(String json, String file) {
    return "<p><a id=\"download\" download=\"%s\" hidden>The data of this page (JSON)</a></p>\n"
            .formatted(file)
        + "<script type=\"application/json\" id=\"data\">"
        + json.replace("<", "\\u003c")
        + "</script>\n";
  }

  static String facts(List<String> facts) {
    return "<ul class=\"facts\">" + String.join("", facts) + "</ul>\n";
  }

  static String plot(String title, String svg) {
    return "<figure><h3>" + title + "</h3>" + svg + "<output></output></figure>\n";
  }

  /** A table in a card, of cells that are HTML already; the first column is set to the left. */
  static String table(List<String> columns, List<List<String>> rows) {
    StringBuilder out = new StringBuilder("<div class=\"card scroll\"><table><thead><tr>");
    columns.forEach(column -> out.append("<th>").append(column).append("</th>"));
    out.append("</tr></thead><tbody>\n");
    for (List<String> row : rows) {
      out.append("<tr>");
      row.forEach(cell -> out.append("<td>").append(cell).append("</td>"));
      out.append("</tr>\n");
    }
    return out.append("</tbody></table></div>\n").toString();
  }

  static String resource(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not in the program");
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }
}
