package sluice.recorder;

import sluice.support.time.NanoClock;
import sluice.support.time.SystemNanoClock;

/**
 * How a volume is made.
 *
 * @param catalogueEntries how many recordings it has room for; 0 to choose by the drive's size
 * @param indexBytes the size of the index region; 0 to choose by the drive's size: 1/256 of it,
 *     which is enough where chunks have 16 KiB and more
 * @param force whether to write over what the drive holds
 * @param clock tells when it was made
 */
public record VolumeOptions(int catalogueEntries, long indexBytes, boolean force, NanoClock clock) {

  public static VolumeOptions standard() {
    return new VolumeOptions(0, 0, false, new SystemNanoClock());
  }

  public VolumeOptions withCatalogueEntries(int entries) {
    return new VolumeOptions(entries, indexBytes, force, clock);
  }

  public VolumeOptions withIndexBytes(long bytes) {
    return new VolumeOptions(catalogueEntries, bytes, force, clock);
  }

  public VolumeOptions withForce(boolean wanted) {
    return new VolumeOptions(catalogueEntries, indexBytes, wanted, clock);
  }

  public VolumeOptions withClock(NanoClock newClock) {
    return new VolumeOptions(catalogueEntries, indexBytes, force, newClock);
  }
}
