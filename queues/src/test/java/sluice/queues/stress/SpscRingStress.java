package sluice.queues.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import sluice.queues.SpscRing;
import sluice.vfio.OffHeap;

/** {@link SpscRing} between its two threads. */
public class SpscRingStress {
  private static final Reused<SpscRing> RINGS = new Reused<>(() -> new SpscRing(2, 16));

  private SpscRingStress() {}

  /** An empty ring of two places, and values that none of its places has ever held. */
  private static class Fresh {
    private final long turn = RINGS.turn();
    final SpscRing ring = RINGS.of(turn);

    /** Puts a record of two words that stand for a digit. */
    boolean put(int digit) {
      long record = ring.claim();
      if (record == 0) {
        return false;
      }
      OffHeap.putLong(record, turn * 16 + digit);
      OffHeap.putLong(record + 8, -(turn * 16 + digit));
      ring.publish();
      return true;
    }

    /** Reads a record; 9 stands for one that is not as it was put. */
    int digit(long record) {
      long digit = OffHeap.getLong(record) - turn * 16;
      boolean whole = digit > 0 && digit < 9 && OffHeap.getLong(record + 8) == -(turn * 16 + digit);
      return whole ? (int) digit : 9;
    }

    /** Takes a record if there is one, and appends its digit to a number. */
    int take(int digits) {
      long record = ring.peek();
      if (record == 0) {
        return digits;
      }
      int digit = digit(record);
      ring.release();
      return digits * 10 + digit;
    }

    int takeAll(int digits) {
      return take(take(take(digits)));
    }
  }

  /** A record that is seen is filled. */
  @JCStressTest
  @State
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "Nothing there yet.")
  @Outcome(id = "7", expect = ACCEPTABLE, desc = "The whole record.")
  @Outcome(expect = FORBIDDEN, desc = "A half-filled record was seen.")
  public static class RecordIsWhole extends Fresh {
    @Actor
    public void producer() {
      put(7);
    }

    @Actor
    public void consumer(I_Result r) {
      long record = ring.peek();
      r.r1 = record == 0 ? 0 : digit(record);
    }

    @Arbiter
    public void empty() {
      takeAll(0);
    }
  }

  /** A place is filled again only after the consumer has read it. */
  @JCStressTest
  @State
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "Read; the producer had found the ring full.")
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Read, released, filled again.")
  @Outcome(expect = FORBIDDEN, desc = "A record was overwritten before it was read.")
  public static class PlaceIsReusedAfterItsRelease extends Fresh {
    public PlaceIsReusedAfterItsRelease() {
      put(1);
      put(2);
    }

    @Actor
    public void consumer(II_Result r) {
      r.r1 = take(0);
    }

    @Actor
    public void producer(II_Result r) {
      r.r2 = put(3) ? 1 : 0;
    }

    @Arbiter
    public void empty() {
      takeAll(0);
    }
  }

  /** Three records through two places: each that was put in arrives, once, in order. */
  @JCStressTest
  @State
  @Outcome(id = "12, 0", expect = ACCEPTABLE, desc = "The third did not fit.")
  @Outcome(id = "123, 1", expect = ACCEPTABLE, desc = "All three.")
  @Outcome(
      id = {"1, 0", "2, 0", "12, 1", "13, 1", "23, 1"},
      expect = FORBIDDEN,
      desc = "A record was lost.")
  @Outcome(
      id = {"112, 0", "122, 0", "1123, 1", "1223, 1", "1233, 1"},
      expect = FORBIDDEN,
      desc = "A record came twice.")
  @Outcome(expect = FORBIDDEN, desc = "A record was half filled, or out of order.")
  public static class EachRecordOnceInOrder extends Fresh {
    @Actor
    public void producer(II_Result r) {
      put(1);
      put(2);
      r.r2 = put(3) ? 1 : 0;
    }

    @Actor
    public void consumer(II_Result r) {
      r.r1 = take(take(0));
    }

    @Arbiter
    public void rest(II_Result r) {
      r.r1 = takeAll(r.r1);
    }
  }
}
