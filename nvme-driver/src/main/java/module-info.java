/** The host's side of NVMe: controllers, namespaces, queues, and drives as their users see them. */
module sluice.nvme {
  requires transitive sluice.queues;

  exports sluice.nvme;
  exports sluice.nvme.drive;
  exports sluice.nvme.pcie;
  exports sluice.nvme.spec;
  exports sluice.nvme.tcp;
  exports sluice.nvme.tcp.pdu;

  uses sluice.nvme.DriveProvider;

  provides sluice.nvme.DriveProvider with
      sluice.nvme.pcie.PciDriveProvider,
      sluice.nvme.pcie.VfioUserDriveProvider,
      sluice.nvme.tcp.TcpDriveProvider;
}
