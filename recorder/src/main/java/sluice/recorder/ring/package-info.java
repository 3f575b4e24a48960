/** The ring between a source and the writer: slots of DMA memory, handed over without a lock. */
package sluice.recorder.ring;
