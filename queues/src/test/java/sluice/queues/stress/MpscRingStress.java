package sluice.queues.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import sluice.queues.MpscRing;
import sluice.vfio.OffHeap;

/**
 * {@link MpscRing} between its producers and its consumer, which may be a producer too: so two
 * actors are enough, and two processors.
 */
public class MpscRingStress {
  private static final Reused<MpscRing> RINGS = new Reused<>(() -> new MpscRing(2, 16));

  private MpscRingStress() {}

  /** An empty ring of two places, and values that none of its places has ever held. */
  private static class Fresh {
    private final long turn = RINGS.turn();
    final MpscRing ring = RINGS.of(turn);

    /** Puts a record of two words that stand for a digit. */
    boolean put(int digit) {
      long record = ring.claim();
      if (record == 0) {
        return false;
      }
      OffHeap.putLong(record, turn * 16 + digit);
      OffHeap.putLong(record + 8, -(turn * 16 + digit));
      ring.publish(record);
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

  /** Two producers at once: each record arrives, once. */
  @JCStressTest
  @State
  @Outcome(
      id = {"12", "21"},
      expect = ACCEPTABLE,
      desc = "Both, in the order of their claims.")
  @Outcome(
      id = {"0", "1", "2"},
      expect = FORBIDDEN,
      desc = "A record was lost.")
  @Outcome(
      id = {"11", "22"},
      expect = FORBIDDEN,
      desc = "A record came twice.")
  @Outcome(expect = FORBIDDEN, desc = "A record was half filled, or never put in.")
  public static class TwoProducers extends Fresh {
    @Actor
    public void first() {
      put(1);
    }

    @Actor
    public void second() {
      put(2);
    }

    @Arbiter
    public void consumer(I_Result r) {
      r.r1 = takeAll(0);
    }
  }

  /** The same while the consumer, which is one of them, takes already. */
  @JCStressTest
  @State
  @Outcome(
      id = {"12", "21"},
      expect = ACCEPTABLE,
      desc = "Both, in the order of their claims.")
  @Outcome(
      id = {"0", "1", "2"},
      expect = FORBIDDEN,
      desc = "A record was lost.")
  @Outcome(
      id = {"11", "22", "121", "122", "212", "211"},
      expect = FORBIDDEN,
      desc = "A record came twice.")
  @Outcome(expect = FORBIDDEN, desc = "A record was half filled, or never put in.")
  public static class TwoProducersAndTheConsumer extends Fresh {
    @Actor
    public void first() {
      put(1);
    }

    @Actor
    public void secondAndConsumer(I_Result r) {
      put(2);
      r.r1 = take(take(0));
    }

    @Arbiter
    public void rest(I_Result r) {
      r.r1 = takeAll(r.r1);
    }
  }

  /** Two producers want the one place that the consumer gives back: one of them gets it. */
  @JCStressTest
  @State
  @Outcome(id = "0, 1, 124", expect = ACCEPTABLE, desc = "The first came too early.")
  @Outcome(id = "1, 0, 123", expect = ACCEPTABLE, desc = "The first got it.")
  @Outcome(
      id = {"1, 1, 123", "1, 1, 124", "0, 1, 12", "1, 0, 12"},
      expect = FORBIDDEN,
      desc = "A record was lost.")
  @Outcome(id = "0, 0, 12", expect = FORBIDDEN, desc = "A free place was refused.")
  @Outcome(expect = FORBIDDEN, desc = "Overwritten before it was read, came twice, or half filled.")
  public static class OnePlaceForTwo extends Fresh {
    public OnePlaceForTwo() {
      put(1);
      put(2);
    }

    @Actor
    public void first(III_Result r) {
      r.r1 = put(3) ? 1 : 0;
    }

    @Actor
    public void secondAndConsumer(III_Result r) {
      r.r3 = take(0);
      r.r2 = put(4) ? 1 : 0;
    }

    @Arbiter
    public void rest(III_Result r) {
      r.r3 = takeAll(r.r3);
    }
  }
}
