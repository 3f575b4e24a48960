/**
 * Writes a run down: {@link sluice.bench.report.HumanReport} and {@link
 * sluice.bench.report.JsonReport} as fio does, {@link sluice.bench.report.LogFiles} fio's logs and
 * HdrHistogram's, and {@link sluice.bench.report.HtmlReport} a page to look at.
 *
 * <p>Layout, units and the names and types of all keys are those of fio 3.33, so that people and
 * programs that know fio's reports need not learn anew. What fio does not tell is in the object
 * {@code sluice} of each job, and in lines of its own at a job's end.
 */
package sluice.bench.report;
