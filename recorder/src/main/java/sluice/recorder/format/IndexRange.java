package sluice.recorder.format;

import java.util.List;

/**
 * Where a recording's index is, and how much of it there is (FORMAT.md, "Index").
 *
 * <p>It is made of pieces of {@link #PIECE} entries, one behind the other from its address on.
 * Where the drive could not write, a piece is left out, and the entries go on in the next.
 *
 * @param address of the first piece
 * @param entries how many there are; while open, how many there is room for
 * @param chain of the last entry; while open, of the last that is noted; 0 if there is none
 * @param noted while open, how many entries were durable when this was written; otherwise 0
 * @param leftOut the pieces that are left out: their numbers, counted from the address on,
 *     ascending
 */
public record IndexRange(long address, long entries, int chain, long noted, List<Integer> leftOut) {
  /** Entries in a piece. */
  public static final int PIECE = 1024;

  /** Bytes of a piece. */
  public static final int PIECE_BYTES = PIECE * IndexEntry.SIZE;

  public static final int MAX_LEFT_OUT = 16;

  public IndexRange {
    leftOut = List.copyOf(leftOut);
    if (leftOut.size() > MAX_LEFT_OUT) {
      throw new IllegalArgumentException(
          leftOut.size() + " pieces left out, but there is room for " + MAX_LEFT_OUT);
    }
    int before = -1;
    for (int piece : leftOut) {
      if (piece <= before) {
        throw new IllegalArgumentException("the pieces left out do not ascend");
      }
      before = piece;
    }
  }

  /** Of an index without pieces left out. */
  public static IndexRange of(long address, long entries, int chain) {
    return new IndexRange(address, entries, chain, 0, List.of());
  }

  /** Its place on the drive in whole blocks, with what is left out. */
  public Extent extent() {
    return new Extent(
        address, Placement.padded(entries * IndexEntry.SIZE) + (long) leftOut.size() * PIECE_BYTES);
  }

  /**
   * Where a piece is.
   *
   * @param piece counted without those left out: the one that holds entry piece * {@link #PIECE}
   */
  public long pieceAddress(long piece) {
    return pieceAddress(address, leftOut, piece);
  }

  /** The same of an index whose left out pieces are kept elsewhere. Allocates nothing. */
  public static long pieceAddress(long address, List<Integer> leftOut, long piece) {
    long place = piece;
    for (int i = 0; i < leftOut.size(); i++) {
      if (leftOut.get(i) <= place) {
        place++;
      }
    }
    return address + place * PIECE_BYTES;
  }

  /** How many of the entries, in whole blocks, lie before a drive's end. */
  public long reachable(long driveBytes) {
    long blocks = Math.ceilDiv(entries, IndexEntry.PER_BLOCK);
    long end = address + Math.max(0, driveBytes - address) / SealedBlock.SIZE * SealedBlock.SIZE;
    long present = (end - address) / SealedBlock.SIZE;
    for (int piece : leftOut) {
      long left = address + (long) piece * PIECE_BYTES;
      present -= Math.clamp((end - left) / SealedBlock.SIZE, 0, PIECE_BYTES / SealedBlock.SIZE);
    }
    return Math.min(blocks, present) * IndexEntry.PER_BLOCK;
  }
}
