package sluice.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void readsEveryKindOfValue() {
    Object value =
        Json.parse(
            " {\"a\": [1, -2, 3.5, 1e3, true, false, null], \"b\": {}, \"c\": [] ,"
                + "\"d\":\"x\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"}\r");

    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("a", Arrays.asList(1L, -2L, 3.5, 1000.0, true, false, null));
    expected.put("b", Map.of());
    expected.put("c", List.of());
    expected.put("d", "x\"\\/\b\f\n\r\té");
    assertThat(value).isEqualTo(expected);
  }

  @Test
  void readsWhatItWrites() {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("execute", "a \"quoted\" \\ word\nand a line");
    value.put("list", Arrays.asList(1L, true, null, List.of(), Map.of()));
    value.put("number", 1.5);

    String text = Json.write(value);

    assertThat(text)
        .isEqualTo(
            "{\"execute\": \"a \\\"quoted\\\" \\\\ word\\u000aand a line\","
                + " \"list\": [1, true, null, [], {}], \"number\": 1.5}");
    assertThat(Json.parse(text)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[1",
        "[1 2]",
        "{\"a\" 1}",
        "{\"a\": 1,}",
        "{a: 1}",
        "tru",
        "\"x",
        "\"\\q\"",
        "\"\\u00g0\"",
        "1 2",
        "-",
        "1.2.3",
        "}"
      })
  void refusesWhatIsNotJson(String text) {
    assertThatThrownBy(() -> Json.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("bad JSON at character ");
  }

  @Test
  void refusesToGoTooDeep() {
    assertThatThrownBy(() -> Json.parse("[".repeat(100_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 100 levels");
  }
}
