package sluice.queues;

/**
 * One side's position in a hand-over ring, and what it last saw of the other side's, in cache lines
 * of their own: a write here must not take away a line that the other side reads.
 */
@SuppressWarnings("unused") // the padding is there to be there
final class RingSide {
  /** Twice a cache line, because processors fetch lines in pairs. */
  static final int PADDING = 128;

  private long p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14, p15;
  long own;
  long seen;
  private long q0, q1, q2, q3, q4, q5, q6, q7, q8, q9, q10, q11, q12, q13, q14, q15;
}
