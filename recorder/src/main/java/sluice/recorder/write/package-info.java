/**
 * From the ring to the drive: writes in flight in the order of the stream, the index behind them,
 * flushes that make both durable, and figures of how the drive kept up.
 */
package sluice.recorder.write;
