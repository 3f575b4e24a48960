package sluice.virtual.command;

import sluice.virtual.media.Backend;

/** Another backend, with what a test changes of it. */
public class MediaProxy implements Backend {
  private final Backend media;

  public MediaProxy(Backend media) {
    this.media = media;
  }

  @Override
  public long size() {
    return media.size();
  }

  @Override
  public void read(long offset, long address, long length) {
    media.read(offset, address, length);
  }

  @Override
  public void write(long offset, long address, long length) {
    media.write(offset, address, length);
  }

  @Override
  public void zero(long offset, long length) {
    media.zero(offset, length);
  }

  @Override
  public long requestFlush(long offset, long length) {
    return media.requestFlush(offset, length);
  }

  @Override
  public long flushed() {
    return media.flushed();
  }

  @Override
  public RuntimeException flushFailure() {
    return media.flushFailure();
  }

  @Override
  public void close() {
    media.close();
  }
}
