/** A PCI function in user space, and the memory that it can reach. */
module sluice.vfio {
  requires com.fasterxml.jackson.jr.ob;
  requires com.sun.jna;
  requires com.sun.jna.platform;
  requires transitive sluice.support;

  exports sluice.vfio;
  exports sluice.vfio.abi;
  exports sluice.vfio.discovery;
  exports sluice.vfio.kernel;
  exports sluice.vfio.takeover;
  exports sluice.vfio.vfiouser;
}
