package sluice.bench.load;

import java.util.Arrays;
import java.util.List;
import sluice.bench.job.FileService;
import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.job.Place;
import sluice.bench.result.Direction;

/**
 * Several files, each gone through in its own order, and which of them is next as {@code
 * file_service_type} says. One whose pass is over is left alone until those of all are.
 */
final class ManyFiles extends Offsets {
  private final Offsets[] files;
  private final long[] begin;
  private final boolean[] done;
  private final FileService service;
  private final RandomNumbers random;
  private int file;
  private int left;
  private long iosLeft;

  /**
   * @param places of the files, more than one
   */
  ManyFiles(JobOptions job, List<Place> places, long seed) {
    files = new Offsets[places.size()];
    begin = new long[files.length];
    done = new boolean[files.length];
    for (int i = 0; i < files.length; i++) {
      files[i] = Offsets.of(job, places.get(i).bytes(), seed + i);
      begin[i] = places.get(i).offset();
    }
    service = job.get(Options.FILE_SERVICE_TYPE);
    random = new RandomNumbers(seed);
    restart(seed);
  }

  @Override
  public void next(Direction direction, int wanted) {
    if (left == 0) {
      beginPass();
    }
    choose();
    Offsets chosen = files[file];
    chosen.next(direction, wanted);
    offset = begin[file] + chosen.offset();
    length = chosen.length();
    if (chosen.isAtEndOfPass()) {
      done[file] = true;
      left--;
    }
  }

  private void choose() {
    boolean stays = service.order() == FileService.Order.SEQUENTIAL || iosLeft > 0;
    if (!stays) {
      file =
          service.order() == FileService.Order.RANDOM
              ? (int) random.below(files.length)
              : file + 1 < files.length ? file + 1 : 0;
    }
    while (done[file]) {
      stays = false;
      file = file + 1 < files.length ? file + 1 : 0;
    }
    iosLeft = stays && iosLeft > 0 ? iosLeft - 1 : service.ios() - 1;
  }

  private void beginPass() {
    Arrays.fill(done, false);
    left = files.length;
    iosLeft = 0;
    file = service.order() == FileService.Order.ROUNDROBIN ? files.length - 1 : 0;
  }

  /** Which of the files {@link #offset} is in, from 0. */
  int file() {
    return file;
  }

  @Override
  public boolean isAtEndOfPass() {
    return left == 0;
  }

  @Override
  public void restart(long seed) {
    for (int i = 0; i < files.length; i++) {
      files[i].restart(seed + i);
    }
    random.seed(seed);
    beginPass();
  }
}
