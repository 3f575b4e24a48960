package sluice.qemu.guest;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which of the system's shared libraries a program or library needs, as ldd tells. */
final class SharedLibraries {
  private static final Pattern PATH = Pattern.compile("(?m)^\\s*(?:\\S+ => )?(/\\S+) \\(0x");
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private SharedLibraries() {}

  /** The libraries, with the loader, as they are named on this system. */
  static Set<String> of(List<Path> files) {
    List<String> command = new ArrayList<>(List.of("ldd"));
    files.forEach(file -> command.add(file.toString()));
    Set<String> found = new TreeSet<>();
    Matcher matcher = PATH.matcher(String.join("\n", Tool.run(Path.of("/"), DEADLINE, command)));
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }
}
