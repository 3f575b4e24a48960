/**
 * The bytes on the drive, as {@code recorder/FORMAT.md} specifies them: sealed blocks, superblock,
 * catalogue entry, index entry. Encoding and decoding only: nothing here reads or writes a drive.
 */
package sluice.recorder.format;
