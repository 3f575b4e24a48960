/** NVMe drives made in software, in this process and for others. */
module sluice.virtual {
  requires transitive sluice.nvme;

  exports sluice.virtual;
  exports sluice.virtual.array;
  exports sluice.virtual.media;
  exports sluice.virtual.tcp;
  exports sluice.virtual.vfiouser;

  provides sluice.nvme.DriveProvider with
      sluice.virtual.VirtualDriveProvider;
}
