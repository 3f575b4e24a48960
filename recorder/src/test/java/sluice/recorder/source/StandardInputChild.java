package sluice.recorder.source;

/** A process that sends its standard input through a ring to its standard output. */
final class StandardInputChild {
  private StandardInputChild() {}

  public static void main(String[] args) throws Exception {
    RingReader reader = new RingReader(65536, 4);
    try (Source source = Sources.open("-", SourceOptions.defaults().withPollMillis(1))) {
      source.attach(reader.ring);
      reader.runToEnd(source);
    }
    System.out.write(reader.bytes());
    System.out.flush();
  }
}
