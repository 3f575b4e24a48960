package sluice.recorder.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.CatalogueEntry.PauseFigures;
import sluice.recorder.format.CatalogueEntry.RingFigures;
import sluice.recorder.format.CatalogueEntry.Totals;
import sluice.recorder.format.EndReason;
import sluice.recorder.format.Extent;
import sluice.recorder.format.Geometry;
import sluice.recorder.format.IndexRange;
import sluice.recorder.format.RecordingState;
import sluice.recorder.format.SealedBlock;
import sluice.recorder.format.Superblock;

class RegionsTest {
  private static final Superblock LAYOUT =
      Geometry.plan(new UUID(1, 2), 0, 1L << 40, 4096, 1 << 17, 0);

  private static CatalogueEntry entry(int number, Extent data, Extent index) {
    return new CatalogueEntry(
        number,
        RecordingState.CLOSED,
        EndReason.STREAM_ENDED,
        new UUID(3, number),
        0,
        0,
        "r" + number,
        "",
        Map.of(),
        List.of(data),
        IndexRange.of(index.address(), index.bytes() / 64, 0),
        Totals.NONE,
        new RingFigures(4096, 8192, 0),
        PauseFigures.NONE);
  }

  private static Extent data(long block, long blocks) {
    return new Extent(LAYOUT.dataAddress() + block * SealedBlock.SIZE, blocks * SealedBlock.SIZE);
  }

  private static Extent index(long block, long blocks) {
    return new Extent(LAYOUT.indexAddress() + block * SealedBlock.SIZE, blocks * SealedBlock.SIZE);
  }

  /** Each pair of them looked at. */
  private static boolean anyOverlaps(List<CatalogueEntry> entries) {
    for (CatalogueEntry a : entries) {
      for (CatalogueEntry b : entries) {
        if (a.number() < b.number()
            && (a.extents().getFirst().overlaps(b.extents().getFirst())
                || a.indexExtent().overlaps(b.indexExtent()))) {
          return true;
        }
      }
    }
    return false;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void recordingsThatLieInOnePlaceAreFoundAndNoOthers(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int overlapping = 0;
    for (int round = 0; round < 2000; round++) {
      List<CatalogueEntry> entries = new ArrayList<>();
      for (int i = random.nextInt(1, 6); i > 0; i--) {
        entries.add(
            entry(
                i,
                data(random.nextInt(40), random.nextInt(6)),
                index(random.nextInt(40), random.nextInt(6))));
      }
      boolean expected = anyOverlaps(entries);
      overlapping += expected ? 1 : 0;
      assertThat(Regions.overlaps(LAYOUT, entries).isEmpty())
          .as("seed %d round %d: %s", seed, round, entries)
          .isEqualTo(!expected);
    }
    assertThat(overlapping).isBetween(200, 1800);
  }

  /** Were each pair compared, these would take half an hour. */
  @Test
  void aHundredThousandRecordingsAreCompared() {
    List<CatalogueEntry> entries = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      entries.add(entry(i, data(i, 1), index(i, 1)));
    }
    assertThat(Regions.misplaced(LAYOUT, entries)).isEmpty();
    entries.add(entry(100_000, data(7, 1), index(100_000, 1)));
    assertThat(Regions.misplaced(LAYOUT, entries))
        .extracting(Finding::text)
        .containsExactly("it overlaps with recording 'r7'");
  }
}
