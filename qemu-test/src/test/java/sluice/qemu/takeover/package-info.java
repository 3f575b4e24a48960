/**
 * A drive changes hands, in guests: from the kernel's own driver to sluice and back, as its users
 * do it, by the commands that they type.
 */
package sluice.qemu.takeover;
