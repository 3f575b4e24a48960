/** Clocks that programs take from outside, so that tests bring their own. */
package sluice.support.time;
