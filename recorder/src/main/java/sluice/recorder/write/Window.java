package sluice.recorder.write;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import sluice.nvme.drive.Retry;

/** What is known of the chunks that were submitted and not retired, by {@link #slot}. */
final class Window {
  // What became of a chunk.
  static final byte IN_FLIGHT = 1;
  static final byte DONE = 2;
  static final byte AGAIN = 3;
  static final byte BAD = 4;

  private final CRC32C crc = new CRC32C();
  private final int depth;
  final byte[] state;
  final Retry[] retry;
  final long[] address;
  final int[] length;
  final int[] dataCrc;
  final long[] submittedAt;

  Window(int depth) {
    this.depth = depth;
    state = new byte[depth];
    retry = new Retry[depth];
    Arrays.setAll(retry, i -> new Retry());
    address = new long[depth];
    length = new int[depth];
    dataCrc = new int[depth];
    submittedAt = new long[depth];
  }

  /** Where a position of the ring is; two that are in the window at once differ. */
  int slot(long position) {
    return (int) (position % depth);
  }

  /** The checksum of a chunk's data, of which the length is known. */
  int checksum(ByteBuffer data, int slot) {
    crc.reset();
    crc.update(data.position(0).limit(length[slot]));
    return (int) crc.getValue();
  }
}
