package sluice.nvme.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import sluice.queues.SubmissionEntry;

class FabricsTest {
  private final MemorySegment memory = Golden.memory(SubmissionEntry.BYTES);
  private final long entry = memory.address();

  @Test
  void connect() {
    FabricsCommand.connect(entry, 0x1234, 3, 128, 5000);
    SglDescriptor.put(entry, SglDescriptor.IN_CAPSULE, ConnectData.BYTES);
    Golden.assertBytes(
        memory,
        "0: 7f 40 34 12 01 00 00 00",
        "32: 00 04 00 00 00 00 00 01",
        "40: 00 00 03 00 7f 00 00 00 88 13 00 00");
    assertThat(FabricsCommand.type(entry)).isEqualTo(FabricsCommand.CONNECT);
    assertThat(FabricsCommand.qid(entry)).isEqualTo(3);
    assertThat(FabricsCommand.recordFormat(entry)).isZero();
    assertThat(FabricsCommand.entries(entry)).isEqualTo(128);
    assertThat(FabricsCommand.keepAliveMillis(entry)).isEqualTo(5000);
    assertThat(SglDescriptor.type(entry)).isEqualTo(SglDescriptor.IN_CAPSULE);
    assertThat(SglDescriptor.length(entry)).isEqualTo(1024);
    assertThat(SglDescriptor.address(entry)).isZero();
    assertThat(SubmissionEntry.psdt(entry)).isEqualTo(1);
    assertThat(SubmissionEntry.commandId(entry)).isEqualTo(0x1234);
  }

  @Test
  void aQueueOfTheMostEntriesIsReadBack() {
    FabricsCommand.connect(entry, 1, 0xffff, 65536, 0);
    assertThat(FabricsCommand.entries(entry)).isEqualTo(65536);
    assertThat(FabricsCommand.qid(entry)).isEqualTo(0xffff);
  }

  @Test
  void properties() {
    FabricsCommand.propertyGet(entry, 7, Registers.CAP, true);
    SglDescriptor.put(entry, SglDescriptor.BY_TRANSPORT, 0);
    Golden.assertBytes(memory, "0: 7f 40 07 00 04", "39: 5a", "40: 01");
    assertThat(FabricsCommand.isLong(entry)).isTrue();
    assertThat(FabricsCommand.property(entry)).isEqualTo(Registers.CAP);
    FabricsCommand.propertyGet(entry, 7, Registers.CSTS, false);
    Golden.assertBytes(memory, "0: 7f 00 07 00 04", "44: 1c");
    assertThat(FabricsCommand.isLong(entry)).isFalse();
    FabricsCommand.propertySet(entry, 8, Registers.CC, 0x00460001);
    Golden.assertBytes(memory, "0: 7f 00 08 00", "44: 14 00 00 00 01 00 46 00");
    assertThat(FabricsCommand.type(entry)).isEqualTo(FabricsCommand.PROPERTY_SET);
    assertThat(FabricsCommand.value(entry)).isEqualTo(0x00460001);
  }

  @Test
  void disconnect() {
    FabricsCommand.disconnect(entry, 9);
    Golden.assertBytes(memory, "0: 7f 00 09 00 08");
  }

  @Test
  void connectData() {
    MemorySegment page = Golden.memory(ConnectData.BYTES);
    ConnectData data = new ConnectData(page);
    UUID id = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    data.hostId(id);
    data.controllerId(ConnectData.ANY_CONTROLLER);
    data.subsystem("nqn.s");
    data.host("nqn.h");
    Golden.assertBytes(
        page,
        "0: 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff",
        "16: ff ff",
        "256: 6e 71 6e 2e 73",
        "512: 6e 71 6e 2e 68");
    assertThat(data.hostId()).isEqualTo(id);
    assertThat(data.controllerId()).isEqualTo(0xffff);
    assertThat(data.subsystem()).isEqualTo("nqn.s");
    assertThat(data.host()).isEqualTo("nqn.h");
  }

