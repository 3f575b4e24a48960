package sluice.nvme.spec;

/**
 * The status codes of NVMe 1.4 by type: generic, command specific, media and data integrity, and
 * path related (section 4.6.1.2, figures 126 to 132). {@link Status} decodes a completion's field.
 */
public enum StatusCode {
  SUCCESS(StatusType.GENERIC, 0x00, "Successful Completion", RetryClass.SUCCESS),
  INVALID_OPCODE(StatusType.GENERIC, 0x01, "Invalid Command Opcode", RetryClass.NO_RETRY),
  INVALID_FIELD(StatusType.GENERIC, 0x02, "Invalid Field in Command", RetryClass.NO_RETRY),
  COMMAND_ID_CONFLICT(StatusType.GENERIC, 0x03, "Command ID Conflict", RetryClass.FATAL),
  DATA_TRANSFER_ERROR(StatusType.GENERIC, 0x04, "Data Transfer Error", RetryClass.RETRY),
  ABORTED_POWER_LOSS(
      StatusType.GENERIC,
      0x05,
      "Commands Aborted due to Power Loss Notification",
      RetryClass.RETRY),
  INTERNAL_ERROR(StatusType.GENERIC, 0x06, "Internal Error", RetryClass.RETRY),
  ABORT_REQUESTED(StatusType.GENERIC, 0x07, "Command Abort Requested", RetryClass.RETRY),
  ABORTED_SQ_DELETION(
      StatusType.GENERIC, 0x08, "Command Aborted due to SQ Deletion", RetryClass.RETRY),
  ABORTED_FAILED_FUSED(
      StatusType.GENERIC, 0x09, "Command Aborted due to Failed Fused Command", RetryClass.RETRY),
  ABORTED_MISSING_FUSED(
      StatusType.GENERIC,
      0x0a,
      "Command Aborted due to Missing Fused Command",
      RetryClass.NO_RETRY),
  INVALID_NAMESPACE_OR_FORMAT(
      StatusType.GENERIC, 0x0b, "Invalid Namespace or Format", RetryClass.NO_RETRY),
  COMMAND_SEQUENCE_ERROR(StatusType.GENERIC, 0x0c, "Command Sequence Error", RetryClass.NO_RETRY),
  INVALID_SGL_SEGMENT(
      StatusType.GENERIC, 0x0d, "Invalid SGL Segment Descriptor", RetryClass.NO_RETRY),
  INVALID_SGL_COUNT(
      StatusType.GENERIC, 0x0e, "Invalid Number of SGL Descriptors", RetryClass.NO_RETRY),
  INVALID_DATA_SGL_LENGTH(StatusType.GENERIC, 0x0f, "Data SGL Length Invalid", RetryClass.NO_RETRY),
  INVALID_METADATA_SGL_LENGTH(
      StatusType.GENERIC, 0x10, "Metadata SGL Length Invalid", RetryClass.NO_RETRY),
  INVALID_SGL_TYPE(StatusType.GENERIC, 0x11, "SGL Descriptor Type Invalid", RetryClass.NO_RETRY),
  INVALID_USE_OF_CMB(
      StatusType.GENERIC, 0x12, "Invalid Use of Controller Memory Buffer", RetryClass.NO_RETRY),
  INVALID_PRP_OFFSET(StatusType.GENERIC, 0x13, "PRP Offset Invalid", RetryClass.NO_RETRY),
  ATOMIC_WRITE_UNIT_EXCEEDED(
      StatusType.GENERIC, 0x14, "Atomic Write Unit Exceeded", RetryClass.NO_RETRY),
  OPERATION_DENIED(StatusType.GENERIC, 0x15, "Operation Denied", RetryClass.NO_RETRY),
  INVALID_SGL_OFFSET(StatusType.GENERIC, 0x16, "SGL Offset Invalid", RetryClass.NO_RETRY),
  HOST_IDENTIFIER_INCONSISTENT(
      StatusType.GENERIC, 0x18, "Host Identifier Inconsistent Format", RetryClass.NO_RETRY),
  KEEP_ALIVE_EXPIRED(StatusType.GENERIC, 0x19, "Keep Alive Timer Expired", RetryClass.FATAL),
  INVALID_KEEP_ALIVE_TIMEOUT(
      StatusType.GENERIC, 0x1a, "Keep Alive Timeout Invalid", RetryClass.NO_RETRY),
  ABORTED_PREEMPT(
      StatusType.GENERIC, 0x1b, "Command Aborted due to Preempt and Abort", RetryClass.NO_RETRY),
  SANITIZE_FAILED(StatusType.GENERIC, 0x1c, "Sanitize Failed", RetryClass.NO_RETRY),
  SANITIZE_IN_PROGRESS(StatusType.GENERIC, 0x1d, "Sanitize In Progress", RetryClass.RETRY),
  INVALID_SGL_GRANULARITY(
      StatusType.GENERIC, 0x1e, "SGL Data Block Granularity Invalid", RetryClass.NO_RETRY),
  NOT_SUPPORTED_IN_CMB(
      StatusType.GENERIC, 0x1f, "Command Not Supported for Queue in CMB", RetryClass.NO_RETRY),
  WRITE_PROTECTED(StatusType.GENERIC, 0x20, "Namespace is Write Protected", RetryClass.NO_RETRY),
  COMMAND_INTERRUPTED(StatusType.GENERIC, 0x21, "Command Interrupted", RetryClass.RETRY),
  TRANSIENT_TRANSPORT_ERROR(
      StatusType.GENERIC, 0x22, "Transient Transport Error", RetryClass.RETRY),
  LBA_OUT_OF_RANGE(StatusType.GENERIC, 0x80, "LBA Out of Range", RetryClass.NO_RETRY),
  CAPACITY_EXCEEDED(StatusType.GENERIC, 0x81, "Capacity Exceeded", RetryClass.NO_RETRY),
  NAMESPACE_NOT_READY(StatusType.GENERIC, 0x82, "Namespace Not Ready", RetryClass.RETRY),
  RESERVATION_CONFLICT(StatusType.GENERIC, 0x83, "Reservation Conflict", RetryClass.NO_RETRY),
  FORMAT_IN_PROGRESS(StatusType.GENERIC, 0x84, "Format In Progress", RetryClass.RETRY),
  INVALID_COMPLETION_QUEUE(
      StatusType.COMMAND_SPECIFIC, 0x00, "Completion Queue Invalid", RetryClass.NO_RETRY),
  INVALID_QUEUE_IDENTIFIER(
      StatusType.COMMAND_SPECIFIC, 0x01, "Invalid Queue Identifier", RetryClass.NO_RETRY),
  INVALID_QUEUE_SIZE(StatusType.COMMAND_SPECIFIC, 0x02, "Invalid Queue Size", RetryClass.NO_RETRY),
  ABORT_LIMIT_EXCEEDED(
      StatusType.COMMAND_SPECIFIC, 0x03, "Abort Command Limit Exceeded", RetryClass.RETRY),
  ASYNCHRONOUS_EVENT_LIMIT_EXCEEDED(
      StatusType.COMMAND_SPECIFIC,
      0x05,
      "Asynchronous Event Request Limit Exceeded",
      RetryClass.NO_RETRY),
  INVALID_FIRMWARE_SLOT(
      StatusType.COMMAND_SPECIFIC, 0x06, "Invalid Firmware Slot", RetryClass.NO_RETRY),
  INVALID_FIRMWARE_IMAGE(
      StatusType.COMMAND_SPECIFIC, 0x07, "Invalid Firmware Image", RetryClass.NO_RETRY),
  INVALID_INTERRUPT_VECTOR(
      StatusType.COMMAND_SPECIFIC, 0x08, "Invalid Interrupt Vector", RetryClass.NO_RETRY),
  INVALID_LOG_PAGE(StatusType.COMMAND_SPECIFIC, 0x09, "Invalid Log Page", RetryClass.NO_RETRY),
  INVALID_FORMAT(StatusType.COMMAND_SPECIFIC, 0x0a, "Invalid Format", RetryClass.NO_RETRY),
  FIRMWARE_NEEDS_CONVENTIONAL_RESET(
      StatusType.COMMAND_SPECIFIC,
      0x0b,
      "Firmware Activation Requires Conventional Reset",
      RetryClass.NO_RETRY),
  INVALID_QUEUE_DELETION(
      StatusType.COMMAND_SPECIFIC, 0x0c, "Invalid Queue Deletion", RetryClass.NO_RETRY),
  FEATURE_NOT_SAVEABLE(
      StatusType.COMMAND_SPECIFIC, 0x0d, "Feature Identifier Not Saveable", RetryClass.NO_RETRY),
  FEATURE_NOT_CHANGEABLE(
      StatusType.COMMAND_SPECIFIC, 0x0e, "Feature Not Changeable", RetryClass.NO_RETRY),
  FEATURE_NOT_NAMESPACE_SPECIFIC(
      StatusType.COMMAND_SPECIFIC, 0x0f, "Feature Not Namespace Specific", RetryClass.NO_RETRY),
  FIRMWARE_NEEDS_SUBSYSTEM_RESET(
      StatusType.COMMAND_SPECIFIC,
      0x10,
      "Firmware Activation Requires NVM Subsystem Reset",
      RetryClass.NO_RETRY),
  FIRMWARE_NEEDS_CONTROLLER_RESET(
      StatusType.COMMAND_SPECIFIC,
      0x11,
      "Firmware Activation Requires Controller Level Reset",
      RetryClass.NO_RETRY),
  FIRMWARE_NEEDS_MAXIMUM_TIME(
      StatusType.COMMAND_SPECIFIC,
      0x12,
      "Firmware Activation Requires Maximum Time Violation",
      RetryClass.NO_RETRY),
  FIRMWARE_ACTIVATION_PROHIBITED(
      StatusType.COMMAND_SPECIFIC, 0x13, "Firmware Activation Prohibited", RetryClass.NO_RETRY),
  OVERLAPPING_RANGE(StatusType.COMMAND_SPECIFIC, 0x14, "Overlapping Range", RetryClass.NO_RETRY),
  NAMESPACE_INSUFFICIENT_CAPACITY(
      StatusType.COMMAND_SPECIFIC, 0x15, "Namespace Insufficient Capacity", RetryClass.NO_RETRY),
  NAMESPACE_IDENTIFIER_UNAVAILABLE(
      StatusType.COMMAND_SPECIFIC, 0x16, "Namespace Identifier Unavailable", RetryClass.NO_RETRY),
  NAMESPACE_ALREADY_ATTACHED(
      StatusType.COMMAND_SPECIFIC, 0x18, "Namespace Already Attached", RetryClass.NO_RETRY),
  NAMESPACE_IS_PRIVATE(
      StatusType.COMMAND_SPECIFIC, 0x19, "Namespace Is Private", RetryClass.NO_RETRY),
  NAMESPACE_NOT_ATTACHED(
      StatusType.COMMAND_SPECIFIC, 0x1a, "Namespace Not Attached", RetryClass.NO_RETRY),
  THIN_PROVISIONING_NOT_SUPPORTED(
      StatusType.COMMAND_SPECIFIC, 0x1b, "Thin Provisioning Not Supported", RetryClass.NO_RETRY),
  INVALID_CONTROLLER_LIST(
      StatusType.COMMAND_SPECIFIC, 0x1c, "Controller List Invalid", RetryClass.NO_RETRY),
  SELF_TEST_IN_PROGRESS(
      StatusType.COMMAND_SPECIFIC, 0x1d, "Device Self-test In Progress", RetryClass.RETRY),
  BOOT_PARTITION_WRITE_PROHIBITED(
      StatusType.COMMAND_SPECIFIC, 0x1e, "Boot Partition Write Prohibited", RetryClass.NO_RETRY),
  INVALID_CONTROLLER_IDENTIFIER(
      StatusType.COMMAND_SPECIFIC, 0x1f, "Invalid Controller Identifier", RetryClass.NO_RETRY),
  INVALID_SECONDARY_CONTROLLER_STATE(
      StatusType.COMMAND_SPECIFIC, 0x20, "Invalid Secondary Controller State", RetryClass.NO_RETRY),
  INVALID_CONTROLLER_RESOURCES(
      StatusType.COMMAND_SPECIFIC,
      0x21,
      "Invalid Number of Controller Resources",
      RetryClass.NO_RETRY),
  INVALID_RESOURCE_IDENTIFIER(
      StatusType.COMMAND_SPECIFIC, 0x22, "Invalid Resource Identifier", RetryClass.NO_RETRY),
  SANITIZE_PROHIBITED(
      StatusType.COMMAND_SPECIFIC,
      0x23,
      "Sanitize Prohibited While Persistent Memory Region is Enabled",
      RetryClass.NO_RETRY),
  INVALID_ANA_GROUP(
      StatusType.COMMAND_SPECIFIC, 0x24, "ANA Group Identifier Invalid", RetryClass.NO_RETRY),
  ANA_ATTACH_FAILED(StatusType.COMMAND_SPECIFIC, 0x25, "ANA Attach Failed", RetryClass.NO_RETRY),
  CONFLICTING_ATTRIBUTES(
      StatusType.COMMAND_SPECIFIC, 0x80, "Conflicting Attributes", RetryClass.NO_RETRY),
  INVALID_PROTECTION_INFORMATION(
      StatusType.COMMAND_SPECIFIC, 0x81, "Invalid Protection Information", RetryClass.NO_RETRY),
  WRITE_TO_READ_ONLY_RANGE(
      StatusType.COMMAND_SPECIFIC, 0x82, "Attempted Write to Read Only Range", RetryClass.NO_RETRY),
  ZONE_BOUNDARY_ERROR(
      StatusType.COMMAND_SPECIFIC, 0xb8, "Zone Boundary Error", RetryClass.NO_RETRY),
  ZONE_IS_FULL(StatusType.COMMAND_SPECIFIC, 0xb9, "Zone Is Full", RetryClass.NO_RETRY),
  ZONE_IS_READ_ONLY(StatusType.COMMAND_SPECIFIC, 0xba, "Zone Is Read Only", RetryClass.NO_RETRY),
  ZONE_IS_OFFLINE(StatusType.COMMAND_SPECIFIC, 0xbb, "Zone Is Offline", RetryClass.NO_RETRY),
  ZONE_INVALID_WRITE(StatusType.COMMAND_SPECIFIC, 0xbc, "Zone Invalid Write", RetryClass.NO_RETRY),
  TOO_MANY_ACTIVE_ZONES(
      StatusType.COMMAND_SPECIFIC, 0xbd, "Too Many Active Zones", RetryClass.NO_RETRY),
  TOO_MANY_OPEN_ZONES(
      StatusType.COMMAND_SPECIFIC, 0xbe, "Too Many Open Zones", RetryClass.NO_RETRY),
  INVALID_ZONE_STATE_TRANSITION(
      StatusType.COMMAND_SPECIFIC, 0xbf, "Invalid Zone State Transition", RetryClass.NO_RETRY),
  WRITE_FAULT(StatusType.MEDIA, 0x80, "Write Fault", RetryClass.RETRY),
  UNRECOVERED_READ_ERROR(StatusType.MEDIA, 0x81, "Unrecovered Read Error", RetryClass.RETRY),
  GUARD_CHECK_ERROR(StatusType.MEDIA, 0x82, "End-to-end Guard Check Error", RetryClass.NO_RETRY),
  APPLICATION_TAG_CHECK_ERROR(
      StatusType.MEDIA, 0x83, "End-to-end Application Tag Check Error", RetryClass.NO_RETRY),
  REFERENCE_TAG_CHECK_ERROR(
      StatusType.MEDIA, 0x84, "End-to-end Reference Tag Check Error", RetryClass.NO_RETRY),
  COMPARE_FAILURE(StatusType.MEDIA, 0x85, "Compare Failure", RetryClass.NO_RETRY),
  ACCESS_DENIED(StatusType.MEDIA, 0x86, "Access Denied", RetryClass.NO_RETRY),
  DEALLOCATED_BLOCK(
      StatusType.MEDIA, 0x87, "Deallocated or Unwritten Logical Block", RetryClass.NO_RETRY),
  INTERNAL_PATH_ERROR(StatusType.PATH, 0x00, "Internal Path Error", RetryClass.RETRY),
  ASYMMETRIC_ACCESS_PERSISTENT_LOSS(
      StatusType.PATH, 0x01, "Asymmetric Access Persistent Loss", RetryClass.FATAL),
  ASYMMETRIC_ACCESS_INACCESSIBLE(
      StatusType.PATH, 0x02, "Asymmetric Access Inaccessible", RetryClass.RETRY),
  ASYMMETRIC_ACCESS_TRANSITION(
      StatusType.PATH, 0x03, "Asymmetric Access Transition", RetryClass.RETRY),
  CONTROLLER_PATHING_ERROR(StatusType.PATH, 0x60, "Controller Pathing Error", RetryClass.RETRY),
  HOST_PATHING_ERROR(StatusType.PATH, 0x70, "Host Pathing Error", RetryClass.RETRY),
  ABORTED_BY_HOST(StatusType.PATH, 0x71, "Command Aborted By Host", RetryClass.RETRY);

