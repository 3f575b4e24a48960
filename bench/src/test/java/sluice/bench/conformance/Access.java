package sluice.bench.conformance;

import sluice.bench.result.Direction;

/** One I/O: which way, and where. */
record Access(Direction direction, long offset, int length) {
  long end() {
    return offset + length;
  }
}
