/**
 * Jobs as fio describes them: its job files and its command line, read into typed options that do
 * not change any more. What is read here says what shall be done; nothing in it knows a drive.
 */
package sluice.bench.job;
