package sluice.recorder.sink;

import sluice.recorder.Sink;

/**
 * Takes everything and keeps nothing: for measuring, and for checking that a stream can be read.
 */
final class NullSink implements Sink {
  @Override
  public long write(long address, long length) {
    return length;
  }

  @Override
  public void close() {}
}
