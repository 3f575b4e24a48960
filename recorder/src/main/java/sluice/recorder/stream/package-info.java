/**
 * What sources and sinks share: addresses of streams, sockets and the kernel's structures for them
 * (each with its picture), verifiable patterns, the pace of a rate.
 */
package sluice.recorder.stream;
