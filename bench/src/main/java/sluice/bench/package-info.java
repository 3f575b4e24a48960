/**
 * Measures drives: {@code job} reads fio's job files, {@code load} makes the load that they
 * describe, {@code run} puts it on a drive and measures, {@code result} is what was measured, and
 * {@code report} writes it down, for people and for programs that know fio's own reports.
 */
package sluice.bench;
