/**
 * Bytes off the heap: {@link sluice.support.memory.OffHeap} is the one place where an address
 * becomes an access.
 */
package sluice.support.memory;
