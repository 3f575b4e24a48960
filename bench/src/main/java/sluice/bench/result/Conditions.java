package sluice.bench.result;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Under what a run was measured: figures of two runs can be compared where it is the same.
 *
 * @param facts by short names, in the order in which they are told; empty if nothing is told
 * @param warmUp what was done before the first I/O
 */
public record Conditions(Map<String, String> facts, WarmUp warmUp) {
  public static final Conditions NONE = new Conditions(Map.of(), WarmUp.NONE);

  public Conditions {
    facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
  }

  /**
   * What this process knows of itself and of the machine, as far as that can be read.
   *
   * @param command as it was given
   * @param completions how the drive's completions are learnt of
   * @param threads how many poll at the most
   */
  public static Conditions of(String command, String completions, int threads) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("command", command);
    firstLine("/proc/sys/kernel/hostname").ifPresent(name -> facts.put("host", name));
    int processors = Runtime.getRuntime().availableProcessors();
    facts.put("cpu", processors + " x " + processor().orElse(System.getProperty("os.arch")));
    facts.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put(
        "java", Runtime.version() + " (" + System.getProperty("java.vm.name", "unknown") + ")");
    facts.put("completions", completions);
    facts.put("threads", Integer.toString(threads));
    return new Conditions(facts, WarmUp.NONE);
  }

  /** The same after a warm-up. */
  public Conditions with(WarmUp done) {
    return new Conditions(facts, done);
  }

  private static Optional<String> processor() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name") || line.startsWith("Model"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> firstLine(String file) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines.findFirst().map(String::strip);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
