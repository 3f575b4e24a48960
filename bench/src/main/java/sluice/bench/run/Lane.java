package sluice.bench.run;

/**
 * What I/Os go through on their way out and back, shared by who issues and who reaps.
 *
 * @param ports where I/Os go
 * @param requester makes requests of queues
 */
record Lane(
    Ports ports,
    Slots slots,
    Requester requester,
    Throttle throttle,
    Stream stream,
    Meter meter,
    Now now) {}
