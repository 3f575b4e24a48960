package sluice.bench.run;

/**
 * Why a job ended before its time.
 *
 * @param errno of the kernel that fits best
 * @param text one line
 */
record Failure(int errno, String text) {
  /** EIO. */
  static final int IO = 5;

  /** EILSEQ: what fio reports of data that is not as it was written. */
  static final int DIFFERENT = 84;

  /** ETIME: a rate that was not kept. */
  static final int TOO_SLOW = 62;
}
