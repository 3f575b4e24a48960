/**
 * Media made of media: {@link sluice.virtual.array.CacheMedia} is RAM as a read cache over any
 * other.
 */
package sluice.virtual.array;
