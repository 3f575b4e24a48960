package sluice.nvme;

/** A drive has answered what contradicts itself; what it was asked for is not known. */
public final class OddAnswerException extends NvmeException {
  private static final long serialVersionUID = 1L;

  OddAnswerException(String message) {
    super(message);
  }
}
