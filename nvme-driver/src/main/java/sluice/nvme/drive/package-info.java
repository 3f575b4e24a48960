/**
 * What a recorder or a benchmark needs of anything that holds bytes: byte addresses, transfers,
 * Flush, asynchronously. {@link sluice.nvme.drive.NvmeDrive} is a namespace of a controller as
 * such.
 */
package sluice.nvme.drive;
