/** The Linux system calls that the project makes, each bound once, and their errors. */
package sluice.support.linux;
