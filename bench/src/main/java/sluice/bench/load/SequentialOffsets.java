package sluice.bench.load;

import java.util.Arrays;
import sluice.bench.result.Direction;

/**
 * One after the other, from the start again at the end; each direction by itself. Where the hole is
 * negative, what follows lies so much before the end of the last, and before the start is the end.
 */
final class SequentialOffsets extends Offsets {
  private final long bytes;
  private final int unit;
  private final long hole;
  private final long[] position = new long[Direction.values().length];
  private boolean atEnd;

  /**
   * @param bytes to go through
   * @param unit what is shorter is not worth an I/O
   * @param hole bytes that are left out after each, or gone back from its end if negative
   */
  SequentialOffsets(long bytes, int unit, long hole) {
    this.bytes = bytes / unit * unit;
    this.unit = unit;
    this.hole = hole;
  }

  @Override
  public void next(Direction direction, int wanted) {
    int way = direction.number();
    if (hole < 0 && position[way] < 0) {
      position[way] = Math.max(0, bytes + hole);
    } else if (position[way] > bytes - unit) {
      position[way] = 0;
    }
    offset = position[way];
    length = (int) Math.min(wanted, bytes - offset);
    // Not past an end by so much that the sum overflows.
    position[way] = Math.min(bytes, offset + length) + Math.clamp(hole, -bytes - unit, bytes);
    if (hole < 0) {
      atEnd = position[way] < 0 || position[way] > bytes - unit;
      return;
    }
    // With holes, fio ends where an I/O touches the end, and else comes back for another round.
    atEnd = hole > 0 ? offset + length == bytes : position[way] > bytes - unit;
  }

  @Override
  public boolean isAtEndOfPass() {
    return atEnd;
  }

  @Override
  public void restart(long seed) {
    Arrays.fill(position, 0);
    atEnd = false;
  }
}
