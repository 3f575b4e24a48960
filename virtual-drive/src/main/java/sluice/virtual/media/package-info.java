/**
 * Where a virtual drive's bytes are: in memory, in a file, or nowhere, and what keeps a file's
 * drive apart from others: its lock and its identity.
 */
package sluice.virtual.media;
