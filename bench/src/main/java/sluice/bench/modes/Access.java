package sluice.bench.modes;

import java.util.Locale;
import sluice.bench.result.Direction;

/** What commands do, by fio's names. */
public enum Access {
  READ(Direction.READ),
  RANDREAD(Direction.READ),
  WRITE(Direction.WRITE),
  RANDWRITE(Direction.WRITE);

  private final Direction direction;

  Access(Direction direction) {
    this.direction = direction;
  }

  Direction direction() {
    return direction;
  }

  /** Whether what the drive holds is lost. */
  public boolean writes() {
    return direction == Direction.WRITE;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