  @Test
  void refusalsAreSaidInWords() {
    int status = ConnectStatus.INVALID_PARAMETERS | Status.DNR;
    assertThat(ConnectStatus.describe(status, ConnectStatus.inData(256)))
        .isEqualTo("refuses the subsystem's name (NQN): it has none of that name");
    assertThat(ConnectStatus.describe(status, ConnectStatus.inData(16)))
        .isEqualTo("refuses byte 16 of our Connect's data");
    assertThat(ConnectStatus.describe(status, 44))
        .isEqualTo("refuses the command word at byte 44 of our Connect");
    assertThat(ConnectStatus.describe(ConnectStatus.INVALID_HOST, 0)).contains("let this host in");
    assertThat(ConnectStatus.describe(StatusCode.INTERNAL_ERROR.status(), 0))
        .contains("Internal Error");
  }

  @Test
  void discovery() {
    MemorySegment page = Golden.memory(DiscoveryLog.BYTES);
    DiscoveryLog log = new DiscoveryLog(page);
    log.generation(0x0102);
    log.records(3);
    log.recordFormat(4);
    Golden.assertBytes(page, "0: 02 01", "8: 03", "16: 04");
    assertThat(log.generation()).isEqualTo(0x0102);
    assertThat(log.records()).isEqualTo(3);
    assertThat(log.recordFormat()).isEqualTo(4);
  }

  @Test
  void discoveryEntry() {
    MemorySegment page = Golden.memory(DiscoveryEntry.BYTES);
    DiscoveryEntry entry = new DiscoveryEntry(page);
    entry.transport(DiscoveryEntry.TCP);
    entry.addressFamily(DiscoveryEntry.IPV6);
    entry.subtype(DiscoveryEntry.CURRENT);
    entry.requirements(5);
    entry.portId(0x0102);
    entry.controllerId(0xffff);
    entry.adminEntries(32);
    entry.flags(2);
    entry.subsystem("nqn.s");
    entry.security(2);
    Golden.assertBytes(
        page, "0: 03 02 03 05 02 01 ff ff 20 00 02", "256: 6e 71 6e 2e 73", "768: 02");
    assertThat(entry.controllerId()).isEqualTo(0xffff);
    assertThat(entry.adminEntries()).isEqualTo(32);
    assertThat(DiscoveryEntry.addressFamilyName(entry.addressFamily())).isEqualTo("ipv6");
    assertThat(DiscoveryEntry.subtypeName(entry.subtype()))
        .isEqualTo("current discovery subsystem");
    assertThat(DiscoveryEntry.requirementsName(entry.requirements()))
        .isEqualTo("required, sq flow control disable supported");
    assertThat(DiscoveryEntry.flagsName(entry.flags())).isEqualTo("explicit discovery connections");
    assertThat(DiscoveryEntry.securityName(entry.security())).isEqualTo("tls13");
    entry.clear();
    entry.service("4420");
    entry.address("::1");
    assertThat(entry.service()).isEqualTo("4420");
    assertThat(entry.address()).isEqualTo("::1");
  }

  @Test
  void identifyFabrics() {
    MemorySegment page = Golden.memory(IdentifyController.BYTES);
    IdentifyFabrics fabrics = new IdentifyFabrics(page);
    fabrics.commandQuiesceMillis(500);
    fabrics.commandCapsuleBytes(16384 + 64);
    fabrics.responseCapsuleBytes(16);
    fabrics.dataOffset(16);
    fabrics.descriptors(1);
    fabrics.offered(IdentifyFabrics.OFCS_DISCONNECT);
    new IdentifyController(page).ctratt(IdentifyFabrics.CTRATT_TRAFFIC_KEEPS_ALIVE);
    Golden.assertBytes(
        page, "96: 40", "386: f4 01", "1792: 04 04 00 00 01 00 00 00 01 00 00 01 01 00");
    assertThat(fabrics.commandQuiesceMillis()).isEqualTo(500);
    assertThat(fabrics.commandCapsuleBytes()).isEqualTo(16448);
    assertThat(fabrics.responseCapsuleBytes()).isEqualTo(16);
    assertThat(fabrics.dataOffset()).isEqualTo(16);
    assertThat(fabrics.descriptors()).isEqualTo(1);
    assertThat(fabrics.offers(IdentifyFabrics.OFCS_DISCONNECT)).isTrue();
    assertThat(fabrics.trafficKeepsAlive()).isTrue();
  }
}
