package sluice.bench.result;

/**
 * The drive that was measured.
 *
 * @param address as the user gave it
 * @param model as the drive says it, trimmed
 * @param serial as the drive says it, trimmed
 * @param firmware as the drive says it, trimmed
 * @param capacityBytes of the namespace
 * @param blockBytes of a logical block
 */
public record DriveInfo(
    String address,
    String model,
    String serial,
    String firmware,
    long capacityBytes,
    int blockBytes) {}
