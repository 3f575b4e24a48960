/** Where streams come from: files, pipes, the network, and a generator of verifiable bytes. */
package sluice.recorder.source;
