package sluice.virtual.command;

import java.util.Arrays;
import java.util.function.LongSupplier;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.StatusCode;
import sluice.virtual.personality.Personality;

/**
 * The drive's features (section 5.21): their values in force. None can be saved. Used in the
 * drive's turns.
 */
public final class Features {
  private static final int OK = 0;
  private static final int UNDER_DEFAULT = 0;

  /** Error Recovery: deallocated blocks are to be read as errors. */
  private static final int DULBE = 1 << 16;

  private static final int BROADCAST = 0xffffffff;
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long TIMESTAMP_MASK = (1L << 48) - 1;

  private final DriveSettings settings;
  private final Personality personality;
  private final LongSupplier clock;
  private final int[] values = new int[256];

  /** By namespace; 0 is what was last set for all. */
  private final int[] errorRecovery;

  private int overTemperature;
  private int underTemperature;
  private int grantedQueues;
  private long timestampBase;
  private long timestampSetAt;
  private boolean timestampWasSet;
  private boolean advancedRetry;

  /** Of the host that is connected: a reset of the controller does not change it. */
  private int keepAliveMillis;

  /** Dword 0 of the completion. */
  private int result;

  public Features(DriveSettings settings, Personality personality, LongSupplier clock) {
    this.settings = settings;
    this.personality = personality;
    this.clock = clock;
    this.errorRecovery = new int[settings.namespaces() + 1];
    reset();
  }

  /** Default values, as after a controller reset. */
  public void reset() {
    Arrays.fill(values, 0);
    Arrays.fill(errorRecovery, 0);
    values[Feature.VOLATILE_WRITE_CACHE] = 1;
    overTemperature = personality.warningKelvin();
    underTemperature = UNDER_DEFAULT;
    grantedQueues = settings.ioQueues();
    timestampBase = 0;
    timestampSetAt = clock.getAsLong();
    timestampWasSet = false;
    advancedRetry = false;
  }

  int result() {
    return result;
  }

  /** After how long a silence the host is taken for gone; 0 never. */
  int keepAliveMillis() {
    return keepAliveMillis;
  }

  void keepAliveMillis(int value) {
    keepAliveMillis = value;
  }

  /** How many I/O queues of each kind the host may create; their identifiers go up to it. */
  int grantedQueues() {
    return grantedQueues;
  }

  boolean writeCacheEnabled() {
    return (values[Feature.VOLATILE_WRITE_CACHE] & 1) != 0;
  }

  int overTemperature() {
    return overTemperature;
  }

  int underTemperature() {
    return underTemperature;
  }

  /** Which critical warnings are told as events: bits 7:0. */
  int eventConfiguration() {
    return values[Feature.ASYNCHRONOUS_EVENT_CONFIGURATION];
  }

  /** The Timestamp feature's 8 bytes: milliseconds, and in bits 51:49 whether the host set them. */
  long timestamp() {
    long elapsed = (clock.getAsLong() - timestampSetAt) / NANOS_PER_MILLI;
    long origin = timestampWasSet ? 1L << 49 : 0;
    return ((timestampBase + elapsed) & TIMESTAMP_MASK) | origin;
  }

  void timestamp(long value) {
    timestampBase = value & TIMESTAMP_MASK;
    timestampSetAt = clock.getAsLong();
    timestampWasSet = true;
  }

  /** Host Behavior Support's ACRE: that the host heeds retry delays, of which there are none. */
  boolean advancedRetry() {
    return advancedRetry;
  }

  void advancedRetry(boolean value) {
    advancedRetry = value;
  }

  /**
   * Get Features but for its data.
   *
   * @return the status; {@link #result} is dword 0
   */
  int get(int cdw10, int cdw11, int nsid) {
    result = 0;
    int fid = Feature.fid(cdw10);
    if (!isSupported(fid)) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    // For no namespace in particular there is what was set for all.
    if (fid == Feature.ERROR_RECOVERY && nsid != 0 && !isNamespace(nsid)) {
      return StatusCode.INVALID_NAMESPACE_OR_FORMAT.statusDnr();
    }
    return switch (Feature.select(cdw10)) {
      case Feature.SELECT_CURRENT -> current(fid, cdw11, nsid);
      case Feature.SELECT_DEFAULT, Feature.SELECT_SAVED -> defaultValue(fid, cdw11);
      case Feature.SELECT_CAPABILITIES -> answer(capabilities(fid));
      default -> StatusCode.INVALID_FIELD.statusDnr();
    };
  }

  private int answer(int value) {
    result = value;
    return OK;
  }

  private int current(int fid, int cdw11, int nsid) {
    return switch (fid) {
      case Feature.TEMPERATURE_THRESHOLD -> temperature(cdw11, overTemperature, underTemperature);
      case Feature.ERROR_RECOVERY -> answer(errorRecovery[nsid]);
      case Feature.NUMBER_OF_QUEUES -> answer(Feature.numberOfQueues(grantedQueues, grantedQueues));
      case Feature.INTERRUPT_VECTOR_CONFIGURATION -> interruptVector(cdw11);
      case Feature.KEEP_ALIVE_TIMER -> answer(keepAliveMillis);
      default -> answer(values[fid]);
    };
  }

  private int defaultValue(int fid, int cdw11) {
    int queues = settings.ioQueues();
    return switch (fid) {
      case Feature.TEMPERATURE_THRESHOLD ->
          temperature(cdw11, personality.warningKelvin(), UNDER_DEFAULT);
      case Feature.NUMBER_OF_QUEUES -> answer(Feature.numberOfQueues(queues, queues));
      case Feature.INTERRUPT_VECTOR_CONFIGURATION -> interruptVector(cdw11);
      case Feature.VOLATILE_WRITE_CACHE -> answer(1);
      default -> answer(0);
    };
  }

