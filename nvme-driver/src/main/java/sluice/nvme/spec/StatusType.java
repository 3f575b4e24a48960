package sluice.nvme.spec;

/** Status code types, SCT (NVMe 1.4, section 4.6.1.1, figure 125). */
public enum StatusType {
  GENERIC(0, "generic"),
  COMMAND_SPECIFIC(1, "command specific"),
  MEDIA(2, "media and data integrity"),
  PATH(3, "path related"),
  VENDOR(7, "vendor specific");

  private final int sct;
  private final String title;

  StatusType(int sct, String title) {
    this.sct = sct;
    this.title = title;
  }

  /** The type's number. */
  public int sct() {
    return sct;
  }

  /** The type's name, for people. */
  public String title() {
    return title;
  }

  /** The name of a type's number, reserved ones included. */
  static String title(int sct) {
    for (StatusType type : values()) {
      if (type.sct == sct) {
        return type.title;
      }
    }
    return "reserved type " + sct;
  }
}
