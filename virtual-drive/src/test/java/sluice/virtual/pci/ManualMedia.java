package sluice.virtual.pci;

import java.util.ArrayList;
import java.util.List;
import sluice.virtual.media.Media;

/** Media that does nothing before a test says so, and keeps nothing. */
final class ManualMedia implements Media {
  private record Request(String what, long offset, int tag) {}

  private final long size;
  private final List<Request> begun = new ArrayList<>();
  private final List<Request> ended = new ArrayList<>();

  /** What has begun and ended, in order. */
  final List<String> log = new ArrayList<>();

  /** What a flush comes to. */
  int flushStatus = DONE;

  ManualMedia(long size) {
    this.size = size;
  }

  /** How much is under way. */
  int underWay() {
    return begun.size();
  }

  /** What is under way, and where it begins, in blocks of 512 bytes: "read 8". */
  List<String> requests() {
    return begun.stream().map(request -> request.what + " " + request.offset / 512).toList();
  }

  /** Ends the oldest request of a kind; returns whether there was one. */
  boolean end(String what) {
    for (Request request : begun) {
      if (request.what.equals(what)) {
        boolean _ = begun.remove(request);
        log.add("end " + what);
        return ended.add(request);
      }
    }
    return false;
  }

  private int begin(String what, long offset, int tag) {
    begun.add(new Request(what, offset, tag));
    log.add("begin " + what);
    return LATER;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int readNow(long offset, long address, long length) {
    return LATER;
  }

  @Override
  public int writeNow(long offset, long address, long length) {
    return LATER;
  }

  @Override
  public int read(long offset, long address, long length, int tag) {
    return begin("read", offset, tag);
  }

  @Override
  public int write(long offset, long address, long length, int tag) {
    return begin("write", offset, tag);
  }

  @Override
  public int zero(long offset, long length, int tag) {
    return begin("zero", offset, tag);
  }

  @Override
  public int deallocate(long offset, long length, int tag) {
    return begin("deallocate", offset, tag);
  }

  @Override
  public int flush(long offset, long length, int tag) {
    return begin("flush", offset, tag);
  }

  @Override
  public int poll(Completions completions) {
    List<Request> all = List.copyOf(ended);
    ended.clear();
    for (Request request : all) {
      completions.completed(request.tag, request.what.equals("flush") ? flushStatus : DONE);
    }
    return all.size();
  }

  @Override
  public void close() {}
}
