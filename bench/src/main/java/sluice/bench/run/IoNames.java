package sluice.bench.run;

import sluice.bench.result.Direction;
import sluice.bench.result.Io;

/** Says what the I/Os of a job are. Used by its thread. */
final class IoNames {
  private static final Direction[] WAYS = Direction.values();
  private static final int READ = Direction.READ.number();

  private final String job;
  private final Ports ports;
  private final Slots slots;
  private long origin;

  IoNames(String job, Ports ports, Slots slots) {
    this.job = job;
    this.ports = ports;
    this.slots = slots;
  }

  /** From when on times are counted. */
  void begin(long now) {
    origin = now;
  }

  /** Of the I/O in a slot. */
  Io of(int slot) {
    return of(
        slots.port[slot],
        slots.way[slot],
        slots.offset[slot],
        slots.length[slot],
        slots.start[slot]);
  }

  /**
   * @param way a direction's number, or {@link Slots#FLUSH}
   * @param start by the clock
   */
  Io of(int port, int way, long offset, int length, long start) {
    boolean isFlush = way == Slots.FLUSH;
    long place = isFlush ? 0 : offset;
    Port itsPort = ports.get(port);
    QueueShare queue = way == READ ? itsPort.reads() : itsPort.others();
    return new Io(
        job,
        itsPort.number(),
        queue.queue().id(),
        isFlush ? "flush" : WAYS[way].lowerCase(),
        place,
        place >>> itsPort.drive().blockShift(),
        isFlush ? 0 : length,
        start - origin);
  }
}
