package sluice.bench.run;

/**
 * The stream of a job that has a pace: what of it has come due, and how far the job is behind. Of a
 * job without a pace it does nothing.
 */
final class Stream {
  private final Throttle throttle;
  private final Course course;

  /** Null without a pace. */
  private final BacklogMeter backlog;

  Stream(Throttle throttle, Course course, Meter meter) {
    this.throttle = throttle;
    this.course = course;
    this.backlog = meter.backlog();
  }

  /** When the run began, before the job does. */
  void base(long runStart) {
    if (backlog != null) {
      backlog.base(runStart);
    }
  }

  /** After what is due was issued, or before what has completed is told: it ends with its rest. */
  void look(long now) {
    if (backlog != null) {
      long waiting = throttle.waitingBytes(now);
      long left = course.bytesLeft();
      if (waiting >= left) {
        backlog.end(now, left);
      } else {
        backlog.look(now, waiting);
      }
    }
  }

  /** Its time is up, or it was stopped. */
  void end(long now) {
    if (backlog != null) {
      backlog.end(now, Math.min(throttle.waitingBytes(now), course.bytesLeft()));
    }
  }

  /** It begins anew after checks, for which it stood still. */
  void resume(long now) {
    if (backlog != null) {
      throttle.catchUp(now);
      backlog.resume(now);
    }
  }

  void issued(int way, int length) {
    if (backlog != null && throttle.isPaced(way)) {
      backlog.issued(length);
    }
  }

  void completed(int way, int length) {
    if (backlog != null && throttle.isPaced(way)) {
      backlog.completed(length);
    }
  }
}
