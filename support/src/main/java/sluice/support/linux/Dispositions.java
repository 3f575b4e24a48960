package sluice.support.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What this process does about signals. A signal that is ignored when a process starts stays
 * ignored, and Java leaves it so without a word also when a handler is installed for it: a shell
 * starts the background jobs of a script with SIGINT ignored, {@code nohup} with SIGHUP.
 */
public final class Dispositions {
  public static final int SIGHUP = 1;
  public static final int SIGINT = 2;
  public static final int SIGTERM = 15;

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String IGNORED = "SigIgn:";
  private static final long SIG_DFL = 0;
  private static final long SIG_ERR = -1;

  private static final MethodHandle SIGNAL =
      Downcall.withErrno("signal", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG));

  private Dispositions() {}

  /** Whether a signal is ignored; false where the kernel does not tell. */
  public static boolean isIgnored(int signal) {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(IGNORED)) {
          long mask = Long.parseUnsignedLong(line.substring(IGNORED.length()).strip(), 16);
          return (mask >>> (signal - 1) & 1) != 0;
        }
      }
    } catch (IOException e) {
      // No /proc: nothing is known, and the signal is left as it is.
    }
    return false;
  }

  /** Ends the ignoring of a signal: it does what it does by default, until a handler is set. */
  public static void reset(int signal) {
    long before;
    try {
      before = (long) SIGNAL.invokeExact(Downcall.errnoSlot(), signal, SIG_DFL);
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
    if (before == SIG_ERR) {
      throw Downcall.failure("signal", "signal " + signal);
    }
  }
}
