package sluice.recorder.write;

import java.util.List;
import java.util.function.Supplier;

/** Of a stream that no catalogue knows, in raw mode: there is nobody to be told anything. */
final class NoNotes implements Notes {
  @Override
  public void aim(Supplier<WriterResult> now) {}

  @Override
  public void reached() {}

  @Override
  public boolean isNoted(List<Integer> leftOut) {
    return true;
  }

  @Override
  public boolean note(List<Integer> leftOut, long entries) {
    return false;
  }

  @Override
  public boolean isOff() {
    return false;
  }

  @Override
  public int failure() {
    return 0;
  }

  @Override
  public void flushRequested() {}

  @Override
  public void flushed() {}

  @Override
  public int doWork() {
    return 0;
  }

  @Override
  public void completed(int status) {}

  @Override
  public boolean isSettled() {
    return true;
  }

  @Override
  public int generation() {
    return 0;
  }
}
