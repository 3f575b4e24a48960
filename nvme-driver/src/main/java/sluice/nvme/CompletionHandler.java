package sluice.nvme;

/** Told of completed requests by {@link IoQueue#poll}, on the queue's thread. */
@FunctionalInterface
public interface CompletionHandler {
  /**
   * A request has completed; its memory is the caller's again. May submit new requests.
   *
   * @param tag what the request was submitted with
   * @param status 0 for success, otherwise as {@link sluice.nvme.spec.Status} tells
   */
  void completed(long tag, int status);
}
