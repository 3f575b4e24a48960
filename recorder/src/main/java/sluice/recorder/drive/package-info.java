/**
 * What the recorder needs of a drive: byte addresses, transfers, Flush. {@link
 * sluice.recorder.drive.NvmeDrive} is the real one.
 */
package sluice.recorder.drive;
