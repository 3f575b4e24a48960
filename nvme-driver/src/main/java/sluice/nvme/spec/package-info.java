/**
 * The layouts of NVM Express 1.4: registers, opcodes, status codes, and the pages that Identify,
 * Get Log Page and features carry.
 *
 * <p>A class per structure, named as the specification names it, with getters and setters: the
 * driver reads what a device wrote with the same class that a virtual drive writes with. Registers
 * and command dwords are plain numbers with static accessors; pages are thin views of native memory
 * that copy nothing. All values are little-endian.
 *
 * <p>The two entries of the rings are in {@code sluice.queues}, which knows them without knowing
 * what commands mean.
 */
package sluice.nvme.spec;
