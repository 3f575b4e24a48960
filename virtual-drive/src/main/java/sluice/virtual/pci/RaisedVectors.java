package sluice.virtual.pci;

/**
 * The interrupt vectors of the completion queues to which a turn has posted, and their raising at
 * its end: once a turn, however much was posted. Used in the drive's turns.
 */
public final class RaisedVectors {
  /** Instead of a vector: the host polls the queue. */
  static final int NONE = -1;

  private final int[] vectors;
  private final boolean[] isAdded;
  private int count;
  private InterruptSink sink;

  /**
   * @param count how many vectors there are
   */
  RaisedVectors(int count) {
    vectors = new int[count];
    isAdded = new boolean[count];
  }

  /**
   * @param sink where interrupts go; null for nowhere
   */
  void sink(InterruptSink sink) {
    this.sink = sink;
  }

  /** A queue with this vector was posted to. */
  void add(int vector) {
    if (!isAdded[vector]) {
      isAdded[vector] = true;
      vectors[count++] = vector;
    }
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Wakes all who wait, because there is something else to see. */
  void raiseAll() {
    for (int vector = 0; vector < isAdded.length; vector++) {
      add(vector);
    }
    raise();
  }

  /**
   * Raises what was added. Every entry was stored before, so that a host that looks at its queues
   * after an interrupt finds what the interrupt is for; what comes later raises again.
   */
  public void raise() {
    int added = count;
    count = 0;
    for (int i = 0; i < added; i++) {
      isAdded[vectors[i]] = false;
      if (sink != null) {
        sink.raise(vectors[i]);
      }
    }
  }
}
