package example;

import java.nio.ByteBuffer;
import sluice.nvme.drive.NvmeDrive;
import sluice.recorder.Feed;
import sluice.recorder.RecordingOptions;
import sluice.recorder.RecordingReader;
import sluice.recorder.RecordingReader.Range;
import sluice.recorder.RecordingSession;
import sluice.recorder.Volume;
import sluice.recorder.VolumeOptions;
import sluice.recorder.write.WriterResult;

/** Records a stream of its own to a drive, plays it back, and compares. */
public final class RecordAndPlay {
  private static final long SAMPLES = 1_000_000;

  /** A sensor: its sample number n is n squared. */
  private static final class Sensor implements Feed {
    private long next;

    @Override
    public int fill(ByteBuffer room) {
      int start = room.position();
      while (next < SAMPLES && room.remaining() >= Long.BYTES) {
        room.putLong(next * next);
        next++;
      }
      return room.position() == start ? END : room.position() - start;
    }
  }

  public static void main(String[] args) {
    String address = args.length > 0 ? args[0] : "virtual:memory?size=64M";
    // Refuses a drive that holds something.
    try (Volume volume = Volume.create(NvmeDrive.open(address), VolumeOptions.standard())) {
      RecordingOptions options = RecordingOptions.named("squares").withSource("the sensor");
      try (RecordingSession session = RecordingSession.open(volume, options, new Sensor())) {
        WriterResult result = session.run();
        System.out.printf(
            "recorded %d bytes: %s%n", result.totals().recordedBytes(), result.reason().text());
      }
      long next = 0;
      try (RecordingReader reader = volume.recording("squares").read(16)) {
        while (reader.next() == Range.DATA) {
          for (ByteBuffer data = reader.data().asByteBuffer(); data.hasRemaining(); next++) {
            if (data.getLong() != next * next) {
              throw new IllegalStateException("sample " + next + " is wrong");
            }
          }
        }
      }
      System.out.printf("played %d samples of %d, all right%n", next, SAMPLES);
    }
  }
}
