package sluice.vfio;

/**
 * When a device did its parts of the command that it worked on last: what a logic analyser would
 * see on the bus. Only devices in software can tell.
 *
 * <p>All in nanoseconds of {@link System#nanoTime}. Read after that command's completion was seen,
 * and while no other one is out.
 */
public interface DeviceStamps {
  /** The submission queue entry was fetched. */
  long fetchedNanos();

  /** The data was moved. */
  long movedNanos();

  /** The completion is about to be posted. */
  long postedNanos();
}
