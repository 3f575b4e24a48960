package sluice.bench.run;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import sluice.bench.job.Place;
import sluice.nvme.CompletionHandler;
import sluice.nvme.IoQueue;

/** A worker's ways to its drives, and the queues that they lead through. Used by its thread. */
final class Ports {
  private final Port[] ports;
  private final QueueShare[] queues;
  private final int[] ofFile;

  /**
   * @param ports one for each drive that the worker is on
   * @param files its parts of drives
   */
  Ports(List<Port> ports, List<Place> files) {
    this.ports = ports.toArray(Port[]::new);
    Set<QueueShare> all = new LinkedHashSet<>();
    ports.forEach(port -> {
      all.add(port.reads());
      all.add(port.others());
    });
    queues = all.toArray(QueueShare[]::new);
    List<Integer> drives = ports.stream().map(Port::number).toList();
    ofFile = files.stream().mapToInt(file -> drives.indexOf(file.drive())).toArray();
  }

  int count() {
    return ports.length;
  }

  Port get(int port) {
    return ports[port];
  }

  /** How long all drives together did not run, as this machine had no time for them. */
  long stalledNanos() {
    long nanos = 0;
    for (Port port : ports) {
      nanos += port.stalls().getAsLong();
    }
    return nanos;
  }

  /** The port to the drive that one of the worker's parts is on. */
  int ofFile(int file) {
    return ofFile[file];
  }

  /** All queues that they lead through, each once. */
  Set<IoQueue> queues() {
    Set<IoQueue> all = new LinkedHashSet<>();
    for (QueueShare share : queues) {
      all.add(share.queue());
    }
    return all;
  }

  /** As {@link QueueShare#poll}, for all queues. */
  void poll(CompletionHandler handler) {
    for (QueueShare queue : queues) {
      queue.poll(handler);
    }
  }

  /** Rings for what was requested of any. */
  void ring() {
    for (QueueShare queue : queues) {
      queue.ring();
    }
  }

  /**
   * The queue for whose interrupt the worker's thread can wait: the only one on which anything is
   * out.
   *
   * @return null if there are several such, or it has to be looked at
   */
  IoQueue awaitable() {
    IoQueue found = null;
    for (QueueShare share : queues) {
      if (share.hasArrived()) {
        return null;
      }
      IoQueue queue = share.queue();
      if (queue.outstanding() > 0 && queue != found) {
        if (found != null || !queue.canWait()) {
          return null;
        }
        found = queue;
      }
    }
    return found;
  }
}
