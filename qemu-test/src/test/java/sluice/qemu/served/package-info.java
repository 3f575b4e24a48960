/**
 * The virtual drive as others see it: served by vfio-user from a process of its own, and driven by
 * who knows nothing of it.
 *
 * <p>What QEMU 11.1 is like as a client, as seen on the wire:
 *
 * <ul>
 *   <li>It announces version 0.0, and refuses a server whose minor version is above.
 *   <li>Memory is mapped before anything is asked of the device: RAM for reading and writing, with
 *       a descriptor; ROM for reading, mostly without one. While firmware runs, which has an NVMe
 *       driver of its own, all of it is unmapped and mapped again in other pieces, again and again,
 *       under queues that are in use: what is at an address is to be looked up when it is used.
 *   <li>The configuration space is read whole by one message of 4096 bytes, then by 1, 2 and 4; the
 *       sizes of BARs are those of the regions. The MSI-X table is QEMU's own and no access to it
 *       comes.
 *   <li>Writes to BARs want no reply. A reply that takes 5 s is too late.
 *   <li>MSI-X: first SET_IRQS for a vector without a descriptor; whenever a vector comes into use
 *       all are disabled and then set, with as many descriptors in a message as the server takes.
 * </ul>
 */
package sluice.qemu.served;
