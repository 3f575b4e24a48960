package sluice.recorder.write;

import sluice.recorder.volume.CatalogueUpdate;

/**
 * What a request on the writer's queue is for. Its tag tells: data has its position in the ring.
 */
enum Request {
  DATA(0),
  INDEX(-1),
  FLUSH(-2),
  /** A note in the catalogue of an open recording. */
  NOTE(-3),
  /** The last change of the catalogue. */
  CATALOGUE(CatalogueUpdate.TAG);

  private final long tag;

  Request(long tag) {
    this.tag = tag;
  }

  /** The tag of a request that is not for data. */
  long tag() {
    assert this != DATA;
    return tag;
  }

  /** Allocates nothing. */
  static Request of(long tag) {
    if (tag >= 0) {
      return DATA;
    }
    if (tag == INDEX.tag) {
      return INDEX;
    }
    if (tag == FLUSH.tag) {
      return FLUSH;
    }
    if (tag == NOTE.tag) {
      return NOTE;
    }
    if (tag == CATALOGUE.tag) {
      return CATALOGUE;
    }
    throw new IllegalStateException("no request has the tag " + tag);
  }
}
