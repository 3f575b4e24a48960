package sluice.nvme;

import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * The requests that are out: the caller's tag, of how many pieces each still waits, and the first
 * bad status among those that came back. A request is made of one command or, beyond MDTS, of
 * several.
 */
final class Requests {
  private final long[] tag;

  /** Of a request that is out, one at least. */
  private final int[] pieces;

  private final int[] status;

  /** Behind those that are out, those that are free: the last that came goes first. */
  private final int[] free;

  private int outstanding;

  Requests(int count) {
    tag = new long[count];
    pieces = new int[count];
    status = new int[count];
    free = new int[count];
    Arrays.setAll(free, request -> request);
  }

  int outstanding() {
    return outstanding;
  }

  /** Begins a request, whose first piece is to be added; there must be room. */
  int begin(long requestTag) {
    int request = free[outstanding++];
    tag[request] = requestTag;
    status[request] = 0;
    return request;
  }

  void addPiece(int request) {
    pieces[request]++;
  }

  /** Takes back a piece that was never sent; others are still out. */
  void removePiece(int request) {
    pieces[request]--;
    assert pieces[request] > 0 : "request " + request + " has no piece left to end it";
  }

  /** How many pieces it waits for. */
  int pieces(int request) {
    return pieces[request];
  }

  /** Takes back a piece that was not sent, and with the last one the request: it never was. */
  void takeBack(int request) {
    if (--pieces[request] == 0) {
      free[--outstanding] = request;
    }
  }

  boolean hasFailed(int request) {
    return status[request] != 0;
  }

  void fail(int request, int badStatus) {
    if (status[request] == 0) {
      status[request] = badStatus;
    }
  }

  /**
   * One piece of a request is over; with the last, the request is reported.
   *
   * @return how many requests were reported
   */
  int endPiece(int request, CompletionHandler handler) {
    if (--pieces[request] > 0) {
      return 0;
    }
    free[--outstanding] = request;
    handler.completed(tag[request], status[request]);
    return 1;
  }

  /**
   * Reports all that are out with one status, each even if the handler throws at another; this
   * table must not be used again. What it throws first is thrown at the end, with the others.
   *
   * @param isWanted asked before each; the rest is not reported when it says no
   */
  int endAll(int badStatus, CompletionHandler handler, BooleanSupplier isWanted) {
    Throwable failure = null;
    int reported = 0;
    for (int request = 0; request < tag.length && isWanted.getAsBoolean(); request++) {
      if (pieces[request] > 0) {
        reported++;
        try {
          handler.completed(tag[request], badStatus);
        } catch (RuntimeException | Error e) {
          failure = first(failure, e);
        }
      }
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (RuntimeException) failure;
    }
    return reported;
  }

  @SuppressWarnings("ReferenceEquality")
  private static Throwable first(Throwable first, Throwable next) {
    if (first == null) {
      return next;
    }
    if (first != next) {
      first.addSuppressed(next);
    }
    return first;
  }
}
