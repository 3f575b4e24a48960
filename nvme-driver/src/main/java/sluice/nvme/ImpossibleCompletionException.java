package sluice.nvme;

/**
 * A controller completed what it was never given: it and its driver do not agree any more on what
 * is out, and only a reset brings that back.
 */
final class ImpossibleCompletionException extends NvmeException {
  private static final long serialVersionUID = 1L;

  ImpossibleCompletionException(String message) {
    super(message);
  }
}
