/**
 * Streams in, raw namespaces out, and back. {@code sluice.recorder} is the way in; what its methods
 * take and give is exported besides.
 */
module sluice.recorder {
  requires transitive HdrHistogram;
  requires transitive sluice.nvme;

  exports sluice.recorder;
  exports sluice.recorder.format;
  exports sluice.recorder.ring;
  exports sluice.recorder.source;
  exports sluice.recorder.volume;
  exports sluice.recorder.write;
  exports sluice.recorder.sink to
      sluice.cli;
  exports sluice.recorder.stream to
      sluice.cli;
}
