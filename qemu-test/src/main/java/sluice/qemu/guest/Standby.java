package sluice.qemu.guest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the command lines of a program one after the other in a Java that stays, for {@code
 * standby.sh}, which describes the files that both talk by. Its arguments are their directory and
 * the program's class, which has a {@code static int run(String...)}.
 */
final class Standby {
  private final Path directory;
  private final Method run;

  private Standby(Path directory, Class<?> program) throws NoSuchMethodException {
    this.directory = directory;
    run = program.getDeclaredMethod("run", String[].class);
    run.setAccessible(true);
  }

  /** Runs until it is ended from outside. */
  public static void main(String[] arguments) throws ReflectiveOperationException, IOException {
    Standby standby = new Standby(Path.of(arguments[0]), Class.forName(arguments[1]));
    while (true) {
      standby.serve(standby.take());
    }
  }

  /** Waits for a command line. */
  private List<String> take() throws IOException {
    List<String> words = new ArrayList<>();
    try (BufferedReader in = Files.newBufferedReader(directory.resolve("line"))) {
      for (String word = in.readLine(); word != null; word = in.readLine()) {
        words.add(word);
      }
    }
    return words;
  }

  private void serve(List<String> words) throws IOException, IllegalAccessException {
    PrintStream out = System.out;
    PrintStream err = System.err;
    int status = 1;
    try (PrintStream newOut = to("out");
        PrintStream newErr = to("err")) {
      System.setOut(newOut);
      System.setErr(newErr);
      status = (int) run.invoke(null, (Object) words.toArray(String[]::new));
    } catch (InvocationTargetException e) {
      e.getCause().printStackTrace(System.err);
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    Files.writeString(directory.resolve("status"), status + "\n");
  }

  private PrintStream to(String file) throws IOException {
    return new PrintStream(
        Files.newOutputStream(directory.resolve(file)), true, StandardCharsets.UTF_8);
  }
}
