/**
 * NVMe over PCI Express: a controller's registers, rings, PRP lists, doorbells and their shadows,
 * interrupt vectors, and what single models of drives do otherwise than the specification says.
 *
 * <pre>
 *  PciDriveProvider, VfioUserDriveProvider ──▶ PciFunction
 *                                                  │
 *   ControllerTransport ◁── PcieTransport ◀────────┘   registers of BAR 0, bus mastering, reset
 *                                │
 *        QueueTransport ◁── PcieQueue                  two rings, two doorbells, PRP lists, a vector
 * </pre>
 *
 * <p>{@link sluice.nvme.pcie.PcieTransport#open} makes a controller of a function; what the
 * controller is and does, whatever reaches it, is in {@link sluice.nvme}.
 */
package sluice.nvme.pcie;
