package sluice.recorder;

import sluice.nvme.drive.Drive;
import sluice.nvme.drive.Patience;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.IndexEntry;
import sluice.recorder.format.RecordingState;
import sluice.recorder.read.ReadAhead;

/**
 * Tells of all gaps of a recording, one by one, from its index alone: however many there are, they
 * need no memory. What is damaged in the index is passed over; {@link Volume#check} tells of it.
 * Used by one thread.
 */
public final class GapReader implements AutoCloseable {
  private static final int DEPTH = 64;

  private final ReadAhead entries;
  private final Patience patience;

  GapReader(Drive drive, CatalogueEntry recording) {
    this.patience = new Patience("index of recording '" + recording.name() + "'");
    this.entries = new ReadAhead(drive, recording, DEPTH);
    entries.dataFrom(Long.MAX_VALUE);
    if (recording.state() != RecordingState.OPEN) {
      entries.survey(0);
    }
  }

  /**
   * Goes to the next gap, in the stream's order.
   *
   * @return null if there is none any more
   * @throws sluice.nvme.NvmeException if the drive does nothing
   */
  public Gap next() {
    patience.renew();
    while (!entries.isAtEnd()) {
      if (!entries.hasEntry()) {
        patience.idle(entries.doWork());
        continue;
      }
      boolean isGap = entries.kind() == IndexEntry.GAP;
      Gap gap =
          isGap
              ? new Gap(
                  entries.streamOffset(), entries.length(), entries.isEstimate(), entries.time())
              : null;
      entries.pop();
      if (isGap) {
        return gap;
      }
    }
    return null;
  }

  /** Frees its memory, after what is under way has come. */
  @Override
  public void close() {
    try {
      patience.renew();
      while (!entries.isIdle()) {
        patience.idle(entries.poll());
      }
    } finally {
      entries.close();
    }
  }
}
