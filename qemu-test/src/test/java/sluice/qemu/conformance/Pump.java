package sluice.qemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import sluice.nvme.CompletionHandler;
import sluice.nvme.IoQueue;
import sluice.nvme.spec.Status;

/** Keeps one queue going, within a deadline, and remembers what completed how. */
final class Pump implements CompletionHandler {
  private final IoQueue queue;
  private final Map<Long, Integer> statuses = new HashMap<>();
  private long nextTag = 1L << 40;

  Pump(IoQueue queue) {
    this.queue = queue;
  }

  IoQueue queue() {
    return queue;
  }

  /** A request that is given its tag. */
  interface Request {
    boolean submit(long tag);
  }

  @Override
  public void completed(long tag, int status) {
    Integer before = statuses.put(tag, status);
    assertThat(before).as("tag %d is reported once", tag).isNull();
  }

  /** Takes turns until there is room for a request. */
  void submit(BooleanSupplier request) {
    Deadline deadline = new Deadline("room for a request");
    while (!request.getAsBoolean()) {
      int _ = SuiteTest.turn(queue, this);
      deadline.check();
    }
  }

  /** Takes turns until nothing is outstanding. */
  void finish() {
    Deadline deadline = new Deadline("the end of all requests");
    while (queue.outstanding() > 0) {
      int _ = SuiteTest.turn(queue, this);
      deadline.check();
    }
  }

  /** Makes one request and waits for it; other requests may complete meanwhile. */
  int run(Request request) {
    long tag = nextTag++;
    submit(() -> request.submit(tag));
    Deadline deadline = new Deadline("a request's completion");
    while (!statuses.containsKey(tag)) {
      int _ = SuiteTest.turn(queue, this);
      deadline.check();
    }
    return statuses.remove(tag);
  }

  /** As {@link #run}, of what must succeed. */
  void succeed(Request request) {
    int status = run(request);
    assertThat(status).as(Status.format(status)).isZero();
  }

  /** The status that was reported for a tag; null if none was. */
  Integer status(long tag) {
    return statuses.get(tag);
  }

  /** How many requests were reported since the last call, all of which succeeded. */
  int takeSuccesses() {
    int count = statuses.size();
    statuses.forEach(
        (tag, status) -> assertThat(status).as("tag %d: %s", tag, Status.format(status)).isZero());
    statuses.clear();
    return count;
  }
}
