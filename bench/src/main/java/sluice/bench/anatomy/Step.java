package sluice.bench.anatomy;

/**
 * A step of a command. Those of the driver follow each other without a gap, and make up {@link
 * #TOTAL}; those that only a device in software can tell do the same with {@link #DEVICE}.
 */
public enum Step {
  /** The request is checked, a slot taken, entry and PRPs are written; all of it in memory. */
  QUEUE("entry queued", "entryQueued", false),

  /**
   * The submission queue's tail doorbell is written. Such a write is posted: the processor has
   * given it away, and the device may get it later. An emulated device may do its work within it.
   */
  DOORBELL("doorbell rung", "doorbellRung", false),

  /**
   * Until the driver, which looks all the time, has taken the completion out of its queue: the bus,
   * the device, and as much of a look as it takes to find the completion.
   */
  DEVICE("completion seen", "completionSeen", false),

  /** The device sees the doorbell and fetches the entry. */
  FETCH("entry fetched", "entryFetched", true),

  /** The device moves the data. */
  MOVE("data moved", "dataMoved", true),

  /** The device waits for what it simulates, and is about to post the completion. */
  POST("completion posted", "completionPosted", true),

  /** The completion is written, and the driver sees it. */
  NOTICE("completion noticed", "completionNoticed", true),

  /** The look ends, and the completion queue's head doorbell is written; posted as the first. */
  RELEASE("doorbell back", "doorbellBack", false),

  /** All of it, from before the request until after the last doorbell. */
  TOTAL("total", "total", false);

  private final String title;
  private final String key;
  private final boolean deviceTells;

  Step(String title, String key, boolean deviceTells) {
    this.title = title;
    this.key = key;
    this.deviceTells = deviceTells;
  }

  /** For people: what has happened at its end. */
  public String title() {
    return title;
  }

  /** The same for programs, as a name in JSON. */
  public String key() {
    return key;
  }

  /** Whether it is a part of {@link #DEVICE} that only a device in software can tell. */
  public boolean deviceTells() {
    return deviceTells;
  }
}
