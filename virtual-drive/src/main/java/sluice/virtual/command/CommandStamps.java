package sluice.virtual.command;

import sluice.vfio.DeviceStamps;

/**
 * Taken by the drive's turns. Plain fields: the completion's phase tag is written behind them with
 * release semantics, and whoever asks has read it with acquire semantics.
 */
final class CommandStamps implements DeviceStamps {
  private long fetched;
  private long moved;
  private long posted;

  void fetched() {
    fetched = System.nanoTime();
  }

  void moved() {
    moved = System.nanoTime();
  }

  void posted() {
    posted = System.nanoTime();
  }

  @Override
  public long fetchedNanos() {
    return fetched;
  }

  @Override
  public long movedNanos() {
    return moved;
  }

  @Override
  public long postedNanos() {
    return posted;
  }
}
