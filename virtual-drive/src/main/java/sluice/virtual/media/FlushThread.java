package sluice.virtual.media;

import java.util.concurrent.locks.LockSupport;
import sluice.support.linux.Linux;

/**
 * Makes a file's data durable on a thread of its own, so that nobody who asks for it waits. One
 * sync serves all requests that were made before it began.
 *
 * <p>Requests come from one thread at a time, in order.
 */
final class FlushThread implements AutoCloseable {
  private final int fd;
  private final Thread thread;
  private volatile long requested;
  private volatile long completed;
  private volatile RuntimeException failure;
  private volatile boolean closing;

  FlushThread(int fd) {
    this.fd = fd;
    this.thread = Thread.ofPlatform().name("drive-flush").daemon().start(this::run);
  }

  /** Asks for a sync of what was written before; the returned ticket is completed after it. */
  long request() {
    long ticket = requested + 1;
    requested = ticket;
    LockSupport.unpark(thread);
    return ticket;
  }

  long completed() {
    return completed;
  }

  /** The first failure; null if there was none. */
  RuntimeException failure() {
    return failure;
  }

  private void run() {
    while (true) {
      long target = requested;
      if (completed < target) {
        sync();
        // After the failure, if there was one: who sees the ticket completed sees the failure.
        completed = target;
      } else if (closing) {
        return;
      } else {
        LockSupport.park(this);
      }
    }
  }

  private void sync() {
    try {
      Linux.fdatasync(fd);
    } catch (RuntimeException e) {
      failure = failure == null ? e : failure;
    }
  }

  /** Ends after the last request has completed. A disk that never answers is waited for. */
  @Override
  public void close() {
    closing = true;
    boolean interrupted = false;
    while (thread.isAlive()) {
      LockSupport.unpark(thread);
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