  private int temperature(int cdw11, int over, int under) {
    if (Feature.thsel(cdw11) > 1) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    // There is no sensor but the composite one: others read as 0.
    boolean composite = Feature.tmpsel(cdw11) == 0;
    return answer(!composite ? 0 : Feature.thsel(cdw11) == 0 ? over : under);
  }

  /** No vector is ever coalesced, which is told by bit 16. */
  private int interruptVector(int cdw11) {
    int vector = cdw11 & 0xffff;
    if (vector >= settings.vectors()) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    return answer(1 << 16 | vector);
  }

  /**
   * Set Features but for its data.
   *
   * @param ioQueuesExist whether the host has created I/O queues
   * @return the status; {@link #result} is dword 0
   */
  int set(int cdw10, int cdw11, int nsid, boolean ioQueuesExist) {
    result = 0;
    int fid = Feature.fid(cdw10);
    if (!isSupported(fid)) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    if ((cdw10 & Feature.SAVE) != 0) {
      return StatusCode.FEATURE_NOT_SAVEABLE.statusDnr();
    }
    if (fid == Feature.ERROR_RECOVERY) {
      return setErrorRecovery(cdw11, nsid);
    }
    if (nsid != 0 && nsid != BROADCAST) {
      return isNamespace(nsid)
          ? StatusCode.FEATURE_NOT_NAMESPACE_SPECIFIC.statusDnr()
          : StatusCode.INVALID_NAMESPACE_OR_FORMAT.statusDnr();
    }
    if ((capabilities(fid) & Feature.CAPABILITY_CHANGEABLE) == 0) {
      return StatusCode.FEATURE_NOT_CHANGEABLE.statusDnr();
    }
    return switch (fid) {
      case Feature.POWER_MANAGEMENT ->
          (cdw11 & 0x1f) == 0 ? keep(fid, cdw11) : StatusCode.INVALID_FIELD.statusDnr();
      case Feature.TEMPERATURE_THRESHOLD -> setTemperature(cdw11);
      case Feature.NUMBER_OF_QUEUES -> setNumberOfQueues(cdw11, ioQueuesExist);
      case Feature.VOLATILE_WRITE_CACHE -> keep(fid, cdw11 & 1);
      case Feature.KEEP_ALIVE_TIMER -> {
        keepAliveMillis = cdw11;
        yield OK;
      }
      default -> keep(fid, cdw11);
    };
  }

  private int keep(int fid, int value) {
    values[fid] = value;
    return OK;
  }

  private int setErrorRecovery(int cdw11, int nsid) {
    if ((cdw11 & DULBE) != 0) {
      // NSFEAT does not offer it.
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    if (nsid == BROADCAST) {
      Arrays.fill(errorRecovery, cdw11);
    } else if (isNamespace(nsid)) {
      errorRecovery[nsid] = cdw11;
    } else {
      return StatusCode.INVALID_NAMESPACE_OR_FORMAT.statusDnr();
    }
    return OK;
  }

  private int setTemperature(int cdw11) {
    int sensor = Feature.tmpsel(cdw11);
    // There is no sensor but the composite one; 15 means all that there are.
    if (Feature.thsel(cdw11) > 1 || (sensor != 0 && sensor != 0xf)) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    if (Feature.thsel(cdw11) == 0) {
      overTemperature = Feature.tmpth(cdw11);
    } else {
      underTemperature = Feature.tmpth(cdw11);
    }
    return OK;
  }

  private int setNumberOfQueues(int cdw11, boolean ioQueuesExist) {
    if (ioQueuesExist) {
      return StatusCode.COMMAND_SEQUENCE_ERROR.statusDnr();
    }
    if ((cdw11 & 0xffff) == 0xffff || cdw11 >>> 16 == 0xffff) {
      return StatusCode.INVALID_FIELD.statusDnr();
    }
    int wanted = Math.max(Feature.submissionQueues(cdw11), Feature.completionQueues(cdw11));
    grantedQueues = Math.min(wanted, settings.ioQueues());
    return answer(Feature.numberOfQueues(grantedQueues, grantedQueues));
  }

  private boolean isNamespace(int nsid) {
    return nsid >= 1 && nsid <= settings.namespaces();
  }

  private static boolean isSupported(int fid) {
    return switch (fid) {
      case Feature.ARBITRATION,
          Feature.POWER_MANAGEMENT,
          Feature.TEMPERATURE_THRESHOLD,
          Feature.ERROR_RECOVERY,
          Feature.VOLATILE_WRITE_CACHE,
          Feature.NUMBER_OF_QUEUES,
          Feature.INTERRUPT_COALESCING,
          Feature.INTERRUPT_VECTOR_CONFIGURATION,
          Feature.WRITE_ATOMICITY_NORMAL,
          Feature.ASYNCHRONOUS_EVENT_CONFIGURATION,
          Feature.TIMESTAMP,
          Feature.KEEP_ALIVE_TIMER,
          Feature.HOST_BEHAVIOR_SUPPORT ->
          true;
      default -> false;
    };
  }

  private int capabilities(int fid) {
    return switch (fid) {
      case Feature.INTERRUPT_VECTOR_CONFIGURATION -> 0;
      // Without hosts that keep alive (KAS is 0) its timer is off for good.
      case Feature.KEEP_ALIVE_TIMER -> settings.shared() ? Feature.CAPABILITY_CHANGEABLE : 0;
      case Feature.ERROR_RECOVERY ->
          Feature.CAPABILITY_CHANGEABLE | Feature.CAPABILITY_NAMESPACE_SPECIFIC;
      default -> Feature.CAPABILITY_CHANGEABLE;
    };
  }
}
