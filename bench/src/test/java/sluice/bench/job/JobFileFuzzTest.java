package sluice.bench.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever the file is: it is read, or refused in one line that names the place. */
class JobFileFuzzTest {
  private static final List<String> VALUES =
      List.of(
          "",
          "0",
          "1",
          "-1",
          "4k",
          "99999999999999999999999",
          "1e400",
          "100%",
          "-5%",
          "4k-8k",
          "4k/50:8k",
          "a",
          "zipf:1.1",
          "zoned:50/50:50/50",
          "zipf:",
          ",,",
          "1,2,3",
          "1,2,3,4",
          "0x",
          "0xfff",
          "%o",
          "\"",
          "iops:1%",
          "iops",
          "/",
          ":",
          "//::",
          "NaN",
          "Infinity",
          "include",
          "1d",
          "9223372036854775807",
          "9223372036854775808",
          "0.00000000000001",
          "crc32c",
          "pattern",
          "md5",
          "randrw:8",
          "read:-1",
          "50:60:70",
          "1k-1p",
          "٣");

  @TempDir Path folder;

  @Test
  @Timeout(120)
  void randomFiles() throws IOException {
    long seed = 20261121;
    Random random = new Random(seed);
    List<String> names = Options.names();
    Path file = folder.resolve("f.fio");
    for (int i = 0; i < 2_000; i++) {
      StringBuilder text = new StringBuilder();
      int lines = random.nextInt(8);
      for (int line = 0; line < lines; line++) {
        text.append(line(random, names)).append('\n');
      }
      byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
      if (bytes.length > 0 && random.nextInt(4) == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      for (int flips = random.nextInt(6) - 3; flips > 0 && bytes.length > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      check(file, bytes, "seed " + seed + ", file " + i);
    }
  }

  @Test
  @Timeout(60)
  void noise() throws IOException {
    long seed = 7;
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      byte[] bytes = new byte[random.nextInt(10_000)];
      random.nextBytes(bytes);
      check(folder.resolve("f.fio"), bytes, "seed " + seed + ", file " + i);
    }
    check(folder.resolve("f.fio"), new byte[2 << 20], "two million zeros");
  }

  private static String line(Random random, List<String> names) {
    String name = names.get(random.nextInt(names.size()));
    return switch (random.nextInt(10)) {
      case 0, 1 -> "[" + (random.nextBoolean() ? "global" : "job") + "]";
      case 2 -> "include " + (random.nextBoolean() ? "f.fio" : "\0");
      case 3 -> name;
      default -> name + "=" + VALUES.get(random.nextInt(VALUES.size()));
    };
  }

  private static void check(Path file, byte[] bytes, String what) throws IOException {
    Files.write(file, bytes);
    try {
      assertThat(JobFile.read(file).jobs()).as(what).isNotEmpty();
    } catch (JobException e) {
      assertThat(e.getMessage())
          .as(what)
          .startsWith(file.toString())
          .hasLineCount(1)
          .matches("[ -~]*");
    } catch (RuntimeException e) {
      fail(what + ": " + new String(bytes, StandardCharsets.ISO_8859_1), e);
    }
  }
}
