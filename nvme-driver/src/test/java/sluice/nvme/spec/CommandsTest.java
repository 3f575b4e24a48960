package sluice.nvme.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CommandsTest {
  @Test
  void queueCommands() {
    assertThat(QueueCommand.cdw10(3, 1024)).isEqualTo(0x03ff0003);
    assertThat(QueueCommand.qid(0x03ff0003)).isEqualTo(3);
    assertThat(QueueCommand.entries(0x03ff0003)).isEqualTo(1024);
    assertThat(QueueCommand.entries(0xffff0001)).isEqualTo(65536);
    assertThat(QueueCommand.completionCdw11(false, 0)).isEqualTo(1);
    assertThat(QueueCommand.completionCdw11(true, 5)).isEqualTo(0x00050003);
    assertThat(QueueCommand.vector(0x00050003)).isEqualTo(5);
    assertThat(QueueCommand.submissionCdw11(7)).isEqualTo(0x00070001);
    assertThat(QueueCommand.cqid(0x00070001)).isEqualTo(7);
  }

  @Test
  void ioCommands() {
    assertThat(IoCommand.cdw12(1, 0)).isZero();
    assertThat(IoCommand.cdw12(65536, IoCommand.FUA)).isEqualTo(0x4000ffff);
    assertThat(IoCommand.cdw12(8, IoCommand.DEALLOCATE)).isEqualTo(0x02000007);
    assertThat(IoCommand.blocks(0x4000ffff)).isEqualTo(65536);
    assertThat(IoCommand.prinfo(0x3c000000)).isEqualTo(15);
    assertThat(IoCommand.LIMITED_RETRY).isEqualTo(0x80000000);
  }

  @Test
  void identify() {
    assertThat(IdentifyCns.cns(0x00050013)).isEqualTo(IdentifyCns.CONTROLLERS);
    assertThat(IdentifyCns.cntid(0x00050013)).isEqualTo(5);
  }

  @Test
  void features() {
    assertThat(Feature.getCdw10(Feature.NUMBER_OF_QUEUES, Feature.SELECT_CAPABILITIES))
        .isEqualTo(0x307);
    assertThat(Feature.fid(0x307)).isEqualTo(7);
    assertThat(Feature.select(0x307)).isEqualTo(3);
    assertThat(Feature.setCdw10(Feature.VOLATILE_WRITE_CACHE, true)).isEqualTo(0x80000006);
    assertThat(Feature.setCdw10(Feature.VOLATILE_WRITE_CACHE, false)).isEqualTo(6);
    assertThat(Feature.numberOfQueues(64, 32)).isEqualTo(0x001f003f);
    assertThat(Feature.submissionQueues(0x001f003f)).isEqualTo(64);
    assertThat(Feature.completionQueues(0x001f003f)).isEqualTo(32);
    assertThat(Feature.temperatureThreshold(343, 15, true)).isEqualTo(0x001f0157);
    assertThat(Feature.tmpth(0x001f0157)).isEqualTo(343);
    assertThat(Feature.tmpsel(0x001f0157)).isEqualTo(15);
    assertThat(Feature.thsel(0x001f0157)).isEqualTo(1);
    assertThat(Feature.name(6)).isEqualTo("Volatile Write Cache");
    assertThat(Feature.name(0xc0)).isEqualTo("feature 0xc0");
    assertThatThrownBy(() -> Feature.getCdw10(256, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void asyncEvents() {
    int event = AsyncEvent.of(AsyncEvent.TYPE_SMART, AsyncEvent.SMART_TEMPERATURE, LogPage.SMART);
    assertThat(event).isEqualTo(0x00020101);
    assertThat(AsyncEvent.type(event)).isEqualTo(1);
    assertThat(AsyncEvent.information(event)).isEqualTo(1);
    assertThat(AsyncEvent.logPage(event)).isEqualTo(2);
    assertThat(AsyncEvent.format(event)).isEqualTo("health: temperature threshold");
    assertThat(AsyncEvent.format(0x00010100)).isEqualTo("error: invalid doorbell write value");
    assertThat(AsyncEvent.format(0x00040002)).isEqualTo("notice: namespace attribute changed");
    assertThat(AsyncEvent.format(0xffffffff)).isEqualTo("vendor's event 255");
    assertThat(AsyncEvent.format(0x00000304)).isEqualTo("event 3 of the reserved type 4");
  }

  @Test
  void opcodeNames() {
    assertThat(AdminOpcode.name(0)).isEqualTo("Delete I/O Submission Queue");
    assertThat(AdminOpcode.name(0x7c)).isEqualTo("Doorbell Buffer Config");
    assertThat(AdminOpcode.name(0x3f)).isEqualTo("admin command 0x3f");
    assertThat(IoOpcode.name(0)).isEqualTo("Flush");
    assertThat(IoOpcode.name(8)).isEqualTo("Write Zeroes");
    assertThat(IoOpcode.name(0xc0)).isEqualTo("I/O command 0xc0");
  }
}
