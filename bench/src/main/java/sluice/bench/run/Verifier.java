package sluice.bench.run;

import sluice.bench.load.BlockCheck;
import sluice.bench.result.VerifyResult;

/** Checks what was read, and keeps what was wrong. */
final class Verifier {
  private final BlockCheck check;
  private final Slots slots;
  private long badBlocks;
  private String firstBadBlock = "";

  /**
   * @param check null if nothing is verified
   */
  Verifier(BlockCheck check, Slots slots) {
    this.check = check;
    this.slots = slots;
  }

  /** Whether there is anything to verify. */
  boolean isOn() {
    return check != null;
  }

  /** Checks what a slot has read. */
  boolean isGood(int slot) {
    int bad =
        check.check(
            slots.buffer(slot),
            slots.address(slot),
            slots.length[slot],
            slots.offset[slot],
            slots.number[slot]);
    if (bad > 0 && badBlocks == 0) {
      firstBadBlock = check.difference();
    }
    badBlocks += bad;
    return bad == 0;
  }

  /** The first difference, in a line; empty without any. */
  String firstBadBlock() {
    return firstBadBlock;
  }

  VerifyResult result() {
    return check == null
        ? VerifyResult.NONE
        : new VerifyResult(check.blocks(), badBlocks, firstBadBlock);
  }
}
