package sluice.qemu.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.classfile.ClassFile;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ClassJarTest {
  @TempDir Path directory;

  @Test
  void aDirectoryBecomesAJar() throws Exception {
    Path classes =
        Files.createDirectories(directory.resolve("classes/a/b")).getParent().getParent();
    Files.writeString(classes.resolve("a/b/Some.txt"), "some");
    Path jar = directory.resolve("0.jar");
    ClassJar.write(classes, jar);
    assertThat(Files.getLastModifiedTime(jar).toMillis()).isZero();
    try (JarFile file = new JarFile(jar.toFile())) {
      JarEntry entry = file.getJarEntry("a/b/Some.txt");
      assertThat(entry.getMethod()).isEqualTo(JarEntry.STORED);
      assertThat(file.getInputStream(entry).readAllBytes()).asString().isEqualTo("some");
    }
  }

  @Test
  void classesOfOldGetStackMapsAndPassTheVerifier() throws Exception {
    URL picocli = CommandLine.class.getProtectionDomain().getCodeSource().getLocation();
    Path jar = directory.resolve("0.jar");
    ClassJar.write(Path.of(picocli.toURI()), jar);
    try (JarFile file = new JarFile(jar.toFile());
        URLClassLoader loader =
            new URLClassLoader(
                new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
      byte[] bytes = file.getInputStream(file.getEntry("picocli/CommandLine.class")).readAllBytes();
      assertThat(bytes[7]).isEqualTo((byte) ClassFile.JAVA_8_VERSION);
      assertThat(file.getManifest().getMainAttributes().getValue("Multi-Release"))
          .isEqualTo("true");
      for (JarEntry each : file.stream().toList()) {
        String name = each.getName();
        if (name.startsWith("picocli/CommandLine") && name.endsWith(".class")) {
          String type = name.substring(0, name.length() - 6).replace('/', '.');
          assertThat(Class.forName(type, true, loader).getClassLoader()).isSameAs(loader);
        }
      }
    }
  }
}
