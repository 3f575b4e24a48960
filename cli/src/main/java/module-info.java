/** The command {@code sluice}. */
module sluice.cli {
  requires com.fasterxml.jackson.jr.ob;
  requires info.picocli;
  requires java.logging;
  requires jdk.jfr;
  requires sluice.bench;
  requires sluice.recorder;
  requires sluice.virtual;

  opens sluice.cli to
      info.picocli;
}
