/**
 * NVMe's rings: submission and completion queues, doorbells, PRP lists.
 *
 * <p>A {@link sluice.queues.SubmissionQueue} takes commands: {@code claim} an entry, fill it
 * through {@link sluice.queues.SubmissionEntry}, {@code post} it, and {@code ring} once for as many
 * as were posted. A {@link sluice.queues.CompletionQueue} gives completions back: {@code peek},
 * read through {@link sluice.queues.CompletionEntry}, {@code pop}, and {@code ring} once for as
 * many as were popped. {@link sluice.queues.CommandSlots} names commands while they are out, and
 * {@link sluice.queues.PrpLists} tells the device where their data is.
 *
 * <p>Everything here is off-heap memory and arithmetic: no I/O but the doorbell's store, no
 * threads, no allocation after construction.
 */
package sluice.queues;
