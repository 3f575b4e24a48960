package sluice.bench.run;

import sluice.nvme.Namespace;
import sluice.vfio.DmaMemory;

/**
 * A worker's way to one of the drives.
 *
 * @param number of the drive in the run, from 0
 * @param reads where reads go
 * @param others where all else goes; the same queue, or one of its own
 * @param memory of the drive's, with room for the data of all that the worker has out
 */
record Port(int number, Namespace drive, QueueShare reads, QueueShare others, DmaMemory memory) {}
