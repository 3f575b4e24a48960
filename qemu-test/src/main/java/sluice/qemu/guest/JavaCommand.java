package sluice.qemu.guest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import sluice.qemu.QemuException;

/**
 * A program in Java as a command of guests, with an ahead-of-time cache (JEP 483): much of what an
 * emulated processor does for a short run is to load, verify and link classes, and the cache spares
 * it that.
 *
 * <pre>
 *   /bin/NAME                  runs it
 *   /bin/standby-NAME          has a Java that stays run it, which /bin/java-NAME has started
 *   /commands/NAME/0.jar, …    its class path
 *                 /classes.aot what Java remembers of a training run on this system
 * </pre>
 *
 * <p>A cache that does not fit makes the start slower and changes nothing else; Java itself sees to
 * that.
 *
 * @param main the class to run; on standby, by its static int run(String...)
 * @param training the class to run for training, which exits with 0; shall touch what the command
 *     does
 * @param classPath jars and directories
 */
public record JavaCommand(String main, String training, List<Path> classPath) {
  private static final String KIND = "command-";

  /** One of them is some 40 MB, and any change of a class makes another. */
  private static final int KEPT = 4;

  private static final Duration DEADLINE = Duration.ofMinutes(2);

  /** The directory for the guest, from the cache unless anything that it is made from is new. */
  Path directory() {
    return Cache.recent(KIND, digest(), KEPT, (path, _) -> make(path));
  }

  /**
   * The script that runs the command in a guest. A method is compiled after ten times as many calls
   * as by {@code java}: QEMU has to translate what the compiler makes, and again when it changes.
   */
  String script(String name) {
    return javaScript(name, "", "-XX:CompileThresholdScaling=10", main);
  }

  /**
   * The same for a Java that stays, and has its methods compiled as others do: see {@link Standby}.
   */
  String standbyJava(String name) {
    return javaScript(name, ":$(cat /app/classpath)", "", "");
  }

  /** The script that has the Java that stays run the command. */
  String standbyScript(String name) {
    return """
    #!/bin/sh
    exec standby.sh %s %s "$@"
    """
        .formatted("java-" + name, main);
  }

  private String javaScript(String name, String otherClasses, String option, String what) {
    return """
    #!/bin/sh
    export CLASSPATH=%s%s
    exec java %s \\
      -XX:AOTCache=/commands/%s/classes.aot -Xlog:aot*=off -Xlog:cds*=off %s "$@"
    """
        .formatted(
            String.join(":", jars("/commands/" + name + "/")), otherClasses, option, name, what);
  }

  private List<String> jars(String prefix) {
    List<String> jars = new ArrayList<>();
    for (int i = 0; i < classPath.size(); i++) {
      jars.add(prefix + i + ".jar");
    }
    return jars;
  }

  private String digest() {
    try {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.writeBytes(JavaRuntime.name().getBytes(StandardCharsets.UTF_8));
      all.writeBytes(Initramfs.resource("java.sh"));
      all.writeBytes(training.getBytes(StandardCharsets.UTF_8));
      for (Path entry : classPath) {
        try (Stream<Path> files = Files.walk(entry)) {
          for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
            byte[] bytes = Files.readAllBytes(file);
            String head = "\n%s %d\n".formatted(entry.relativize(file), bytes.length);
            all.writeBytes(head.getBytes(StandardCharsets.UTF_8));
            all.writeBytes(bytes);
          }
        }
      }
      return Digest.of(all.toByteArray());
    } catch (IOException e) {
      throw new QemuException("cannot read a guest's class path: " + e, e);
    }
  }

  private void make(Path directory) throws IOException {
    Progress.say("training Java for " + main);
    Files.createDirectories(directory);
    List<String> jars = jars(directory + "/");
    for (int i = 0; i < jars.size(); i++) {
      ClassJar.write(classPath.get(i), Path.of(jars.get(i)));
    }
    Path script = Files.write(directory.resolve("java.sh"), Initramfs.resource("java.sh"));
    try {
      // By the script that guests run Java with: a cache fits only where the options are the same.
      var _ =
          Tool.run(
              directory,
              DEADLINE,
              List.of(
                  "env",
                  "JAVA=" + JavaRuntime.home().resolve("bin/java"),
                  "CLASSPATH=" + String.join(":", jars),
                  "sh",
                  script.toString(),
                  "-XX:AOTCacheOutput=" + directory.resolve("classes.aot"),
                  training));
    } catch (QemuException e) {
      Progress.say("there will be no cache, and " + main + " be slow: " + e.getMessage());
      Files.deleteIfExists(directory.resolve("classes.aot"));
    }
    Files.delete(script);
  }
}
