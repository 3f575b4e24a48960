/**
 * A virtual drive as a PCI function: registers, doorbells, queues in memory that it shares with its
 * host, and the way to that memory.
 */
package sluice.virtual.pci;
