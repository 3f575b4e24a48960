/**
 * The metadata of a volume on its drive: making, finding and repairing superblocks, reading and
 * changing the catalogue, finding free space, recovering what a crash left open.
 */
package sluice.recorder.volume;
