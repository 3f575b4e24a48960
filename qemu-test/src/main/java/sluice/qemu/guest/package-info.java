/**
 * A Linux guest in QEMU, with NVMe drives and a virtual IOMMU, in which this JVM's classes run:
 * what a kernel does to a driver, tested without hardware and without rights.
 *
 * <p>{@link sluice.qemu.guest.GuestExtension} is the JUnit extension, {@link
 * sluice.qemu.guest.Guest} the same without JUnit, {@link sluice.qemu.guest.GuestShell} the same by
 * hand. {@link sluice.qemu.guest.GuestTests} runs JUnit's tests inside, {@link
 * sluice.qemu.guest.JavaCommand} is a program in Java that starts there fast.
 *
 * <pre>
 *   this JVM                                  QEMU (q35, emulated processor, intel-iommu)
 *   commands, their output ── 2nd serial ───▶  commands.sh
 *   GuestTests               port              └─ java: TestRunner, the driver ── vfio ──▶ nvme0, …
 *   console ◀─────────────── 1st serial port   the kernel
 *   unplugging, throttles ── QMP socket ────▶  monitor
 * </pre>
 *
 * <p>A guest needs no image of a disk and no installation. Its kernel is Debian's, unpacked from
 * its package, or a small one built from Debian's sources ({@link sluice.qemu.guest.GuestKernel});
 * its file system is in its memory ({@link sluice.qemu.guest.Initramfs}): busybox, the running JDK
 * linked to a small runtime, and the class path. What takes long to get or to make is kept in
 * {@link sluice.qemu.guest.Cache}. Nothing of this needs root.
 */
package sluice.qemu.guest;
