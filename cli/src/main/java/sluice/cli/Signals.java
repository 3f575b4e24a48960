package sluice.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.LongSupplier;
import sluice.support.linux.Dispositions;

/**
 * Ctrl-C, {@code kill} and a terminal that goes away: the first of these signals asks the work to
 * end cleanly, the second one ends the process at once. One that follows within half a second is no
 * second one: {@code timeout} signals the process and then its group.
 *
 * <p>SIGINT and SIGTERM are taken over also if they were ignored when the process started, as
 * SIGINT is in a background job of a script: a recording must not be without an end. A SIGHUP that
 * was ignored stays so: {@code nohup} means that.
 *
 * <p>A shutdown hook could not do this: it runs while the machine is going down already, so the
 * exit status would be the signal's, and a second Ctrl-C would be ignored. What can do it is {@code
 * sun.misc.Signal}, which every JDK exports but none lets pass without a warning that cannot be
 * switched off for one class; hence the reflection.
 */
final class Signals {
  /** What a shell reports for a process that SIGINT ended. */
  private static final int ABORTED = 130;

  private static final long SAME_NANOS = 500_000_000L;

  private final Runnable end;
  private final Runnable abort;
  private final LongSupplier nanoTime;
  private boolean received;
  private long firstNanos;

  Signals(Runnable end, Runnable abort, LongSupplier nanoTime) {
    this.end = end;
    this.abort = abort;
    this.nanoTime = nanoTime;
  }

  /**
   * Takes SIGINT, SIGTERM and SIGHUP over for the rest of the process.
   *
   * @param end called by the first of them, on a thread of its own; it has to return soon
   */
  static void onFirst(Runnable end) {
    Signals signals = new Signals(end, () -> Runtime.getRuntime().halt(ABORTED), System::nanoTime);
    doNotIgnore(Dispositions.SIGINT);
    doNotIgnore(Dispositions.SIGTERM);
    take(signals::invoked, "INT", "TERM", "HUP");
  }

  /**
   * Takes SIGUSR1, which would end the process, over for the rest of it.
   *
   * @param report called for each, on a thread of its own; it has to return soon
   */
  static void onUser(Runnable report) {
    take(
        (proxy, method, arguments) -> {
          if (method.getDeclaringClass().equals(Object.class)) {
            return method.invoke(report, arguments);
          }
          report.run();
          return null;
        },
        "USR1");
  }

  private static void take(InvocationHandler does, String... names) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Method handle = signal.getMethod("handle", signal, handler);
      Object proxy =
          Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handler}, does);
      // Java leaves one alone that is ignored.
      for (String name : names) {
        handle.invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this Java runtime cannot handle signals: " + e, e);
    }
  }

  private static void doNotIgnore(int signal) {
    if (Dispositions.isIgnored(signal)) {
      Dispositions.reset(signal);
    }
  }

  private Object invoked(Object proxy, Method method, Object[] arguments)
      throws ReflectiveOperationException {
    if (method.getDeclaringClass().equals(Object.class)) {
      return method.invoke(this, arguments);
    }
    received();
    return null;
  }

  synchronized void received() {
    long now = nanoTime.getAsLong();
    if (!received) {
      received = true;
      firstNanos = now;
      end.run();
    } else if (now - firstNanos > SAME_NANOS) {
      abort.run();
    }
  }
}
