/**
 * Reading a recording ahead of whoever wants it: its index entries, verified one by one, and the
 * data of its chunks, several of them under way at once.
 */
package sluice.recorder.read;
