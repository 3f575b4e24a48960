package sluice.nvme;

/** Who has made an I/O queue, and has it made and deleted in the controller. */
interface QueueKeeper {
  /**
   * Creates a queue in the controller, empty.
   *
   * @return the generation in which it exists
   */
  int create(QueueTransport queue);

  /**
   * Deletes a queue in the controller, unless a reset has done so since.
   *
   * @return whether the controller does not reach its memory any more
   * @throws CommandFailedException if the drive refuses
   */
  boolean delete(int id, QueueTransport queue, int seenGeneration);
}
