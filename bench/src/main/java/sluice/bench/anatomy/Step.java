package sluice.bench.anatomy;

/** A step of a command; each begins where the one before it has ended. */
public enum Step {
  /** The entry is written into the submission queue, PRP list included. */
  QUEUE("entry queued", false),

  /** The submission queue's doorbell is written. */
  DOORBELL("doorbell rung", false),

  /** The device sees the doorbell and fetches the entry. */
  FETCH("entry fetched", true),

  /** The device moves the data. */
  MOVE("data moved", true),

  /** The device waits for what it simulates, and posts the completion. */
  POST("completion posted", true),

  /** The driver, which looks all the time, sees the completion. */
  NOTICE("completion noticed", true),

  /** From the doorbell until the completion is seen: all that the device does, and the bus. */
  DEVICE("completion seen", false),

  /** The completion queue's doorbell is written, and the command's slot is free. */
  RELEASE("doorbell back", false),

  /** All of it. */
  TOTAL("total", false);

  private final String title;
  private final boolean deviceTells;

  Step(String title, boolean deviceTells) {
    this.title = title;
    this.deviceTells = deviceTells;
  }

  /** For people: what has happened at its end. */
  public String title() {
    return title;
  }

  /** Whether it is a part of {@link #DEVICE} that only a device in software can tell. */
  public boolean deviceTells() {
    return deviceTells;
  }
}
