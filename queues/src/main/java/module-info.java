/** NVMe's rings in memory that a device can reach. */
module sluice.queues {
  requires transitive sluice.vfio;

  exports sluice.queues;
}
