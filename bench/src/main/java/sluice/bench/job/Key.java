package sluice.bench.job;

/**
 * The name of a job's option, and the type of its value. Compared by identity; all there are stand
 * in {@link Options}.
 *
 * @param <T> what its value is
 */
public final class Key<T> {
  private final String name;
  private final T standard;

  Key(String name, T standard) {
    this.name = name;
    this.standard = standard;
  }

  /** What fio calls it. */
  public String name() {
    return name;
  }

  /** Its value where none is given; may be null. */
  public T standard() {
    return standard;
  }

  @Override
  public String toString() {
    return name;
  }
}
