package sluice.bench.run;

import java.util.function.LongSupplier;
import sluice.nvme.Namespace;
import sluice.vfio.DmaMemory;

/**
 * A worker's way to one of the drives.
 *
 * @param number of the drive in the run, from 0
 * @param reads where reads go
 * @param others where all else goes; the same queue, or one of its own
 * @param memory of the drive's, with room for the data of all that the worker has out
 * @param stalls how long the drive did not run in all, in nanoseconds; 0 for what is no software
 */
record Port(
    int number,
    Namespace drive,
    QueueShare reads,
    QueueShare others,
    DmaMemory memory,
    LongSupplier stalls) {}