  private static final StatusCode[] BY_FIELD = new StatusCode[1 << 11];

  static {
    for (StatusCode code : values()) {
      BY_FIELD[code.status()] = code;
    }
  }

  private final StatusType type;
  private final int sc;
  private final String title;
  private final RetryClass retryClass;

  StatusCode(StatusType type, int sc, String title, RetryClass retryClass) {
    this.type = type;
    this.sc = sc;
    this.title = title;
    this.retryClass = retryClass;
  }

  /**
   * The code in a status field, whose other bits do not matter.
   *
   * @return null for a code that NVMe 1.4 does not name, a vendor's for example
   */
  public static StatusCode of(int status) {
    return BY_FIELD[status & 0x7ff];
  }

  /** Status code type, SCT. */
  public StatusType type() {
    return type;
  }

  /** Status code within its type, SC. */
  public int sc() {
    return sc;
  }

  /** The specification's name, for people. */
  public String title() {
    return title;
  }

  /** What to do with a command that ended so, if the controller did not set Do Not Retry. */
  public RetryClass retryClass() {
    return retryClass;
  }

  /** The status field with this code and no other bit: what {@link Status} takes. */
  public int status() {
    return type.sct() << 8 | sc;
  }

  /** The status field with this code and Do Not Retry. */
  public int statusDnr() {
    return status() | Status.DNR;
  }
}
