package sluice.recorder;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.ring.StreamRing;
import sluice.recorder.write.WriterOptions;
import sluice.support.text.PlainText;
import sluice.support.time.NanoClock;
import sluice.support.time.SystemNanoClock;

/**
 * What is recorded, and how.
 *
 * @param name 1 to 255 bytes of UTF-8 without control characters, not that of another recording;
 *     empty to make one up
 * @param source where the stream comes from, for people; of one with more than 255 bytes of UTF-8,
 *     the middle is cut out
 * @param header what a later reader should know: rate, channels, format; at most 2688 bytes as
 *     lines {@code key=value}
 * @param slotBytes bytes of a slot of the ring, a multiple of 4096
 * @param slotCount slots of the ring, 2 or more
 * @param writer how it is written
 */
public record RecordingOptions(
    String name,
    String source,
    Map<String, String> header,
    int slotBytes,
    int slotCount,
    WriterOptions writer) {

  public RecordingOptions {
    StreamRing.checkSizes(slotBytes, slotCount);
    requirePlain("name", name);
    source = fitting(source);
    header.forEach((key, value) -> {
      requirePlain("header's key", key);
      requirePlain("header's value", value);
    });
  }

  /** The catalogue has no more room; and how a stream is named is no reason not to record it. */
  private static String fitting(String text) {
    int[] characters = text.codePoints().toArray();
    String fitting = text;
    for (int half = CatalogueEntry.MAX_TEXT / 2; isTooLong(fitting); half--) {
      int end = Math.min(half, characters.length);
      int start = Math.max(end, characters.length - half);
      fitting =
          new String(characters, 0, end)
              + "…"
              + new String(characters, start, characters.length - start);
    }
    return fitting;
  }

  private static boolean isTooLong(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length > CatalogueEntry.MAX_TEXT;
  }

  private static void requirePlain(String what, String text) {
    if (!PlainText.isPlain(text)) {
      throw new IllegalArgumentException(
          "a %s has no control characters: \"%s\"".formatted(what, PlainText.escape(text)));
    }
  }

  /** A ring of 64 MiB in slots of 128 KiB, 32 writes in flight, a flush each second. */
  public static RecordingOptions named(String name) {
    NanoClock clock = new SystemNanoClock();
    return new RecordingOptions(
        name, "", Map.of(), 128 << 10, 512, WriterOptions.standard(clock::nanos));
  }

  public RecordingOptions withSource(String newSource) {
    return new RecordingOptions(name, newSource, header, slotBytes, slotCount, writer);
  }

  public RecordingOptions withHeader(Map<String, String> newHeader) {
    return new RecordingOptions(name, source, newHeader, slotBytes, slotCount, writer);
  }

  public RecordingOptions withSlots(int bytes, int count) {
    return new RecordingOptions(name, source, header, bytes, count, writer);
  }

  public RecordingOptions withWriter(WriterOptions options) {
    return new RecordingOptions(name, source, header, slotBytes, slotCount, options);
  }
}
