/**
 * Measures drives: {@code job} reads fio's job files, {@code load} makes the load that they
 * describe, {@code run} puts it on a drive and measures, {@code result} is what was measured, and
 * {@code report} writes it down, for people and for programs that know fio's own reports. Beyond
 * fio: {@code modes} sets ways of waiting side by side, {@code anatomy} times the steps of a
 * command.
 */
package sluice.bench;
