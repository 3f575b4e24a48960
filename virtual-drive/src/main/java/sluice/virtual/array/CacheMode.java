package sluice.virtual.array;

/** What a {@link CacheMedia} does with what is written. In both modes the media has it first. */
public enum CacheMode {
  /** The cache forgets what it has of the place: for what is not read soon. */
  AROUND,

  /** The cache has the new bytes where it had old ones: for what is read again. */
  THROUGH
}
