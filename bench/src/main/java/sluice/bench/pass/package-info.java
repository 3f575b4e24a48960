/**
 * A drive gone through once, one chunk after the other: what the measurements are made of that
 * count in bytes and not in time. {@link sluice.bench.pass.Pass} does it.
 */
package sluice.bench.pass;
