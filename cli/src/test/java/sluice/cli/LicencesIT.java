package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** The jar that people get holds the licence of all that is in it. */
class LicencesIT {
  private static final Path JAR = Launcher.ROOT.resolve("cli/target/sluice.jar");
  private static final String TEXTS = "META-INF/licenses/";

  /** What each library's classes begin with, and the folder of its texts. */
  private static final Map<String, String> LIBRARIES =
      Map.of(
          "com/fasterxml/jackson/core/", "jackson-core-",
          "com/fasterxml/jackson/jr/", "jackson-jr-objects-",
          "com/sun/jna/platform/", "jna-platform-",
          "com/sun/jna/", "jna-5",
          "org/HdrHistogram/", "HdrHistogram-",
          "org/apache/commons/numbers/", "commons-numbers-core-",
          "org/apache/commons/rng/", "commons-rng-client-api-",
          "org/apache/commons/statistics/", "commons-statistics-inference-",
          "picocli/", "picocli/");

  @Test
  void theJarHoldsOurLicenceAsTheTopOfTheTreeHasIt() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      assertThat(text(jar, "META-INF/LICENSE"))
          .isEqualTo(Files.readString(Launcher.ROOT.resolve("LICENSE")))
          .contains("Apache License");
    }
  }

  @Test
  void eachLibraryInTheJarHasItsLicenceThere() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      for (String folder : LIBRARIES.values()) {
        List<String> texts =
            jar.stream()
                .map(ZipEntry::getName)
                .filter(name -> name.startsWith(TEXTS + folder) && !name.endsWith("/"))
                .toList();
        assertThat(texts).as("texts of %s", folder).isNotEmpty();
        for (String text : texts) {
          assertThat(text(jar, text)).as(text).hasSizeGreaterThan(100);
        }
      }
    }
  }

  /** Whoever shades another library in adds it, and its licence, above. */
  @Test
  void noOtherLibraryIsInTheJar() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      assertThat(jar.stream().map(ZipEntry::getName))
          .filteredOn(name -> name.endsWith(".class"))
          .map(name -> name.replaceFirst("^META-INF/versions/\\d+/", ""))
          .allMatch(name ->
              name.startsWith("sluice/") || LIBRARIES.keySet().stream().anyMatch(name::startsWith));
    }
  }

  private static String text(JarFile jar, String name) throws IOException {
    ZipEntry entry = jar.getEntry(name);
    assertThat(entry).as(name).isNotNull();
    return new String(jar.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
  }
}
