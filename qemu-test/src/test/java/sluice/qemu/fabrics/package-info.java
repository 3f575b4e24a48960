/**
 * NVMe over TCP with an end that is not ours: the driver against Linux's nvmet in a guest, set up
 * by configfs as its documentation does it, and Linux's nvme-tcp in a guest, set up by nvme-cli,
 * against our target. The way between goes through QEMU's user-mode network.
 */
package sluice.qemu.fabrics;
