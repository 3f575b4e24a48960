/** QEMU's NVMe controller, and Linux guests, as extensions of JUnit. */
module sluice.qemu {
  requires com.fasterxml.jackson.jr.ob;
  requires org.junit.platform.launcher;
  requires org.junit.platform.reporting;
  requires transitive org.junit.jupiter.api;
  requires transitive sluice.recorder;
  requires transitive sluice.virtual;

  exports sluice.qemu;
  exports sluice.qemu.guest;
}
