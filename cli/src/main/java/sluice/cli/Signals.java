package sluice.cli;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * Ctrl-C and {@code kill}: the first one asks the work to end cleanly, the second one ends the
 * process at once.
 *
 * <p>A shutdown hook could not do this: it runs while the machine is going down already, so the
 * exit status would be the signal's, and a second Ctrl-C would be ignored. What can do it is {@code
 * sun.misc.Signal}, which every JDK exports but none lets pass without a warning that cannot be
 * switched off for one class; hence the reflection.
 */
final class Signals {
  /** What a shell reports for a process that SIGINT ended. */
  private static final int ABORTED = 130;

  private final Runnable end;
  private boolean received;

  private Signals(Runnable end) {
    this.end = end;
  }

  /**
   * Takes SIGINT and SIGTERM over for the rest of the process.
   *
   * @param end called by the first of them, on a thread of its own; it has to return soon
   */
  static void onFirst(Runnable end) {
    Signals signals = new Signals(end);
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Method handle = signal.getMethod("handle", signal, handler);
      Object proxy =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(), new Class<?>[] {handler}, signals::invoked);
      handle.invoke(null, signal.getConstructor(String.class).newInstance("INT"), proxy);
      handle.invoke(null, signal.getConstructor(String.class).newInstance("TERM"), proxy);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this Java runtime cannot handle signals: " + e, e);
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

  private synchronized void received() {
    if (received) {
      Runtime.getRuntime().halt(ABORTED);
    }
    received = true;
    end.run();
  }
}
