/**
 * Where played streams go: files, pipes, the network, nowhere, and a comparison with the
 * generator's pattern.
 */
package sluice.recorder.sink;
