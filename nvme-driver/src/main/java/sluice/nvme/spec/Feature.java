package sluice.nvme.spec;

/**
 * Features: identifiers, and the fields of Get and Set Features (NVMe 1.4, section 5.21.1, figure
 * 271; fields in sections 5.13 and 5.21).
 *
 * <pre>
 * CDW10 of Set Features   31  30          8 7         0
 *                       | SV |    rsvd     |   FID     |
 * CDW10 of Get Features   31     11 10    8 7         0
 *                       |   rsvd   |  SEL  |   FID     |
 * </pre>
 */
public final class Feature {
  public static final int ARBITRATION = 0x01;
  public static final int POWER_MANAGEMENT = 0x02;
  public static final int LBA_RANGE_TYPE = 0x03;
  public static final int TEMPERATURE_THRESHOLD = 0x04;
  public static final int ERROR_RECOVERY = 0x05;
  public static final int VOLATILE_WRITE_CACHE = 0x06;
  public static final int NUMBER_OF_QUEUES = 0x07;
  public static final int INTERRUPT_COALESCING = 0x08;
  public static final int INTERRUPT_VECTOR_CONFIGURATION = 0x09;
  public static final int WRITE_ATOMICITY_NORMAL = 0x0a;
  public static final int ASYNCHRONOUS_EVENT_CONFIGURATION = 0x0b;
  public static final int AUTONOMOUS_POWER_STATE_TRANSITION = 0x0c;
  public static final int HOST_MEMORY_BUFFER = 0x0d;
  public static final int TIMESTAMP = 0x0e;
  public static final int KEEP_ALIVE_TIMER = 0x0f;
  public static final int HOST_CONTROLLED_THERMAL_MANAGEMENT = 0x10;
  public static final int NON_OPERATIONAL_POWER_STATE = 0x11;
  public static final int HOST_BEHAVIOR_SUPPORT = 0x16;
  public static final int SOFTWARE_PROGRESS_MARKER = 0x80;
  public static final int HOST_IDENTIFIER = 0x81;

  /** SEL of Get Features: the value in force. */
  public static final int SELECT_CURRENT = 0;

  /** SEL of Get Features: the value after manufacture. */
  public static final int SELECT_DEFAULT = 1;

  /** SEL of Get Features: the value kept over resets and power. */
  public static final int SELECT_SAVED = 2;

  /** SEL of Get Features: what can be done with the feature, {@code CAPABILITY_}. */
  public static final int SELECT_CAPABILITIES = 3;

  public static final int CAPABILITY_SAVEABLE = 1 << 0;
  public static final int CAPABILITY_NAMESPACE_SPECIFIC = 1 << 1;
  public static final int CAPABILITY_CHANGEABLE = 1 << 2;

  /** SV of Set Features: keep the value over resets and power. */
  public static final int SAVE = 1 << 31;

  private Feature() {}

  /** CDW10 of Get Features. */
  public static int getCdw10(int fid, int select) {
    return Bits.set(Bits.set(0, 0, 8, fid), 8, 3, select);
  }

  /** CDW10 of Set Features. */
  public static int setCdw10(int fid, boolean save) {
    return Bits.set(0, 0, 8, fid) | (save ? SAVE : 0);
  }

  /** Feature identifier in CDW10. */
  public static int fid(int cdw10) {
    return Bits.get(cdw10, 0, 8);
  }

  /** SEL in CDW10 of Get Features. */
  public static int select(int cdw10) {
    return Bits.get(cdw10, 8, 3);
  }

  /**
   * Number of Queues (section 5.21.1.7): submission queues in bits 15:0, completion queues in bits
   * 31:16, both 0-based, asked for in CDW11 and granted in dword 0 of the completion.
   *
   * @param submissionQueues 1 to 65535
   * @param completionQueues 1 to 65535
   */
  public static int numberOfQueues(int submissionQueues, int completionQueues) {
    return Bits.set(Bits.set(0, 0, 16, submissionQueues - 1), 16, 16, completionQueues - 1);
  }

  /** How many I/O submission queues a Number of Queues dword means, from 1. */
  public static int submissionQueues(int dword) {
    return Bits.get(dword, 0, 16) + 1;
  }

  /** How many I/O completion queues a Number of Queues dword means, from 1. */
  public static int completionQueues(int dword) {
    return Bits.get(dword, 16, 16) + 1;
  }

  /**
   * Temperature Threshold, CDW11 (section 5.21.1.4): TMPTH in bits 15:0, TMPSEL in bits 19:16,
   * THSEL in bits 21:20.
   *
   * @param kelvin the threshold
   * @param sensor 0 the composite temperature, 1 to 8 a sensor, 15 all (Set Features only)
   * @param under whether it is the under temperature threshold
   */
  public static int temperatureThreshold(int kelvin, int sensor, boolean under) {
    int dword = Bits.set(Bits.set(0, 0, 16, kelvin), 16, 4, sensor);
    return Bits.set(dword, 20, 2, under ? 1 : 0);
  }

  /** TMPTH: the threshold in kelvin. */
  public static int tmpth(int cdw11) {
    return Bits.get(cdw11, 0, 16);
  }

  /** TMPSEL: 0 the composite temperature, 1 to 8 a sensor, 15 all. */
  public static int tmpsel(int cdw11) {
    return Bits.get(cdw11, 16, 4);
  }

  /** THSEL: 0 over, 1 under temperature threshold; others are reserved. */
  public static int thsel(int cdw11) {
    return Bits.get(cdw11, 20, 2);
  }

  /** The feature's name, for people. */
  public static String name(int fid) {
    return switch (fid) {
      case ARBITRATION -> "Arbitration";
      case POWER_MANAGEMENT -> "Power Management";
      case LBA_RANGE_TYPE -> "LBA Range Type";
      case TEMPERATURE_THRESHOLD -> "Temperature Threshold";
      case ERROR_RECOVERY -> "Error Recovery";
      case VOLATILE_WRITE_CACHE -> "Volatile Write Cache";
      case NUMBER_OF_QUEUES -> "Number of Queues";
      case INTERRUPT_COALESCING -> "Interrupt Coalescing";
      case INTERRUPT_VECTOR_CONFIGURATION -> "Interrupt Vector Configuration";
      case WRITE_ATOMICITY_NORMAL -> "Write Atomicity Normal";
      case ASYNCHRONOUS_EVENT_CONFIGURATION -> "Asynchronous Event Configuration";
      case AUTONOMOUS_POWER_STATE_TRANSITION -> "Autonomous Power State Transition";
      case HOST_MEMORY_BUFFER -> "Host Memory Buffer";
      case TIMESTAMP -> "Timestamp";
      case KEEP_ALIVE_TIMER -> "Keep Alive Timer";
      case HOST_CONTROLLED_THERMAL_MANAGEMENT -> "Host Controlled Thermal Management";
      case NON_OPERATIONAL_POWER_STATE -> "Non-Operational Power State Config";
      case HOST_BEHAVIOR_SUPPORT -> "Host Behavior Support";
      case SOFTWARE_PROGRESS_MARKER -> "Software Progress Marker";
      case HOST_IDENTIFIER -> "Host Identifier";
      default -> String.format("feature 0x%02x", fid);
    };
  }
}
