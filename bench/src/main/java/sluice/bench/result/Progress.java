package sluice.bench.result;

import java.util.List;
import java.util.Map;

/**
 * How far a run is.
 *
 * @param letters a state of each clone, as fio has them: {@code R} for one that reads one after the
 *     other, {@code _} for one that has ended, and so on
 * @param running how many of them do I/O
 * @param fraction how much is done, from 0 to 1; negative when that cannot be known
 * @param etaSeconds how long it may take still; negative when that cannot be known
 * @param bytesPerSecond since the last report, of the directions that there are
 * @param iosPerSecond since the last report, of the directions that there are
 * @param stuck the I/Os that are stuck now, those first that have been out for the longest time
 */
public record Progress(
    List<Character> letters,
    int running,
    double fraction,
    long etaSeconds,
    Map<Direction, Double> bytesPerSecond,
    Map<Direction, Double> iosPerSecond,
    List<StuckIo> stuck) {
  public Progress {
    letters = List.copyOf(letters);
    bytesPerSecond = Map.copyOf(bytesPerSecond);
    stuck = List.copyOf(stuck);
    iosPerSecond = Map.copyOf(iosPerSecond);
  }
}
