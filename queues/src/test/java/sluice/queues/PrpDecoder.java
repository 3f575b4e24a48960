package sluice.queues;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads PRPs as a device does (NVM Express 1.4, section 4.3), and refuses what a device would:
 * written from the specification alone, and knows nothing of how the lists were made.
 */
final class PrpDecoder {
  /** A piece of data within one page. */
  record Piece(long iova, long length) {}

  /** A place of a list that the device has read. */
  final List<Long> listReads = new ArrayList<>();

  private final FakeDmaSpace memory;
  private final long pageSize;

  PrpDecoder(FakeDmaSpace memory, long pageSize) {
    this.memory = memory;
    this.pageSize = pageSize;
  }

  List<Piece> decode(long prp1, long prp2, long length) {
    List<Piece> pieces = new ArrayList<>();
    check((prp1 & 3) == 0, "PRP1 is not aligned to a dword", prp1);
    long first = Math.min(length, pageSize - offsetInPage(prp1));
    pieces.add(new Piece(prp1, first));
    long left = length - first;
    if (left == 0) {
      check(prp2 == 0, "PRP2 is reserved", prp2);
    } else if (left <= pageSize) {
      pieces.add(page(prp2, left));
    } else {
      walk(prp2, left, pieces);
    }
    return pieces;
  }

  private void walk(long list, long left, List<Piece> pieces) {
    check((list & 7) == 0, "a list is aligned to its entries", list);
    long at = list;
    while (left > 0) {
      boolean lastOfPage = offsetInPage(at) == pageSize - 8;
      listReads.add(at);
      long entry = memory.read(at);
      if (lastOfPage && left > pageSize) {
        check(offsetInPage(entry) == 0, "the list goes on in the middle of a page", entry);
        at = entry;
        continue;
      }
      Piece piece = page(entry, left);
      pieces.add(piece);
      left -= piece.length;
      at += 8;
    }
  }

  private Piece page(long iova, long left) {
    check(offsetInPage(iova) == 0, "PRP Offset Invalid", iova);
    return new Piece(iova, Math.min(left, pageSize));
  }

  private long offsetInPage(long iova) {
    return iova & (pageSize - 1);
  }

  private static void check(boolean holds, String what, long value) {
    if (!holds) {
      throw new AssertionError(String.format("%s: 0x%x", what, value));
    }
  }
}
