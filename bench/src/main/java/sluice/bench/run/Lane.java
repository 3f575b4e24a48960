package sluice.bench.run;

/**
 * What I/Os go through on their way out and back, shared by who issues and who reaps.
 *
 * @param requester makes requests of the queue
 */
record Lane(
    QueueShare queue,
    Slots slots,
    Requester requester,
    Throttle throttle,
    Stream stream,
    Meter meter,
    Now now) {}
