package sluice.recorder.write;

import java.util.List;
import sluice.recorder.format.CatalogueEntry.PauseFigures;
import sluice.recorder.format.CatalogueEntry.Totals;
import sluice.recorder.format.EndReason;
import sluice.recorder.format.Extent;

/**
 * What came of a recording.
 *
 * @param reason why it ended
 * @param failure what the drive failed to do, one line; empty if nothing
 * @param closed whether the end itself is on the drive; if not, a recovery will find what is
 *     durable
 * @param durableBytes stream bytes that are durable
 * @param extents where the data is
 * @param indexEntries how many there are
 * @param chain of the last of them
 * @param leftOut pieces of the index that the drive could not write, and that are left out
 * @param steppedOver places for data that the drive could not write, and that were stepped over
 * @param highWaterBytes of the ring
 */
public record WriterResult(
    EndReason reason,
    String failure,
    boolean closed,
    long durableBytes,
    Totals totals,
    List<Extent> extents,
    long indexEntries,
    int chain,
    List<Integer> leftOut,
    long steppedOver,
    long highWaterBytes,
    PauseFigures pauses) {}
