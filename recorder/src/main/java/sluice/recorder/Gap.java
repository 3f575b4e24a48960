package sluice.recorder;

/**
 * Bytes of a stream that were lost before they were recorded.
 *
 * @param streamOffset of the first of them
 * @param bytes how many
 * @param isEstimate whether that is an estimate; so are the stream offsets behind it
 * @param timeNanos when the first of them arrived, in nanoseconds since the epoch
 */
public record Gap(long streamOffset, long bytes, boolean isEstimate, long timeNanos) {}
