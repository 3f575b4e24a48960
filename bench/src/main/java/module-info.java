/** A benchmark for drives, with fio's job files. */
module sluice.bench {
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.jr.ob;
  requires HdrHistogram;
  requires org.apache.commons.statistics.inference;
  requires transitive sluice.nvme;

  exports sluice.bench.anatomy to
      sluice.cli;
  exports sluice.bench.chunks to
      sluice.cli;
  exports sluice.bench.cliff to
      sluice.cli;
  exports sluice.bench.compare to
      sluice.cli;
  exports sluice.bench.job to
      sluice.cli;
  exports sluice.bench.modes to
      sluice.cli;
  exports sluice.bench.pass to
      sluice.cli;
  exports sluice.bench.pts to
      sluice.cli;
  exports sluice.bench.report to
      sluice.cli;
  exports sluice.bench.result to
      sluice.cli;
  exports sluice.bench.run to
      sluice.cli;
}
