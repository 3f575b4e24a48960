/** Measurements beside a peer's, in one boot of one guest; run by scripts, not with the tests. */
package sluice.qemu.compare;
