/**
 * The driver against a target that is not ours: Linux's nvmet in a guest, set up by configfs as its
 * documentation does it, and reached through QEMU's user-mode network from outside.
 */
package sluice.qemu.fabrics;
