package sluice.nvme.spec;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The SMART / Health Information log page (NVMe 1.4, section 5.14.1.2, figure 194).
 *
 * <pre>
 *     0 | CRITICAL WARNING | COMPOSITE TEMPERATURE | SPARE | THRESHOLD | USED |
 *    32 | counters of 16 bytes each                                           |
 *   192 | minutes above the warning and the critical temperature              |
 *   200 | temperature sensors 1 to 8                                          |
 * </pre>
 *
 * Counters are 16 bytes wide; here a value above {@link Long#MAX_VALUE} reads as that.
 */
public final class SmartLog extends Structure {
  /** Bytes in the structure. */
  public static final int BYTES = 512;

  /** Critical warning: the spare is below its threshold. */
  public static final int WARNING_SPARE = 1 << 0;

  /** Critical warning: a temperature is beyond a threshold. */
  public static final int WARNING_TEMPERATURE = 1 << 1;

  /** Critical warning: reliability is degraded by media or internal errors. */
  public static final int WARNING_RELIABILITY = 1 << 2;

  /** Critical warning: the media is read-only. */
  public static final int WARNING_READ_ONLY = 1 << 3;

  /** Critical warning: the backup of volatile memory has failed. */
  public static final int WARNING_VOLATILE_BACKUP = 1 << 4;

  /** Critical warning: the persistent memory region is unreliable. */
  public static final int WARNING_PERSISTENT_MEMORY = 1 << 5;

  /** Bytes in a data unit. */
  private static final long DATA_UNIT = 512_000;

  /** No chip that is this hot says so. */
  private static final int HOTTEST_KELVINS = 1000;

  private static final int CRITICAL_WARNING = 0;
  private static final int COMPOSITE_TEMPERATURE = 1;
  private static final int AVAILABLE_SPARE = 3;
  private static final int AVAILABLE_SPARE_THRESHOLD = 4;
  private static final int PERCENTAGE_USED = 5;
  private static final int DATA_UNITS_READ = 32;
  private static final int DATA_UNITS_WRITTEN = 48;
  private static final int HOST_READ_COMMANDS = 64;
  private static final int HOST_WRITE_COMMANDS = 80;
  private static final int CONTROLLER_BUSY_TIME = 96;
  private static final int POWER_CYCLES = 112;
  private static final int POWER_ON_HOURS = 128;
  private static final int UNSAFE_SHUTDOWNS = 144;
  private static final int MEDIA_ERRORS = 160;
  private static final int ERROR_LOG_ENTRIES = 176;
  private static final int WARNING_TEMPERATURE_TIME = 192;
  private static final int CRITICAL_TEMPERATURE_TIME = 196;
  private static final int TEMPERATURE_SENSORS = 200;
  private static final int THERMAL_1_TRANSITIONS = 216;
  private static final int THERMAL_2_TRANSITIONS = 220;
  private static final int THERMAL_1_TIME = 224;
  private static final int THERMAL_2_TIME = 228;

  /**
   * @param segment native memory of at least {@link #BYTES} bytes
   */
  public SmartLog(MemorySegment segment) {
    super(segment, BYTES);
  }

  /** Bits of {@code WARNING_}. */
  public int criticalWarning() {
    return u8(CRITICAL_WARNING);
  }

  public void criticalWarning(int value) {
    u8(CRITICAL_WARNING, value);
  }

  /**
   * The composite temperature in kelvins as far as it can be true: 0 where the drive tells none, or
   * one that no drive has.
   */
  public int plausibleTemperature() {
    int kelvins = compositeTemperature();
    return kelvins <= HOTTEST_KELVINS ? kelvins : 0;
  }

  /** Kelvin, as the drive says. */
  public int compositeTemperature() {
    return u16(COMPOSITE_TEMPERATURE);
  }

  public void compositeTemperature(int value) {
    u16(COMPOSITE_TEMPERATURE, value);
  }

  /** Percent. */
  public int availableSpare() {
    return u8(AVAILABLE_SPARE);
  }

  public void availableSpare(int value) {
    u8(AVAILABLE_SPARE, value);
  }

  /** Percent. */
  public int availableSpareThreshold() {
    return u8(AVAILABLE_SPARE_THRESHOLD);
  }

  public void availableSpareThreshold(int value) {
    u8(AVAILABLE_SPARE_THRESHOLD, value);
  }

  /** Percent of the life expected by the vendor; may exceed 100. */
  public int percentageUsed() {
    return u8(PERCENTAGE_USED);
  }

  public void percentageUsed(int value) {
    u8(PERCENTAGE_USED, value);
  }

  /** Thousands of 512 bytes read by the host, rounded up. */
  public long dataUnitsRead() {
    return u128(DATA_UNITS_READ);
  }

  /** {@link #dataUnitsRead} in bytes; a value above {@link Long#MAX_VALUE} reads as that. */
  public long bytesRead() {
    return bytes(dataUnitsRead());
  }

  public void dataUnitsRead(long value) {
    u128(DATA_UNITS_READ, value);
  }

  /** Thousands of 512 bytes written by the host, rounded up. */
  public long dataUnitsWritten() {
    return u128(DATA_UNITS_WRITTEN);
  }

  /** {@link #dataUnitsWritten} in bytes; as {@link #bytesRead}. */
  public long bytesWritten() {
    return bytes(dataUnitsWritten());
  }

  private static long bytes(long dataUnits) {
    return dataUnits > Long.MAX_VALUE / DATA_UNIT ? Long.MAX_VALUE : dataUnits * DATA_UNIT;
  }

  public void dataUnitsWritten(long value) {
    u128(DATA_UNITS_WRITTEN, value);
  }

  /** Read and Compare commands completed. */
  public long hostReadCommands() {
    return u128(HOST_READ_COMMANDS);
  }

  public void hostReadCommands(long value) {
    u128(HOST_READ_COMMANDS, value);
  }

  /** Write commands completed. */
  public long hostWriteCommands() {
    return u128(HOST_WRITE_COMMANDS);
  }

  public void hostWriteCommands(long value) {
    u128(HOST_WRITE_COMMANDS, value);
  }

  /** Minutes with I/O outstanding. */
  public long controllerBusyTime() {
    return u128(CONTROLLER_BUSY_TIME);
  }

  public void controllerBusyTime(long value) {
    u128(CONTROLLER_BUSY_TIME, value);
  }

  /** Power cycles. */
  public long powerCycles() {
    return u128(POWER_CYCLES);
  }

  public void powerCycles(long value) {
    u128(POWER_CYCLES, value);
  }

  /** Hours. */
  public long powerOnHours() {
    return u128(POWER_ON_HOURS);
  }

  public void powerOnHours(long value) {
    u128(POWER_ON_HOURS, value);
  }

  /** Times power went without a shutdown notification. */
  public long unsafeShutdowns() {
    return u128(UNSAFE_SHUTDOWNS);
  }

  public void unsafeShutdowns(long value) {
    u128(UNSAFE_SHUTDOWNS, value);
  }

  /** Unrecovered data integrity errors. */
  public long mediaErrors() {
    return u128(MEDIA_ERRORS);
  }

  public void mediaErrors(long value) {
    u128(MEDIA_ERRORS, value);
  }

  /** Entries ever made in the Error Information log. */
  public long errorLogEntries() {
    return u128(ERROR_LOG_ENTRIES);
  }

  public void errorLogEntries(long value) {
    u128(ERROR_LOG_ENTRIES, value);
  }

  /** Minutes at or above WCTEMP. */
  public long warningTemperatureTime() {
    return u32(WARNING_TEMPERATURE_TIME);
  }

  public void warningTemperatureTime(long value) {
    u32(WARNING_TEMPERATURE_TIME, value);
  }

  /** Minutes at or above CCTEMP. */
  public long criticalTemperatureTime() {
    return u32(CRITICAL_TEMPERATURE_TIME);
  }

  public void criticalTemperatureTime(long value) {
    u32(CRITICAL_TEMPERATURE_TIME, value);
  }

  /** Times the drive slowed down lightly for its temperature. */
  public long thermal1Transitions() {
    return u32(THERMAL_1_TRANSITIONS);
  }

  public void thermal1Transitions(long value) {
    u32(THERMAL_1_TRANSITIONS, value);
  }

  /** Times the drive slowed down heavily for its temperature. */
  public long thermal2Transitions() {
    return u32(THERMAL_2_TRANSITIONS);
  }

  public void thermal2Transitions(long value) {
    u32(THERMAL_2_TRANSITIONS, value);
  }

  /** Seconds slowed down lightly. */
  public long thermal1Time() {
    return u32(THERMAL_1_TIME);
  }

  public void thermal1Time(long value) {
    u32(THERMAL_1_TIME, value);
  }

  /** Seconds slowed down heavily. */
  public long thermal2Time() {
    return u32(THERMAL_2_TIME);
  }

  public void thermal2Time(long value) {
    u32(THERMAL_2_TIME, value);
  }

  /** Temperature of sensor 1 to 8 in kelvin; 0 for a sensor that is not there. */
  public int temperatureSensor(int sensor) {
    return u16(sensorOffset(sensor));
  }

  public void temperatureSensor(int sensor, int value) {
    u16(sensorOffset(sensor), value);
  }

  private static int sensorOffset(int sensor) {
    return TEMPERATURE_SENSORS + 2 * Objects.checkIndex(sensor - 1, 8);
  }
}
