package sluice.bench.run;

import sluice.bench.load.BlockCheck;
import sluice.bench.result.Direction;

/** Issues what a job does next, when it is time for it and there is room. */
final class Issuer {
  private static final int READ = Direction.READ.number();

  private final Ports ports;
  private final Slots slots;
  private final Requester requester;
  private final Course course;
  private final Throttle throttle;
  private final Stream stream;
  private final Meter meter;
  private final Now now;
  private final boolean checksReads;
  private boolean flushing;

  /**
   * @param checksReads whether all that is read was written so that it can be verified
   */
  Issuer(Lane lane, Course course, boolean checksReads) {
    this.ports = lane.ports();
    this.slots = lane.slots();
    this.requester = lane.requester();
    this.throttle = lane.throttle();
    this.stream = lane.stream();
    this.meter = lane.meter();
    this.now = lane.now();
    this.course = course;
    this.checksReads = checksReads;
  }

  /**
   * Issues what can be issued now; one doorbell, and one look at the clock, for all of it.
   *
   * @param reaped how many have completed just now
   * @return how many went out
   */
  int issue(int reaped) {
    int room = throttle.room(slots.inFlight(), now.nanos());
    if (room <= 0) {
      return 0;
    }
    if (reaped != 1) {
      // Long ago, or there were several, each of which took its time.
      now.look();
    }
    int before = slots.inFlight();
    int count = 0;
    while (count < room
        && course.next(slots.inFlight())
        && throttle.isDue(course.way(), now.nanos())
        && (course.isChecking() || !throttle.isHeldBack())
        && submit()) {
      count++;
    }
    stream.look(now.nanos());
    if (count == 0) {
      return 0;
    }
    long issued = ring();
    meter.submitted(count);
    if (before == 0) {
      meter.awake(issued);
    }
    return count;
  }

  /**
   * Flushes all drives; when nothing else is out.
   *
   * @return whether there are some left that there was no room for
   */
  boolean flush() {
    if (!flushing) {
      flushing = true;
      course.drop();
      course.flush();
    }
    while (course.isFlushDue() && slots.hasRoom() && submit()) {
      // One for each.
    }
    long _ = ring();
    flushing = course.isFlushDue();
    return flushing;
  }

  private long ring() {
    ports.ring();
    long issued = now.peek();
    throttle.stamp(slots, issued);
    meter.rung(issued);
    return issued;
  }

  private boolean submit() {
    int slot = slots.take();
    int way = course.way();
    int length = course.length();
    boolean isCheck = course.isCheck();
    slots.port[slot] = course.port();
    slots.way[slot] = way;
    slots.start[slot] = now.nanos();
    slots.length[slot] = length;
    slots.offset[slot] = course.offset();
    slots.number[slot] = isCheck ? course.number() : BlockCheck.ANY_NUMBER;
    slots.checked[slot] = way == READ && (isCheck || checksReads);
    slots.due[slot] = throttle.due(way, now.nanos());
    if (!requester.request(slot, course.number())) {
      slots.release(slot);
      return false;
    }
    throttle.issued(slot, way, length);
    meter.issuedOn(slots.port[slot]);
    stream.issued(way, length);
    if (course.issued()) {
      meter.issued(slots.inFlight());
    }
    return true;
  }
}
