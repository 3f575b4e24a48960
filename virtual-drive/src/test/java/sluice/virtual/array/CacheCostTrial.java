package sluice.virtual.array;

import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import sluice.support.text.Units;
import sluice.virtual.media.Media;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.media.SyncMedia;

/**
 * What a hit costs beside a read of memory, and what a miss costs besides: nanoseconds of the
 * processor for a read at a random place, medians of alternating rounds. The cache has lines of
 * several sizes, as much as fits in its memory. Run it with the sizes of reads.
 */
final class CacheCostTrial {
  private static final long CACHE_BYTES = 256L << 20;
  private static final int ROUNDS = 11;
  private static final long ROUND_BYTES = 256L << 20;

  /** Goes on from round to round: the same places again would be hits. */
  private static final Random RANDOM = new Random(7);

  private CacheCostTrial() {}

  public static void main(String[] args) {
    int[] sizes = args.length == 0 ? new int[] {4096, 131_072} : sizes(args);
    Map<String, Media> medias = new LinkedHashMap<>();
    medias.put("memory", new SyncMedia(new MemoryBackend(CACHE_BYTES)));
    for (int lineBytes = 4096; lineBytes <= 65_536; lineBytes *= 2) {
      medias.put("hit " + Units.formatSize(lineBytes), cache(CACHE_BYTES, lineBytes));
      medias.put("miss " + Units.formatSize(lineBytes), cache(8 * CACHE_BYTES, lineBytes));
    }
    long to = Arena.ofAuto().allocate(1 << 20, 4096).address();
    // All of it is there before anything is measured.
    medias.forEach((_, media) -> fill(media, to));
    for (int size : sizes) {
      double[][] nanos = new double[medias.size()][ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        int at = 0;
        for (Media media : medias.values()) {
          nanos[at++][round] = nanos(media, to, size);
        }
      }
      int at = 0;
      for (String name : medias.keySet()) {
        Arrays.sort(nanos[at]);
        System.out.printf(
            Locale.ROOT, "%-8d %-14s %9.0f ns%n", size, name, nanos[at++][ROUNDS / 2]);
      }
    }
    medias.forEach((_, media) -> media.close());
  }

  private static int[] sizes(String[] args) {
    return Arrays.stream(args).mapToInt(Integer::parseInt).toArray();
  }

  private static Media cache(long drive, int lineBytes) {
    return new CacheMedia(
        new SyncMedia(new MemoryBackend(drive)),
        (int) (CACHE_BYTES / lineBytes),
        lineBytes,
        CacheMode.THROUGH);
  }

  private static void fill(Media media, long to) {
    for (long at = 0; at < media.size(); at += 1 << 20) {
      int _ = media.write(at, to, 1 << 20, 0);
      int _ = media.read(at, to, 1 << 20, 0);
    }
  }

  private static double nanos(Media media, long to, int size) {
    int places = (int) (media.size() / size);
    int count = (int) (ROUND_BYTES / size);
    long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    for (int i = 0; i < count; i++) {
      if (media.readNow((long) RANDOM.nextInt(places) * size, to, size) != Media.DONE) {
        throw new IllegalStateException("not at once");
      }
    }
    return (double) (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before)
        / count;
  }
}
