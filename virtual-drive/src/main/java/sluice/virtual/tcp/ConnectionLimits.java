package sluice.virtual.tcp;

/** How long a connection may take to do what is due, and that it ends when it does not. */
final class ConnectionLimits {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /** How long a connection may take to say whose it is. */
  private static final long HANDSHAKE_NANOS = 10 * NANOS_PER_SECOND;

  /** How long a host that was told of its error may take to close its connection. */
  private static final long FAREWELL_NANOS = 2 * NANOS_PER_SECOND;

  /** How long a host may take nothing of what waits for it, or give nothing that it owes. */
  private static final long STUCK_NANOS = 30 * NANOS_PER_SECOND;

  private ConnectionLimits() {}

  /** Ends a connection that is overdue. */
  static void hold(QueueConnection connection, long now) {
    switch (connection.state()) {
      case NEW, AGREED -> {
        if (now - connection.begun() > HANDSHAKE_NANOS) {
          connection.fail("it has not said in time what it wants");
        }
      }
      case QUEUE -> {
        if (connection.outgoing().stuckNanos(now) > STUCK_NANOS) {
          connection.fail("it has taken nothing of what was sent for half a minute");
        } else if (connection.owed().nanos(now) > STUCK_NANOS) {
          connection.fail("it has given nothing of what it was asked for for half a minute");
        }
      }
      case ENDING -> {
        if (now - connection.leftAt() > FAREWELL_NANOS) {
          connection.close();
        }
      }
      case CLOSED -> {}
    }
  }
}
