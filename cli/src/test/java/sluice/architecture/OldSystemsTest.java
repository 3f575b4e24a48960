package sluice.architecture;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import sluice.support.linux.Downcall;

/**
 * No function of the C library is linked that came after glibc 2.17, the oldest that a JDK runs on:
 * one that a system does not have keeps the whole class from being loaded.
 */
class OldSystemsTest {
  private static final Pattern LINK =
      Pattern.compile("Downcall\\s*\\.\\s*(?:plain|withErrno|variadicWithErrno)\\(\\s*\"(\\w+)\"");
  private static final Pattern SYSTEM_CALL =
      Pattern.compile("Downcall\\s*\\.\\s*systemCall\\(\\s*\"(\\w+)\"");
  private static final Pattern IF_THERE =
      Pattern.compile("Downcall\\s*\\.\\s*plainIfThere\\(\\s*\"(\\w+)\"");
  private static final List<String> NEWER =
      IntStream.range(18, 100).mapToObj(minor -> "GLIBC_2." + minor).toList();
  private static final List<String> OLDER =
      Stream.concat(
              Stream.of("GLIBC_2.2.5", "GLIBC_2.2.6", "GLIBC_2.3.2", "GLIBC_2.3.3", "GLIBC_2.3.4"),
              IntStream.range(3, 18).mapToObj(minor -> "GLIBC_2." + minor))
          .toList();

  private static final MethodHandle DLVSYM =
      Downcall.plain("dlvsym", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS));

  private static Set<String> linked(Pattern pattern) throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> modules = Files.list(Path.of(".."))) {
      for (Path module : modules.map(path -> path.resolve("src/main/java")).toList()) {
        if (!Files.isDirectory(module)) {
          continue;
        }
        try (Stream<Path> files = Files.walk(module)) {
          for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
            Matcher matcher = pattern.matcher(Files.readString(file));
            while (matcher.find()) {
              names.add(matcher.group(1));
            }
          }
        }
      }
    }
    return names;
  }

  private static boolean has(String name, List<String> versions) throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      for (String version : versions) {
        long address =
            (long) DLVSYM.invokeExact(0L, arena.allocateFrom(name), arena.allocateFrom(version));
        if (address != 0) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void whatIsLinkedIsInOldLibrariesToo() throws Throwable {
    Set<String> names = linked(LINK);
    assertThat(names).contains("mmap", "ioctl", "poll").hasSizeGreaterThan(30);
    Set<String> newer = new TreeSet<>();
    for (String name : names) {
      if (!has(name, OLDER)) {
        newer.add(name);
      }
    }
    assertThat(newer).as("newer than glibc 2.17").isEmpty();
  }

  @Test
  void seesWhichAreNewer() throws Throwable {
    assertThat(linked(SYSTEM_CALL)).containsExactly("memfd_create", "statx");
    assertThat(linked(IF_THERE)).containsExactly("preadv2");
    for (String name : List.of("memfd_create", "statx", "fstat")) {
      assertThat(has(name, OLDER)).as(name).isFalse();
    }
    assertThat(has("memfd_create", NEWER)).isTrue();
  }
}
